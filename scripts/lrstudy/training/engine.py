"""Trains all seeds of one training with a compiled program, in blocks of as many seeds as the program has lanes."""

import json

import numpy as np

from lrstudy.evidence.histories import METRICS
from lrstudy.training import xla
from lrstudy.training.orders import orders

LANES = 256  # the most seeds that run side by side; see `program.PIECE`
BYTES = 20  # memory for each training row of each lane: its place in the seed's order, drawn, sorted and handed over
MEMORY = 256 * 2**20  # bytes that the orders may take; a longer table has fewer lanes, and more blocks of seeds


def lanes(seeds: int, rows: int) -> int:
    """Return how many lanes a program for `seeds` seeds and `rows` training rows has.

    A multiple of 16, whole vectors on any processor.
    """
    most = min(LANES, seeds, MEMORY // (BYTES * rows))
    return max(1, -(-most // 16)) * 16


class Engine:
    """A training program loaded from a file, and the tables it trains on.

    `table` and `test` are float32 of shape (rows, features + 1): scaled features, then the class index. Memory
    is that of the tables, `BYTES` per row and lane (at most `MEMORY`, or 16 lanes of it), and 16 bytes of
    history per seed and epoch.
    """

    def __init__(self, path, table: np.ndarray, test: np.ndarray):
        functions, members = xla.load(path)
        facts = json.loads(members["facts"])
        self.lanes, self.weights, self.captured = facts["lanes"], facts["weights"], facts["captured"]
        self.state = xla.unpack_arrays(members["state"])
        self.start, self.epoch = functions["start"], functions["epoch"]
        self.rows = len(table)
        self.tables = [self.epoch.to_device(np.ascontiguousarray(part, np.float32)) for part in (table, test)]

    def train(self, seeds: int, *, epochs: int, batch_size: int, learning_rate: float) -> np.ndarray:
        """Return the histories of seeds 0 to `seeds` - 1, float32 of shape (seeds, epochs + 1, 4).

        A batch of more rows than the table's takes all of them, as in Keras. The first row is measured before
        training; the four values are those of `METRICS`. A seed whose loss
        is infinite or NaN goes on as it is and touches no other.
        """
        history = np.empty((seeds, epochs + 1, len(METRICS)), np.float32)
        for first in range(0, seeds, self.lanes):
            block = self.train_block(np.arange(first, first + self.lanes), epochs, batch_size, learning_rate)
            history[first : first + self.lanes] = block[: seeds - first]
        return history

    def train_block(self, seeds: np.ndarray, epochs: int, batch_size: int, learning_rate: float) -> np.ndarray:
        """Train one seed in each lane; return their histories, shape (lanes, epochs + 1, 4)."""
        values, row = self.begin(seeds)
        order = orders(seeds, self.rows)
        history = [row]
        for _ in range(epochs):
            values, row = self.advance(values, next(order), batch_size, learning_rate)
            history.append(row)
        return np.stack(history).transpose(2, 0, 1)

    def begin(self, seeds: np.ndarray) -> tuple[list, np.ndarray]:
        """Return weights and optimizer's state of one seed in each lane, and the row before training, (4, lanes)."""
        *weights, row = self.start(seeds.astype(np.int32), *self.tables)
        return [*weights, *map(self.epoch.to_device, self.state)], xla.to_host(row)

    def advance(self, values: list, order: np.ndarray, batch_size: int, learning_rate: float) -> tuple:
        """Train on the rows that `order` (rows, lanes) names; return the new values and the history's row.

        What `values` were is used up.
        """
        captured = [values[index] for index in self.captured]
        batch_size = np.int32(min(batch_size, len(order)))
        results = self.epoch(order, batch_size, np.float32(learning_rate), *self.tables, *captured)
        return results[: len(values)], xla.to_host(results[len(values)])
