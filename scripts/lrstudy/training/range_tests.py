"""Smith's range test: one short training with a learning rate that grows at each step."""

import numpy as np
import pyarrow as pa

from lrstudy.data import parquet
from lrstudy.training.engine import Block, Engine

STEPS = 100  # what fastai's `lr_find` takes


def growing_rates(lowest: float, highest: float) -> np.ndarray:
    """Return the learning rate of each step of a range test: each the same multiple of the one before."""
    return np.geomspace(lowest, highest, STEPS)


def losses(engine: Engine, rates: np.ndarray, *, seeds: int, batch_size: int) -> np.ndarray:
    """Return the batch's loss before each step of a range test, float32 of shape (seeds, steps).

    The steps are of whole batches, epoch after epoch. A batch of more rows than the table's takes all of them.
    Smith, L. N. (2017), "Cyclical learning rates for training neural networks".
    """
    found = np.empty((seeds, len(rates)), np.float32)
    for begin in range(0, seeds, engine.lanes):
        part = found[begin : begin + engine.lanes]
        block = Block(engine, *[np.arange(begin, begin + len(part))] * 3)
        rows = block.train_rows.shape[-1]
        size = min(batch_size, rows)
        firsts = range(0, rows - size + 1, size)
        batches = ((order, first) for order in map(engine.epoch.to_device, block.orders()) for first in firsts)
        for step, (rate, (order, first)) in enumerate(zip(rates, batches, strict=False)):
            block.advance(order, size, rate, first, first + size)
            part[:, step] = block.row[0, : len(part)]
    return found


def to_table(rates: np.ndarray, losses: np.ndarray) -> pa.Table:
    """Return losses of shape (seeds, steps) at `rates` (steps,) as a table with a row per seed and step."""
    seeds, steps = losses.shape
    columns = {
        "seed": np.repeat(np.arange(seeds, dtype=np.int32), steps),
        "step": np.tile(np.arange(steps, dtype=np.int32), seeds),
        "learning_rate": np.tile(rates, seeds),
        "loss": losses.ravel(),
    }
    return parquet.table(columns)
