"""Trainings that are looked at step by step, each step an epoch of one batch."""

import tempfile
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import numpy as np

from lrstudy.data.splits import Splits
from lrstudy.training import xla
from lrstudy.training.engine import Block, Engine, lanes
from lrstudy.training.program import Program


def stepping(definitions: dict, splits: Splits, *, seeds: int, batch_size: int) -> Engine:
    """Return an engine whose epochs are single steps of `batch_size` rows, tested on a row: nobody asks for it.

    `definitions` has the config's `network`, `optimizer` and `initializer`.
    """
    shape = {**splits.shape, "test_rows": 1}
    program = Program(**definitions, **shape, lanes=lanes(seeds, shape["train_rows"]), read=batch_size)
    with tempfile.TemporaryDirectory() as folder:
        program.save(Path(folder) / "program.zip")
        return Engine(Path(folder) / "program.zip", splits)


def steps_of(block: Block, batch_size: int) -> Iterator[np.ndarray]:
    """Yield the rows of each whole batch, epoch after epoch, int32 of shape (batch_size, lanes)."""
    for order in block.orders():
        for first in range(0, len(order) - batch_size + 1, batch_size):
            yield order[first : first + batch_size]


def path(engine: Engine, learning_rate: float, *, steps: int, batch_size: int) -> np.ndarray:
    """Return the weights of seed 0 before and after each step: kernel, then bias, shape (steps + 1, weights)."""
    block = Block(engine, *[np.zeros(1, int)] * 3)
    weights = [_weights(block)]
    batches = steps_of(block, batch_size)
    if batch_size == engine.splits.shape["train_rows"]:  # the same rows at every step, whose order plays no part
        batches = repeat(next(batches))
    for _, order in zip(range(steps), batches, strict=False):
        block.advance(order, batch_size, learning_rate)
        weights.append(_weights(block))
    return np.array(weights)


def _weights(block: Block) -> np.ndarray:
    return np.concatenate([xla.to_host(value)[..., 0].ravel() for value in block.values[: block.engine.weights]])
