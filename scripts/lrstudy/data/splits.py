"""Which rows each seed trains on, and on which it is tested."""

import numpy as np

from lrstudy.data import scales
from lrstudy.data.draws import numbered
from lrstudy.data.prepared import Prepared

AT_ONCE = 2**20  # random numbers that are drawn and compared together; a longer table is split seed by seed
SPLIT = 1 << 127  # what a split is drawn from is not what an order of rows is drawn from


class Splits:
    """The split of each seed, as row numbers of `table`.

    `kind` is `one` where all seeds share the split that `prepared.parquet` shows, which is `train_test_split`'s own
    for `split.random_state`. It is `each` where that is the split of seed 0 alone, and every other seed's is drawn
    from the pair of `random_state` and seed, as many rows as seed 0's, of each class where the dataset says `stratify`.
    Then the pair also decides initial weights and the order of rows, so that studies which differ in `random_state`
    have nothing in common but the table; with `one` the seed alone decides those.
    """

    def __init__(self, data: Prepared, kind: str):
        self.own = kind == "each"
        order = slice(None) if self.own else np.argsort(~data.is_train, kind="stable")  # training rows first
        self.table = (data.with_gaps if self.own else data.rows)[order]
        self.is_train = data.is_train[order]
        self.classes, self.fit_on, self.random_state = len(data.classes), data.fit_on, data.random_state
        target = data.rows[:, -1]
        self.groups: list[np.ndarray | slice] = [np.flatnonzero(target == label) for label in range(self.classes)]
        if not data.stratify:
            self.groups = [slice(None)]

    @property
    def shape(self) -> dict:
        """What a program is compiled for: its table's rows, those that each seed reads, and what they hold."""
        train_rows = int(np.count_nonzero(self.is_train))
        rows, columns = self.table.shape
        return {
            "rows": rows,
            "train_rows": train_rows,
            "test_rows": rows - train_rows,
            "features": columns - 1,
            "classes": self.classes,
            "rescaled": self.fit_on == "train",
        }

    def keys(self, seeds: np.ndarray) -> list[int]:
        """Return what each seed's orders are drawn from: 128 bits, the key of a Philox generator."""
        stream = self.random_state + 1 if self.own else 0
        return [stream << 64 | int(seed) for seed in seeds]

    @property
    def weight_stream(self) -> int:
        """What initial weights are drawn from beside the seed: an int32 without a sign."""
        return int(np.random.SeedSequence(self.random_state).generate_state(1)[0] >> 1) if self.own else 0

    def of(self, seeds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows of training and of test, ascending, uint32 of shapes (seeds, train) and (seeds, test).

        A seed's rows do not depend on the other seeds. Where all share one split the first axis has length 1.
        """
        seeds, whose = np.unique(seeds if self.own else [0], return_inverse=True)
        shape = self.shape
        train = np.empty((len(seeds), shape["train_rows"]), np.uint32)
        test = np.empty((len(seeds), shape["test_rows"]), np.uint32)
        step = max(1, AT_ONCE // len(self.is_train))
        for first in range(0, len(seeds), step):
            part = slice(first, first + step)
            is_test = self._draw(seeds[part])
            places = np.broadcast_to(np.arange(is_test.shape[1], dtype=np.uint32), is_test.shape)
            for rows, chosen in ((train, ~is_test), (test, is_test)):
                rows[part] = places[chosen].reshape(len(chosen), -1)
        return train[whose], test[whose]

    def scale(self, train: np.ndarray) -> np.ndarray:
        """Return the scale of seeds with these training rows, as `scales.of` has it; of a shared split the table's."""
        if self.own:
            return scales.of(self.table, train)
        return np.repeat([[[0.0]], [[0.0]], [[1.0]]], self.table.shape[1] - 1, axis=1).astype(np.float32)

    def _draw(self, seeds: np.ndarray) -> np.ndarray:
        """Return which rows are each seed's test rows, bool of shape (seeds, rows).

        Of each group the rows with the smallest random numbers are chosen, as many as seed 0 tests on.
        """
        rows = np.arange(len(self.is_train))
        numbers, _ = next(numbered([key | SPLIT for key in self.keys(seeds)], rows))
        is_test = np.zeros(numbers.shape, bool)
        for group in self.groups:
            if count := np.count_nonzero(~self.is_train[group]):
                ours = numbers[:, group]
                is_test[:, group] = ours <= np.partition(ours, count - 1, axis=1)[:, count - 1 : count]
        is_test[seeds == 0] = ~self.is_train
        return is_test
