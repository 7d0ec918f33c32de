"""Where the truth is known, how often is the answer right? docs/calibration.csv, and a figure of it.

Tables are drawn anew from populations that are known (or so large that a table is a small sample of them), each is
studied as the product does, with 100 seeds that have splits of their own, and what the answer's functions say is held
against the loss of the same trained models on fresh rows of the population.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lrstudy.data import standin
from lrstudy.evidence.trainings import Training, initial
from lrstudy.training import engine, xla
from lrstudy.training.orders import orders

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
    "three": Population("three classes, noise", 3, _grid(0.001, 10), _three_noisy),
    "insurance": Population("20,190 real person-years", 2, _grid(0.001, 10), _insurance),
}
SIZES = {"standin": (1372, 300, 100), "three": (1000, 300, 100), "insurance": (1000, 300, 100)}


@dataclass(frozen=True)
class Study:
    """The trainings of one table, their start and end alone, and the loss of their models on fresh rows.

    The loss and the accuracy on fresh rows have shape (rates, seeds).
    """

    trainings: list[Training]
    fresh_losses: np.ndarray
    fresh_accuracies: np.ndarray


def studies(population: Population, rows: int, tables: int, seeds: int = SEEDS) -> Iterator[Study]:
    """Yield the studies of tables drawn anew, all with one compiled program."""
    from lrstudy.training.program import Program

    test_rows = int(np.ceil(rows * TEST_SIZE))
    table, _ = population.draw(np.random.default_rng(0), rows)
    width = table.shape[1]
    shape = {"rows": rows, "test_rows": 1, "features": width - 1, "classes": population.classes}
    lanes = engine.lanes(seeds, rows)
    program = Program(**DEFINITIONS, **shape, lanes=lanes, read=rows - test_rows)
    with tempfile.TemporaryDirectory() as folder:
        program.save(Path(folder) / "program.zip")
        for number in range(tables):
            generator = np.random.default_rng([20_260_301, rows, number])
            table, fresh = population.draw(generator, rows)
            mean, spread = table[:, :-1].mean(axis=0), table[:, :-1].std(axis=0)
            for part in (table, fresh):
                part[:, :-1] = (part[:, :-1] - mean) / np.where(spread > 0, spread, 1)
            trainer = engine.Engine(Path(folder) / "program.zip", table, table[:1])
            splits = np.argsort(generator.random((rows, lanes)), axis=0)
            block = number * 1000 + np.arange(lanes)
            yield _study(trainer, population, table, fresh, splits, test_rows, block, seeds)


def _study(trainer, population, table, fresh, splits, test_rows, block, seeds) -> Study:
    test, train = splits[:test_rows], splits[test_rows:]
    order = orders(block, len(train))
    read = [np.take_along_axis(train, next(order), axis=0).astype(np.int32) for _ in range(EPOCHS)]
    dealt = np.arange(FRESH // seeds)[:, None] + np.arange(seeds) * (FRESH // seeds)
    own, trainings, truth = table[test[:, :seeds]], [], []
    for rate in population.rates:
        values, row = trainer.begin(block)
        curves = [[*row[:2, :seeds], *_measure(*_weights(trainer, values), own)]]
        for rows in read:
            values, row = trainer.advance(values, rows, BATCH, rate)
        curves.append([*row[:2, :seeds], *_measure(*_weights(trainer, values), own)])
        trainings.append(Training({"learning_rate": float(rate)}, *np.array(curves).transpose(1, 2, 0)))
        loss, accuracy = _measure(*_weights(trainer, values), fresh[dealt % len(fresh)])
        truth.append([np.fmin(loss, initial(trainings[-1])), accuracy])
    return Study(trainings, *np.array(truth).transpose(1, 0, 2))


def _weights(trainer, values) -> tuple[np.ndarray, np.ndarray]:
    return xla.to_host(values[0]), xla.to_host(values[1])


def _measure(kernel: np.ndarray, bias: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return loss and accuracy of each seed on rows of its own, (rows, seeds, features + 1)."""
    seeds = rows.shape[1]
    kernel, bias = kernel[..., :seeds], bias[..., :seeds]
    logits = np.einsum("rsf,fus->rsu", rows[..., :-1].astype(np.float32), kernel) + bias.T
    target = rows[..., -1].astype(int)
    if logits.shape[2] == 1:
        logits = np.concatenate([np.zeros_like(logits), logits], axis=2)
    logits -= logits.max(axis=2, keepdims=True)
    own = np.take_along_axis(logits, target[..., None], axis=2)[..., 0]
    losses = np.minimum(np.log(np.exp(logits).sum(axis=2)) - own, -np.log(1e-7))  # Keras clips probabilities
    return losses.mean(axis=0), (logits.argmax(axis=2) == target).mean(axis=0)


if __name__ == "__main__":
    pass
