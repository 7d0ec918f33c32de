"""Where the truth is known, how often is the answer right? docs/calibration.csv, and a figure of it.

Tables are drawn anew from populations that are known (or so large that a table is a small sample of them), each is
studied as the product does, with 100 seeds that have splits of their own, and what the answer's functions say is held
against the loss of the same trained models on fresh rows of the population.
"""

import itertools
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lrstudy.data import standin
from lrstudy.data.prepared import Prepared
from lrstudy.data.splits import Splits
from lrstudy.evidence.trainings import Training, initial
from lrstudy.training import engine, xla

ROOT = Path(__file__).resolve().parents[2]
SEEDS, EPOCHS, BATCH, TEST_SIZE = 100, 10, 16, 0.3
FRESH = 200_000  # rows that tell the truth, dealt out to the seeds
RULES = {"confidence": 0.95, "failure_limit": 0.05, "epsilon": 0.1, "resamples": 2000}
DEFINITIONS = {"network": {"hidden": []}, "optimizer": {"class": "SGD"}, "initializer": {"class": "GlorotUniform"}}


@dataclass(frozen=True)
class Population:
    """Where tables come from: `draw(generator, rows)` returns a table and fresh rows of it, features then class."""

    title: str
    classes: int
    rates: np.ndarray
    draw: Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]


def _standin(generator: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw from the mixtures of the banknotes' stand-in."""
    parameters = json.loads((ROOT / "config/standin/banknote.json").read_text())
    return tuple(_mixture(generator, number, list(parameters["classes"].values())) for number in (rows, FRESH))


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
    return tuple(drawn)


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
    "standin": Population("two classes, the stand-in's mixtures", 2, _grid(0.1, 100), _standin),
    "three": Population("three classes, noise", 3, _grid(0.003162, 3.162), _three_noisy),
    "insurance": Population("20,190 real person-years", 2, _grid(0.003162, 3.162), _insurance),
}
SIZES = {"standin": (1372, 300, 100), "three": (1000, 300, 100), "insurance": (1000, 300, 100)}


@dataclass(frozen=True)
class Study:
    """A study of one table, and what its models are worth on fresh rows.

    `trainings` hold the start and the end of each training alone; `losses`, capped as the study's, and `accuracies`
    are those on fresh rows, (rates, seeds) both.
    """

    trainings: list[Training]
    losses: np.ndarray
    accuracies: np.ndarray


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
                Program(**DEFINITIONS, **shape, lanes=engine.lanes(seeds, shape["train_rows"])).save(path)
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


def _study(trainer: engine.Engine, population: Population, fresh: np.ndarray, seeds: int) -> Study:
    each = np.arange(seeds)
    orders = list(itertools.islice(engine.Block(trainer, each, each, each).orders(), EPOCHS))
    # Each seed has fresh rows of its own, so that all of them tell the mean's truth for the price of one seed's.
    dealt = np.arange(FRESH // seeds) + each[:, None] * (FRESH // seeds)
    fresh = np.ascontiguousarray(fresh[dealt % len(fresh)].transpose(2, 0, 1), np.float32)
    trainings, truth = [], []
    for rate in population.rates:
        block = engine.Block(trainer, each, each, each)
        curves = [block.row]
        for order in orders:
            block.advance(order, BATCH, rate)
        curves.append(block.row)
        curves = np.stack(curves)[:, :, :seeds].transpose(1, 2, 0)
        trainings.append(Training({"learning_rate": float(rate)}, *curves))
        weights = [xla.to_host(value)[..., :seeds] for value in block.values[:2]]
        loss, accuracy = _measure(*weights, fresh)
        truth.append([np.fmin(loss, initial(trainings[-1])), accuracy])
    return Study(trainings, *np.array(truth).transpose(1, 0, 2))


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
