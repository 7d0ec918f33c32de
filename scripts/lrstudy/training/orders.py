"""The order in which each seed reads the training rows, drawn anew each epoch."""

from collections.abc import Iterator

import numpy as np


def orders(seeds: np.ndarray, rows: int) -> Iterator[np.ndarray]:
    """Yield, epoch after epoch, uniformly random row orders, int32 of shape (rows, seeds).

    Each seed has a counter-based generator (Philox) of its own, keyed by the seed, and every epoch takes the same
    number of words from it: the order depends on seed and epoch alone. Rows are sorted by random keys whose lowest
    bits are the row itself. Two keys are equal but for those with a chance of 2**-20 (32-bit keys, up to 4,096
    rows) or less (64-bit keys, 2**-33 at two thousand million rows); the earlier row then comes first.
    """
    key_type = np.uint32 if rows <= 4096 else np.uint64
    words = -(-rows * np.dtype(key_type).itemsize // 8)
    generators = [np.random.Philox(key=int(seed)) for seed in seeds]
    row = np.arange(rows, dtype=key_type)
    mask = key_type((1 << max(1, (rows - 1).bit_length())) - 1)
    drawn = np.empty((len(generators), words), np.uint64)
    keys = drawn.view(key_type)[:, :rows]
    while True:
        for place, generator in enumerate(generators):
            drawn[place] = generator.random_raw(words)
        keys &= ~mask
        keys |= row
        keys.sort(axis=1)
        keys &= mask
        yield np.ascontiguousarray(keys.T, np.int32)
