"""The order in which each seed reads the training rows, drawn anew each epoch."""

from collections.abc import Iterator

import numpy as np


def orders(seeds: np.ndarray, rows: int) -> Iterator[np.ndarray]:
    """Yield, epoch after epoch, uniformly random row orders, int32 of shape (rows, seeds).

    Each seed has a counter-based generator (Philox) of its own, keyed by the seed: epoch `e` takes its numbers
    from place `e × rows` on, so the order depends on seed and epoch alone. Rows are sorted by random 64-bit
    keys whose lowest bits are the row itself; equal keys, which would favour the earlier row, have a chance of
    under 2**-30 in a table of a million rows.
    """
    generators = [np.random.Philox(key=int(seed)) for seed in seeds]
    row = np.arange(rows, dtype=np.uint64)
    mask = np.uint64((1 << max(1, rows - 1).bit_length()) - 1)
    while True:
        keys = np.stack([generator.random_raw(rows) for generator in generators])
        keys &= ~mask
        keys |= row
        keys.sort(axis=1)
        keys &= mask
        yield np.ascontiguousarray(keys.T.astype(np.int32))
