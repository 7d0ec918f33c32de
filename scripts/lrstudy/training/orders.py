"""The order in which each seed reads its training rows, drawn anew each epoch."""

from collections.abc import Iterator

import numpy as np

from lrstudy.data.draws import numbered


def orders(keys: list[int], rows: np.ndarray) -> Iterator[np.ndarray]:
    """Yield, epoch after epoch, the rows in a uniformly random order, int32 of shape (rows, keys).

    `rows` are ascending row numbers, of shape (rows,), or (keys, rows) where each key has rows of its own. Rows are
    sorted by the random numbers of `numbered`, equal ones by the row: the order of places depends on the key and the
    epoch alone, not on which rows stand there.
    """
    for numbers, mask in numbered(keys, rows):
        numbers.sort(axis=1)
        numbers &= mask
        yield np.ascontiguousarray(numbers.T, np.int32)
