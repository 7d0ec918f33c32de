"""Random numbers for rows, from a generator of each seed's own, and the order of rows that they give.

What a seed draws does not depend on which other seeds draw beside it.
"""

from collections.abc import Iterable, Iterator

import numpy as np


def numbered(keys: list[int], rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.unsignedinteger]]:
    """Yield, again and again, a random number for each row and key, and the mask of its lowest bits, the row itself.

    `keys` are those of counter-based generators (Philox), 128 bits each, which all take the same number of words each
    time: a number depends on its key, on its place and on how often one was drawn before. `rows` has shape (rows,), or
    (keys, rows) where each key has rows of its own; the numbers, shape (keys, rows), are overwritten by the next.
    Two numbers are equal but for those lowest bits with a chance of 2**-20 (32-bit numbers, up to 4,096 rows) or
    less (64-bit numbers, 2**-33 at two thousand million rows).
    """
    last = int(rows.max())
    kind: type[np.unsignedinteger] = np.uint32 if last < 4096 else np.uint64
    words = -(-rows.shape[-1] * np.dtype(kind).itemsize // 8)
    generators = [np.random.Philox(key=key) for key in keys]
    mask = kind((1 << max(1, last.bit_length())) - 1)
    drawn = np.empty((len(generators), words), np.uint64)
    numbers: np.ndarray = drawn.view(kind)[:, : rows.shape[-1]]
    rows = rows.astype(np.uint32, copy=False)
    while True:
        for place, generator in enumerate(generators):
            drawn[place] = generator.random_raw(words)
        numbers &= ~mask
        numbers |= rows
        yield numbers, mask


def orders(keys: list[int], rows: np.ndarray) -> Iterator[np.ndarray]:
    """Yield, epoch after epoch, the rows in a uniformly random order, int32 of shape (keys, rows).

    `rows` are ascending row numbers, of shape (rows,), or (keys, rows) where each key has rows of its own. Rows are
    sorted by the random numbers of `numbered`, equal ones by the row: the order of places depends on the key and the
    epoch alone, not on which rows stand there.
    """
    for numbers, mask in numbered(keys, rows):
        numbers.sort(axis=1)
        numbers &= mask
        yield numbers.astype(np.int32)


def keys(stream: int, seeds: Iterable[int], count: int) -> np.ndarray:
    """Return the keys of each seed's own generators of a stream, uint32 of shape (seeds, count, 2)."""
    words = [np.random.SeedSequence([stream, int(seed)]).generate_state(2 * count) for seed in seeds]
    return np.array(words, np.uint32).reshape(len(words), count, 2)
