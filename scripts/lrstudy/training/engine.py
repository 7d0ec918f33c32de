"""Trains all seeds of one training with a compiled program, in blocks of as many seeds as the program has lanes."""

import json
import os
from collections.abc import Iterator

import numpy as np

from lrstudy.data.draws import orders
from lrstudy.data.splits import Splits
from lrstudy.statistics.histories import METRICS
from lrstudy.training import xla

LANES = 256  # the most seeds that run side by side; see `program.PIECE`
BYTES = 28  # memory for each training row of each lane: the row, its place in the order, drawn, sorted and handed over
MEMORY = 256 * 2**20  # bytes that the orders may take; a longer table has fewer lanes, and more blocks of seeds


def lanes(seeds: int, rows: int) -> int:
    """Return how many lanes a program for `seeds` seeds and `rows` training rows has.

    A multiple of 16, whole vectors on any processor.
    """
    most = min(LANES, seeds, MEMORY // (BYTES * rows))
    return max(1, -(-most // 16)) * 16


class Engine:
    """A training program loaded from a file, and the splits of the table that it trains on.

    Memory is that of the table, `BYTES` per training row and lane (at most `MEMORY`, or 16 lanes of it), and 16 bytes
    of history per seed and epoch.
    """

    def __init__(self, path: str | os.PathLike, splits: Splits):
        functions, members = xla.load(path)
        facts = json.loads(members["facts"])
        self.lanes, self.weights, self.captured = facts["lanes"], facts["weights"], facts["captured"]
        self.rescaled, self.test_rows = facts["rescaled"], facts["test_rows"]
        self.state = xla.unpack_arrays(members["state"])
        self.start, self.epoch = functions["start"], functions["epoch"]
        self.splits = splits
        self.table = self.epoch.to_device(splits.table)

    def train(self, seeds: int, *, epochs: int, batch_size: int, learning_rate: float) -> np.ndarray:
        """Return the histories of seeds 0 to `seeds` - 1, float32 of shape (seeds, epochs + 1, 4).

        A batch of more rows than the table's takes all of them, as in Keras. The first row is measured before
        training; the four values are those of `METRICS`. A seed whose loss
        is infinite or NaN goes on as it is and touches no other.
        """
        each = np.arange(seeds)
        return self.train_crossed(each, each, each, epochs=epochs, batch_size=batch_size, learning_rate=learning_rate)

    def train_crossed(
        self, splits: np.ndarray, weights: np.ndarray, orders: np.ndarray, *,
        epochs: int, batch_size: int, learning_rate: float,
    ) -> np.ndarray:  # fmt: skip
        """Return the histories of trainings whose split, initial weights and row order are those of three seeds.

        The three are whole numbers of one length, n; the histories float32 of shape (n, epochs + 1, 4), as `train`
        has them. A training with three times the same seed is that seed's.
        """
        seeds = np.stack([splits, weights, orders])
        history = np.empty((seeds.shape[1], epochs + 1, len(METRICS)), np.float32)
        for first in range(0, seeds.shape[1], self.lanes):
            part = history[first : first + self.lanes]
            block = Block(self, *seeds[:, first : first + self.lanes])
            part[:, 0] = block.row.T[: len(part)]
            for epoch, order in zip(range(1, epochs + 1), block.orders(), strict=False):
                block.advance(order, batch_size, learning_rate)
                part[:, epoch] = block.row.T[: len(part)]
        return history


class Block:
    """As many seeds in training as the program has lanes, one in each; lanes that stay free train the last once more.

    `row` (4, lanes) is the last of their histories' rows, `values` their weights and the optimizer's state.
    """

    def __init__(self, engine: Engine, splits: np.ndarray, weights: np.ndarray, orders: np.ndarray):
        splits, weights, self.order_seeds = (
            np.pad(seeds, (0, engine.lanes - len(seeds)), "edge") for seeds in (splits, weights, orders)
        )
        self.engine = engine
        self.train_rows, test = engine.splits.of(splits)
        self.test = [self._by_lane(test[:, : engine.test_rows])]
        if engine.rescaled:
            scale = engine.splits.scale(self.train_rows)
            self.test.append(engine.epoch.to_device(np.broadcast_to(scale, (*scale.shape[:2], engine.lanes))))
        seeds = weights.astype(np.int32), np.int32(engine.splits.weight_stream)
        *initial, row = engine.start(*seeds, engine.table, self._by_lane(self.train_rows), *self.test)
        self.values = [*initial, *map(engine.epoch.to_device, engine.state)]
        self.row = xla.to_host(row)

    def _by_lane(self, rows: np.ndarray) -> xla.Array:
        """Return row numbers (lanes or 1, rows) as programs read them: (rows, lanes)."""
        rows = rows.astype(np.int32).T
        return self.engine.epoch.to_device(np.broadcast_to(rows, (len(rows), self.engine.lanes)))

    def orders(self) -> Iterator[np.ndarray]:
        """Yield, epoch after epoch, the order in which each lane reads its training rows, (rows, lanes)."""
        return orders(self.engine.splits.keys(self.order_seeds), self.train_rows)

    def advance(
        self, order: np.ndarray | xla.Array, batch_size: int, learning_rate: float, first: int = 0,
        last: int | None = None,
    ) -> None:  # fmt: skip
        """Train on the rows that `order` (train_rows, lanes) names, or on those of the places `first` to `last`."""
        engine, rows = self.engine, self.train_rows.shape[-1]
        captured = [self.values[index] for index in engine.captured]
        places = np.int32(first), np.int32(rows if last is None else last)
        numbers = *places, np.int32(min(batch_size, rows)), np.float32(learning_rate)
        results = engine.epoch(order, *numbers, engine.table, *self.test, *captured)
        self.values, self.row = results[: len(self.values)], xla.to_host(results[len(self.values)])
