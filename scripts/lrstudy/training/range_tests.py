"""Smith's range test: one short training with a learning rate that grows at each step."""

import numpy as np

from lrstudy.training.engine import Block, Engine
from lrstudy.training.steps import steps_of

STEPS = 100  # what fastai's `lr_find` takes


def growing_rates(lowest: float, highest: float) -> np.ndarray:
    """Return the learning rate of each step of a range test: each the same multiple of the one before."""
    return np.geomspace(lowest, highest, STEPS)


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
