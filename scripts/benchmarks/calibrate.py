"""Where the truth is known, how often is the answer right? docs/calibration.csv, and in docs/method.md.

Tables are drawn anew from populations that are known (or so large that a table is a small sample of them). Each is
studied as the product does, with 100 seeds that have splits of their own, and what the answer says is held
against the loss of the same trained models on fresh rows of the population.
"""

import argparse
import itertools
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import calibration_figure
import numpy as np
from scipy.special import entr
from scipy.stats import binom

from lrstudy import io
from lrstudy.data import standin
from lrstudy.data.prepared import Prepared
from lrstudy.data.splits import Splits
from lrstudy.figures import style
from lrstudy.statistics import answer as answers
from lrstudy.statistics import good_range, resampling
from lrstudy.statistics.trainings import Training, capped, initial
from lrstudy.training import engine, xla

ROOT = Path(__file__).resolve().parents[2]
SEEDS, EPOCHS, BATCH, TEST_SIZE = 100, 10, 16, 0.3
FRESH = 200_000  # rows that tell the truth, dealt out to the seeds
OPTIONS: dict[str, Any] = {
    "confidence": 0.95,
    "failure_limit": 0.05,
    "epsilon": 0.1,
    "resamples": 1000,
    "target_loss": None,
}
MARKS = ("<!-- calibration -->", "<!-- end of calibration -->")
DEFINITIONS: dict = {
    "network": {"hidden": []},
    "optimizer": {"class": "SGD"},
    "initializer": {"class": "GlorotUniform"},
}


@dataclass(frozen=True)
class Population:
    """Where tables come from: `draw(generator, rows)` returns a table and fresh rows of it, features then class."""

    classes: int
    rates: np.ndarray
    draw: Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]


