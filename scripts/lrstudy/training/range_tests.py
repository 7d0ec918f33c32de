"""Smith's range test: one short training with a learning rate that grows at each step."""

import numpy as np
import pyarrow as pa

from lrstudy.data import parquet
from lrstudy.training import xla
from lrstudy.training.engine import Block, Engine

STEPS = 100  # what fastai's `lr_find` takes


def growing_rates(lowest: float, highest: float) -> np.ndarray:
    """Return the learning rate of each step of a range test: each the same multiple of the one before."""
    return np.geomspace(lowest, highest, STEPS)


def losses(engine: Engine, rates: np.ndarray, *, seeds: int) -> np.ndarray:
    """Return the batch's loss before each step of a range test, float32 of shape (seeds, steps).

    The steps are Keras's batches, epoch after epoch, the last smaller one of an epoch among them. Smith, L. N. (2017),
    "Cyclical learning rates for training neural networks".
    """
    found = np.empty((seeds, len(rates)), np.float32)
    epochs = -(-len(rates) // engine.steps)
    padded = np.pad(rates, (0, epochs * engine.steps - len(rates)), "edge").astype(np.float32)
    for begin in range(0, seeds, engine.seeds):
        part = found[begin : begin + engine.seeds]
        block = Block(engine, *[np.arange(begin, begin + len(part))] * 3)
        met = []
        for of_epoch, order in zip(padded.reshape(epochs, engine.steps), block.orders(), strict=False):
            block.advance(order, of_epoch)
            met.append(xla.to_host(block.losses))
        part[:] = np.concatenate(met, axis=1)[: len(part), : len(rates)]
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
