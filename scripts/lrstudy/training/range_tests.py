"""Smith's range test: one short training with a learning rate that grows at each step."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lrstudy.data.splits import Splits
from lrstudy.training.engine import Block, Engine, lanes
from lrstudy.training.program import Program

STEPS = 100  # what fastai's `lr_find` takes


def growing_rates(lowest: float, highest: float) -> np.ndarray:
    """Return the learning rate of each step of a range test: each the same multiple of the one before."""
    return np.geomspace(lowest, highest, STEPS)


def stepping(definitions: dict, splits: Splits, *, seeds: int, batch_size: int) -> Engine:
    """Return an engine whose epochs are single steps of `batch_size` rows, tested on a row: nobody asks for it.

    `definitions` has the config's `network`, `optimizer` and `initializer`.
    """
    shape = {**splits.shape, "test_rows": 1}
    program = Program(**definitions, **shape, lanes=lanes(seeds, shape["train_rows"]), read=batch_size)
    with tempfile.TemporaryDirectory() as folder:
        program.save(Path(folder) / "program.zip")
        return Engine(Path(folder) / "program.zip", splits)


def losses(engine: Engine, rates: np.ndarray, *, seeds: int, batch_size: int) -> np.ndarray:
    """Return the batch's loss before each step of a range test, float32 of shape (seeds, steps).

    Smith, L. N. (2017), "Cyclical learning rates for training neural networks".
    """
    found = np.empty((seeds, len(rates)), np.float32)
    for first in range(0, seeds, engine.lanes):
        part = found[first : first + engine.lanes]
        block = Block(engine, *[np.arange(first, first + len(part))] * 3)
        for step, (rate, order) in enumerate(zip(rates, steps_of(block, batch_size), strict=False)):
            block.advance(order, batch_size, rate)
            part[:, step] = block.row[0, : len(part)]
    return found


def steps_of(block: Block, batch_size: int) -> Iterator[np.ndarray]:
    """Yield the rows of each whole batch, epoch after epoch, int32 of shape (batch_size, lanes)."""
    for order in block.orders():
        for first in range(0, len(order) - batch_size + 1, batch_size):
            yield order[first : first + batch_size]