def _standin(generator: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw from the mixtures of the banknotes' stand-in."""
    parameters = json.loads((ROOT / "config/standin/banknote.json").read_text())
    classes = list(parameters["classes"].values())
    return _mixture(generator, rows, classes), _mixture(generator, FRESH, classes)


def _mixture(generator: np.random.Generator, rows: int, classes: list[dict]) -> np.ndarray:
    shares = np.array([mixture["rows"] for mixture in classes], float)
    target = generator.choice(len(classes), rows, p=shares / shares.sum())
    features = np.empty((rows, len(classes[0]["means"][0])))
    for label, mixture in enumerate(classes):
        here = target == label
        features[here] = standin.mixed({**mixture, "rows": int(here.sum())}, generator)
    return np.column_stack([features, target])


def _three_noisy(generator: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw three overlapping classes with four features, two more of noise, and a tenth of the labels at random."""
    means = np.array([[0, 0, 0, 0], [1.5, 1, 0, -1], [0, 2, 1.5, 0.5]])
    drawn = []
    for number in (rows, FRESH):
        target = generator.choice(3, number, p=[0.5, 0.3, 0.2])
        features = generator.standard_normal((number, 6))
        features[:, :4] += means[target]
        wrong = generator.random(number) < 0.1
        drawn.append(np.column_stack([features, np.where(wrong, generator.integers(3, size=number), target)]))
    return drawn[0], drawn[1]


def _insurance(generator: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw, without putting back, from the 20,190 person-years of the RAND Health Insurance Experiment.

    Who saw a doctor at all? statsmodels brings the table. The rows not drawn are the fresh ones.
    """
    from statsmodels.datasets import randhie

    table = randhie.load_pandas().data.to_numpy(float)
    table = np.column_stack([table[:, 1:], table[:, 0] > 0])
    order = generator.permutation(len(table))
    return table[order[:rows]], table[order[rows:]]


def _grid(first: float, last: float) -> np.ndarray:
    return np.geomspace(first, last, round(4 * np.log10(last / first)) + 1)


POPULATIONS = {
    "standin": Population(2, _grid(0.1, 100), _standin),
    "three": Population(3, _grid(0.003162, 3.162), _three_noisy),
    "insurance": Population(2, _grid(0.003162, 3.162), _insurance),
}
SIZES = {"standin": (1372, 300, 100), "three": (1000, 300, 100), "insurance": (1000, 300, 100)}


@dataclass(frozen=True)
class Study:
    """A study of one table, and what its models are worth on fresh rows.

    `trainings` hold the start and the last two epochs alone; `losses`, capped as the study's, and `accuracies` are
    those on fresh rows, (rates, seeds) both; `guessing` has the reference values of guessing, see
    `baselines.reference_values`.
    """

    trainings: list[Training]
    losses: np.ndarray
    accuracies: np.ndarray
    guessing: dict


def studies(population: Population, rows: int, tables: int, seeds: int = SEEDS) -> Iterator[Study]:
    """Yield the studies of tables drawn anew, all trained by one compiled program."""
    from lrstudy.training.program import Program

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.zip"
        for number in range(tables):
            table, fresh = population.draw(np.random.default_rng([20_260_301, rows, number]), rows)
            splits = Splits(_prepared(table, fresh, population.classes, number), "each")
            if not path.exists():
                shape = splits.shape
                Program(**DEFINITIONS, **shape, batch_size=BATCH).save(path, seeds)
            yield _study(engine.Engine(path, splits), population, fresh, seeds)


def _prepared(table: np.ndarray, fresh: np.ndarray, classes: int, number: int) -> Prepared:
    """Return a table scaled as the product scales it; the fresh rows are scaled in place as it was."""
    mean, spread = table[:, :-1].mean(axis=0), table[:, :-1].std(axis=0)
    for part in (table, fresh):
        part[:, :-1] = (part[:, :-1] - mean) / np.where(spread > 0, spread, 1)
    names = [str(place) for place in range(table.shape[1] - 1)]
    test_rows = int(np.ceil(len(table) * TEST_SIZE))  # rows come in random order: the first are as good as any
    is_train = np.arange(len(table)) >= test_rows
    labels = [str(label) for label in range(classes)]
    return Prepared(names, labels, table.astype(np.float32), is_train, "all", number, False)


def _trained(trainer: engine.Engine, seeds: np.ndarray, rate: float) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the rows of seeds' histories before training and after its last two epochs, and their last weights."""
    curves, kernels, biases = [], [], []
    for first in range(0, len(seeds), trainer.seeds):
        ours = seeds[first : first + trainer.seeds]
        block = engine.Block(trainer, ours, ours, ours)
        rows = [block.row]
        for epoch, order in enumerate(itertools.islice(block.orders(), EPOCHS), 1):
            block.advance(order, np.full(trainer.steps, rate, np.float32))
            if epoch > EPOCHS - 2:
                rows.append(block.row)
        curves.append(np.stack(rows, axis=1)[: len(ours)])
        for values, into in zip(block.values, (kernels, biases), strict=False):
            into.append(xla.to_host(values)[: len(ours)])
    return np.concatenate(curves), [np.concatenate(kernels), np.concatenate(biases)]


def _study(trainer: engine.Engine, population: Population, fresh: np.ndarray, seeds: int) -> Study:
    each = np.arange(seeds)
    # Each seed has fresh rows of its own, so that all of them tell the mean's truth for the price of one seed's.
    dealt = np.arange(FRESH // seeds) + each[:, None] * (FRESH // seeds)
    fresh = np.ascontiguousarray(fresh[dealt % len(fresh)].transpose(2, 0, 1), np.float32)
    trainings, truth = [], []
    for rate in population.rates:
        curves, weights = _trained(trainer, each, rate)
        trainings.append(Training({"learning_rate": float(rate)}, *np.moveaxis(curves, 2, 0)))
        kernel, bias = (np.moveaxis(of_all, 0, -1) for of_all in weights)
        loss, accuracy = _measure(kernel, bias, fresh)
        truth.append([np.fmin(loss, initial(trainings[-1])), accuracy])
    losses, accuracies = np.array(truth).transpose(1, 0, 2)
    return Study(trainings, losses, accuracies, _guessing(trainer.splits))


def _guessing(splits: Splits) -> dict:
    shares = np.bincount(splits.table[:, -1].astype(int), minlength=splits.classes) / len(splits.table)
    return {
        "majority_share": float(shares.max()),
        "entropy": float(entr(shares).sum()),
        "train_rows": splits.shape["train_rows"],
        "test_rows": splits.shape["test_rows"],
    }


def _measure(kernel: np.ndarray, bias: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return loss and accuracy of each seed's model, kernel (features, units, seeds), on rows of its own.

    `rows` has shape (features + 1, seeds, rows). Units come first, so that nothing is summed over a short last axis.
    """
    logits = np.stack([np.einsum("fsr,fs->sr", rows[:-1], kernel[:, unit]) for unit in range(kernel.shape[1])])
    logits += bias[:, :, None]
    if len(logits) == 1:
        logits = np.concatenate([np.zeros_like(logits), logits])
    own = np.choose(rows[-1].astype(int), logits)
    best = logits.max(axis=0)
    losses = np.log(np.exp(logits - best).sum(axis=0)) + best - own
    losses = np.minimum(losses, -np.log(1e-7))  # Keras clips probabilities
    return losses.mean(axis=1, dtype=float), (own == best).mean(axis=1)


# What is held against the truth


def judge(study: Study) -> dict:
    """Return what the answer to a study says beside what is true: shares that should be 0 or 1, and the regret."""
    rows = study.trainings
    rates = np.array([training.setting["learning_rate"] for training in rows])
    answer = answers.recommend(rows, {**study.guessing, "curvature": None}, _settings(study))
    if answer["recommended"] is None:
        return {**dict.fromkeys(MEASURES), "answered": False}
    chosen, truth = int(np.flatnonzero(rates == answer["recommended"])[0]), study.losses.mean(axis=1)
    new, regret = answer["new_rows"], truth[chosen] / truth.min() - 1
    spread = capped(rows[chosen])[good_range.parts(rows[chosen].seeds)[1]]
    means = resampling.resampled_means(spread[None], OPTIONS["resamples"])[:, 0]
    plain = resampling.interval(means, OPTIONS["confidence"])
    low, high = answer["good_range"]
    return {
        "answered": True,
        "new rows": new["interval"][0] <= truth[chosen] <= new["interval"][1],
        "seeds alone": plain[0] <= truth[chosen] <= plain[1],
        "range": low <= rates[truth.argmin()] <= high,
        "regret bound": regret <= answer["regret_bound"],
        "sure": answer["sure"],
        "within 10 %": regret <= OPTIONS["epsilon"],
        "regret": regret,
        **{f"cost {cost['factor']}": _cost_covered(cost, rates, chosen, study) for cost in answer["costs"]},
    }


def _cost_covered(cost: dict, rates: np.ndarray, chosen: int, study: Study) -> bool | None:
    losses = good_range.at_rate(cost["learning_rate"], rates, study.losses)
    if cost["loss_ratio"] is None or losses is None:
        return None
    true = losses.mean() / study.losses[chosen].mean()
    return cost["loss_ratio_interval"][0] <= true <= cost["loss_ratio_interval"][1]


def _settings(study: Study) -> dict:
    fixed = {"split": "each", "network": "logistic", "optimizer": "sgd"}
    return {
        "study": "calibration",
        "vary": ["learning_rate"],
        "seeds": study.trainings[0].seeds,
        "trainings": [{**fixed, **training.setting} for training in study.trainings],
        "statistics": OPTIONS,
        "answers": True,
        "ranges": len(study.trainings) >= 8,
        "left_out": "",
        "definitions": {
            "network": {"logistic": DEFINITIONS["network"]},
            "optimizer": {"sgd": DEFINITIONS["optimizer"]},
        },
    }


MEASURES = {
    "answered": "a rate is recommended",
    "new rows": "the interval for new rows covers the true loss",
    "seeds alone": "a bootstrap over seeds alone, for comparison",
    "range": "the good range holds the truly best rate",
    "cost 0.1": "the interval of the cost of a tenth of the rate covers",
    "cost 1/3": "of a third",
    "cost 3": "of three times",
    "cost 10": "of ten times",
    "regret bound": "the regret is at most its bound",
    "within 10 %": "the rate is truly within 10 % of the best",
    "sure": "the answer's own estimate of that, `sure`",
    "median regret": "median regret of following the answer",
    "95 % regret": "95th percentile of the regret",
}


def summary(judged: list[dict]) -> list[dict]:
    """Return a row for each of `MEASURES`: its value and its own 95 % interval.

    Shares have Wilson's interval, quantiles of the regret that of order statistics, the mean of `sure` the normal one.
    """
    regrets = np.sort([each["regret"] for each in judged if each["answered"]])
    rows = []
    for name in MEASURES:
        if name.endswith(" regret"):
            share = 0.5 if name == "median regret" else 0.95
            ranks = binom.ppf([0.025, 0.975], len(regrets), share).astype(int) - [1, 0]
            value = np.quantile(regrets, share, method="inverted_cdf")
            low, high = regrets[ranks.clip(0, len(regrets) - 1)]
        else:
            found = np.array([each[name] for each in judged if each[name] is not None], float)
            value = found.mean() if found.size else np.nan
            low, high = resampling.wilson(found.sum(), max(len(found), 1), 0.95)
            if name == "sure":
                low, high = value + 1.96 * np.array([-1, 1]) * found.std() / np.sqrt(len(found))
        rows.append({"measure": name, "value": float(value), "low": float(low), "high": float(high)})
    return rows


def table(rows: list[dict]) -> str:
    """Return the rows of calibration.csv as a Markdown table: measures down, populations and sizes across."""
    columns = list(dict.fromkeys((row["population"], row["rows"], row["tables"]) for row in rows))
    lines = [
        "| | " + " | ".join(f"{calibration_figure.NAMES[name]}, {size} rows" for name, size, _ in columns) + " |",
        "| --- |" + " --- |" * len(columns),
        "| tables | " + " | ".join(str(tables) for *_, tables in columns) + " |",
    ]
    for measure, meaning in MEASURES.items():
        cells = [_cell(row) for column in columns for row in rows if _is(row, column, measure)]
        lines.append(f"| {meaning} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _is(row: dict, column: tuple, measure: str) -> bool:
    return (row["population"], row["rows"], row["tables"]) == column and row["measure"] == measure


def _cell(row: dict) -> str:
    value, low, high = (100 * float(row[name]) for name in ("value", "low", "high"))
    return f"{value:.1f} % ({low:.1f}–{high:.1f})"


def main(tables: int) -> None:
    """Calibrate every population and size, print the table, and write it with its figure."""
    rows = []
    for name, sizes in SIZES.items():
        for size in sizes:
            judged = [judge(study) for study in studies(POPULATIONS[name], size, tables)]
            rows += [{"population": name, "rows": size, "tables": tables, **row} for row in summary(judged)]
            print(
                f"{name}, {size} rows: " + ", ".join(f"{row['measure']} {_cell(row)}" for row in rows[-len(MEASURES) :])
            )
    publish(rows)


def publish(rows: list[dict]) -> None:
    """Write docs/calibration.csv, its figure, and its table between the marks of docs/method.md."""
    io.write_text(ROOT / "docs/calibration.csv", io.as_csv(rows, list(rows[0])))
    style.save(calibration_figure.draw(rows), ROOT / "docs/figures/calibration.png")
    path = ROOT / "docs/method.md"
    before, _, rest = path.read_text(encoding="utf-8").partition(MARKS[0])
    io.write_text(path, f"{before}{MARKS[0]}\n{table(rows)}\n{MARKS[1]}{rest.partition(MARKS[1])[2]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=300, help="tables of each population and size")
    main(parser.parse_args().tables)
