"""Trains all seeds of one training with a compiled program, in blocks of as many as train at once."""

import json
import os
from collections.abc import Iterator

import numpy as np

from lrstudy.data.draws import keys, orders
from lrstudy.data.splits import Splits
from lrstudy.labels import METRICS
from lrstudy.training import xla


class Engine:
    """A training program loaded from a file, and the splits of the table that it trains on.

    `random` says whether layers of the network draw random numbers, as dropout does. Memory is that of the table, that
    of one block of seeds, and 16 bytes of history per seed and epoch.
    """

    def __init__(self, path: str | os.PathLike, splits: Splits):
        functions, members = xla.load(path)
        facts = json.loads(members["facts"])
        self.seeds, self.steps, self.rescaled = facts["seeds"], facts["steps"], facts["rescaled"]
        self.variables, self.streams, self.random = facts["variables"], facts["streams"], facts["random"]
        if facts["small"]:
            xla.multiply_small_matrices()
        self.kept = xla.unpack_arrays(members["kept"])
        self.start, self.epoch = functions["start"], functions["epoch"]
        self.splits = splits
        self.table = self.epoch.to_device(splits.table)

    def train(self, seeds: int, *, epochs: int, learning_rate: float) -> np.ndarray:
        """Return the histories of seeds 0 to `seeds` - 1, float32 of shape (seeds, epochs + 1, 4).

        The first row is measured before training; the four values are those of `METRICS`. A seed whose loss is infinite
        or NaN goes on as it is and touches no other.
        """
        each = np.arange(seeds)
        return self.train_crossed(each, each, each, epochs=epochs, learning_rate=learning_rate)

    def train_crossed(
        self, splits: np.ndarray, weights: np.ndarray, orders: np.ndarray, *, epochs: int, learning_rate: float
    ) -> np.ndarray:
        """Return the histories of trainings whose split, initial weights and row order are those of three seeds.

        The three are whole numbers of one length, n; the histories float32 of shape (n, epochs + 1, 4), as `train`
        has them. A training with three times the same seed is that seed's. Dropout masks go with the order.
        """
        seeds = np.stack([splits, weights, orders])
        history = np.empty((seeds.shape[1], epochs + 1, len(METRICS)), np.float32)
        rates = np.full(self.steps, learning_rate, np.float32)
        for first in range(0, seeds.shape[1], self.seeds):
            part = history[first : first + self.seeds]
            block = Block(self, *seeds[:, first : first + self.seeds])
            part[:, 0] = block.row[: len(part)]
            for epoch, order in zip(range(1, epochs + 1), block.orders(), strict=False):
                block.advance(order, rates)
                part[:, epoch] = block.row[: len(part)]
        return history


class Block:
    """As many seeds in training as the program trains at once; where there are fewer, the last trains once more.

    `row` (seeds, 4) is the last of their histories' rows, `losses` (seeds, steps) the loss of each batch of the last
    epoch before its step, `values` their weights, the layers' other state and the optimizer's.
    """

    def __init__(self, engine: Engine, splits: np.ndarray, weights: np.ndarray, orders: np.ndarray):
        splits, weights, self.order_seeds = (
            np.pad(seeds, (0, engine.seeds - len(seeds)), "edge") for seeds in (splits, weights, orders)
        )
        self.engine = engine
        stream = engine.splits.weight_stream
        self.train_rows, test = engine.splits.of(splits)
        self.test = [self._each(test)]
        scale = []
        if engine.rescaled:
            ours = np.moveaxis(engine.splits.scale(self.train_rows), 2, 0)
            scale = [engine.epoch.to_device(np.broadcast_to(ours, (engine.seeds, *ours.shape[1:])))]
        rows = self._each(np.concatenate([self.train_rows, test], axis=1))
        kept = [values[engine.streams.index(stream), weights] for values in engine.kept]
        count = sum(engine.variables[:2])
        drawn_from = keys(stream, weights, count), keys(stream, self.order_seeds, count)
        *self.values, row = engine.start(*drawn_from, engine.table, rows, *scale, *kept)
        self.test += scale
        self.row = xla.to_host(row)

    def _each(self, rows: np.ndarray) -> xla.Array:
        """Return row numbers (seeds or 1, rows) as programs read them: (seeds, rows)."""
        return self.engine.epoch.to_device(np.broadcast_to(rows.astype(np.int32), (self.engine.seeds, rows.shape[1])))

    def orders(self) -> Iterator[np.ndarray]:
        """Yield, epoch after epoch, the order in which each seed reads its training rows, (seeds, rows)."""
        return orders(self.engine.splits.keys(self.order_seeds), self.train_rows)

    def advance(self, order: np.ndarray, rates: np.ndarray) -> None:
        """Train one epoch on the rows that `order` (seeds, train_rows) names, at `rates` (steps,)."""
        *self.values, row, losses = self.engine.epoch(order, rates, self.engine.table, *self.test, *self.values)
        self.row, self.losses = xla.to_host(row), losses
