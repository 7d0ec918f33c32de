"""Trainings that are looked at step by step, each step an epoch of one batch."""

import tempfile
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import numpy as np

from lrstudy.training import xla
from lrstudy.training.engine import Engine, lanes
from lrstudy.training.orders import orders
from lrstudy.training.program import Program


def stepping(
    definitions: dict, train: np.ndarray, test: np.ndarray, *, classes: int, seeds: int, batch_size: int
) -> Engine:
    """Return an engine whose epochs are single steps of `batch_size` rows.

    `definitions` has the config's `network`, `optimizer` and `initializer`; tables are as `Engine` wants them.
    """
    shape = {"rows": len(train), "test_rows": len(test), "features": train.shape[1] - 1, "classes": classes}
    program = Program(**definitions, **shape, lanes=lanes(seeds, len(train)), read=batch_size)
    with tempfile.TemporaryDirectory() as folder:
        program.save(Path(folder) / "program.zip")
        return Engine(Path(folder) / "program.zip", train, test)


def steps_of(seeds: np.ndarray, rows: int, batch_size: int) -> Iterator[np.ndarray]:
    """Yield the rows of each whole batch, epoch after epoch, int32 of shape (batch_size, seeds)."""
    for order in orders(seeds, rows):
        for first in range(0, rows - batch_size + 1, batch_size):
            yield order[first : first + batch_size]


def path(engine: Engine, learning_rate: float, *, steps: int, batch_size: int) -> np.ndarray:
    """Return the weights of seed 0 before and after each step: kernel, then bias, shape (steps + 1, weights)."""
    block = np.arange(engine.lanes)
    values, _ = engine.begin(block)
    weights = [_weights(engine, values)]
    batches = steps_of(block, engine.rows, batch_size)
    if batch_size == engine.rows:  # the same rows at every step, whose order plays no part
        batches = repeat(next(batches))
    for _, order in zip(range(steps), batches, strict=False):
        values, _ = engine.advance(values, order, batch_size, learning_rate)
        weights.append(_weights(engine, values))
    return np.array(weights)


def _weights(engine: Engine, values: list) -> np.ndarray:
    return np.concatenate([xla.to_host(value)[..., 0].ravel() for value in values[: engine.weights]])
