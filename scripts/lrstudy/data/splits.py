"""Which rows each seed trains on, on which it is tested, and the scale that its training rows give."""

import numpy as np

from lrstudy.data.draws import numbered
from lrstudy.data.prepared import Prepared

AT_ONCE = 2**20  # numbers that are looked at together; a longer table is split and scaled seed by seed
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
        return streams_of(self.random_state)[self.own]

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
        """Return the scale of seeds with these training rows, as `scales_of` has it; of a shared split the table's."""
        if self.own:
            return scales_of(self.table, train)
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


def streams_of(random_state: int) -> list[int]:
    """Return what initial weights are drawn from beside the seed: where all seeds share a split, and where not."""
    return [0, int(np.random.SeedSequence(random_state).generate_state(1)[0] >> 1)]


def scales_of(table: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return what each seed puts in place of a gap, subtracts and multiplies by, float32 of shape (3, features, seeds).

    `table` (rows, features + 1) may have gaps, NaN; `rows` (seeds, train) are each seed's training rows. A gap's
    value is the median, what is subtracted the mean and what is multiplied by 1 over the standard deviation of the
    feature, filled so, over the training rows: what scikit-learn's `SimpleImputer` and `StandardScaler` do. A feature
    that is the same in all training rows says nothing, and is multiplied by 0.
    """
    scale = np.zeros((3, table.shape[1] - 1, len(rows)))
    step = max(1, AT_ONCE // rows.shape[1])
    for feature, column in enumerate(table.T[:-1]):
        column = np.ascontiguousarray(column, float)
        gaps = np.isnan(column).any()
        for first in range(0, len(rows), step):
            part = slice(first, first + step)
            values = column[rows[part]]
            if gaps:
                scale[0, feature, part] = median = _median(values)
                np.copyto(values, median[:, None], where=np.isnan(values))
            origin = values[:, :1].copy()  # so that equal values have a variance of exactly 0
            values -= origin
            mean = values.mean(axis=1)
            values -= mean[:, None]
            deviation = np.sqrt(np.einsum("sr,sr->s", values, values) / values.shape[1])
            scale[1, feature, part] = mean + origin[:, 0]
            scale[2, feature, part] = np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > 0)
    return scale.astype(np.float32)


def _median(values: np.ndarray) -> np.ndarray:
    """Return the median of each line of `values`, without its NaN; 0 for a line of nothing else."""
    ascending = np.sort(values, axis=1)
    count = np.count_nonzero(~np.isnan(values), axis=1)
    lines = np.arange(len(values))
    middle = (ascending[lines, (count - 1) // 2] + ascending[lines, count // 2]) / 2
    return np.where(count > 0, middle, 0)
