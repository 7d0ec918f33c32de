"""Centres, spreads and shares of seeds, and how sure these are: the bootstrap, and Wilson's interval."""

import functools
from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

RESAMPLING_SEED = 20_240_229  # of every bootstrap, so that the same histories give the same intervals

BLOCK = 1_000_000  # counts of a bootstrap held at once, 8 bytes each


def wilson(count: float | np.ndarray, seeds: int, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds of Wilson's score interval for a share of `count` among `seeds`; arrays broadcast.

    With p = count / n and z the normal quantile: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n).
    Wilson, E. B. (1927), Journal of the American Statistical Association 22, 209–212.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    count = np.asarray(count, float)
    share = count / seeds
    centre = share + z**2 / (2 * seeds)
    margin = z * np.sqrt(share * (1 - share) / seeds + z**2 / (4 * seeds**2))
    low, high = (centre - margin) / (1 + z**2 / seeds), (centre + margin) / (1 + z**2 / seeds)
    # Rounding leaves 1e-18 where the formula says 0.
    return np.where(count == 0, 0.0, low), np.where(count == seeds, 1.0, high)


def resample(seeds: int, resamples: int, size: int | None = None) -> Iterator[np.ndarray]:
    """Yield how often each seed is drawn in each bootstrap resample, in blocks of shape (some, seeds), float.

    A resample draws `size` seeds (as many as there are, if None) with replacement. Every call gives the same
    resamples, so that what is paired by seed stays paired across the trainings of a study. In blocks, because
    all at once would be too much memory for many seeds; a block may be the one given before, and is not to be
    written to. Efron, B. (1979), Annals of Statistics 7, 1–26.
    """
    if seeds * resamples <= BLOCK:
        yield _only_block(seeds, resamples, size or seeds)
    else:
        yield from _blocks(seeds, resamples, size or seeds)


@functools.lru_cache(maxsize=2)  # a table of a hundred trainings asks for the same a hundred times
def _only_block(seeds: int, resamples: int, size: int) -> np.ndarray:
    (block,) = _blocks(seeds, resamples, size)
    block.flags.writeable = False
    return block


def _blocks(seeds: int, resamples: int, size: int) -> Iterator[np.ndarray]:
    generator = np.random.Generator(np.random.PCG64(RESAMPLING_SEED))
    block = max(1, BLOCK // seeds)
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        drawn = generator.integers(seeds, size=(rows, size)) + np.arange(rows)[:, None] * seeds
        yield np.bincount(drawn.ravel(), minlength=rows * seeds).reshape(rows, seeds).astype(float)


def resampled_means(values: np.ndarray, resamples: int, size: int | None = None) -> np.ndarray:
    """Return the mean of each row of `values` (trainings, seeds) in each resample, (resamples, trainings)."""
    seeds = values.shape[1]
    blocks = resample(seeds, resamples, size)
    return np.concatenate([counts @ values.T for counts in blocks]) / (size or seeds)


def trimmed_mean(values: np.ndarray, cut: int, counts: np.ndarray) -> np.ndarray:
    """Return the mean of ascending `values` (seeds,) without the `cut` lowest and highest, for each row of `counts`.

    With n seeds, a cut of n // 4 is the interquartile mean as Agarwal et al. (2021), "Deep reinforcement
    learning at the edge of the statistical precipice", compute it; (n − 1) // 2 is the median. Infinite
    values are welcome as long as they are cut.
    """
    seeds = len(values)
    kept = counts
    if cut:
        upto = np.cumsum(counts, axis=1)
        upto.clip(cut, seeds - cut, out=upto)
        kept = np.diff(upto, axis=1, prepend=cut)
    # 0 × inf is NaN, so what is cut must not be multiplied at all.
    where = True if np.isfinite(values[-1]) else kept > 0
    products = np.multiply(kept, values, out=np.zeros_like(kept), where=where)
    return products.sum(axis=1) / (seeds - 2 * cut)


def centre(values: np.ndarray, cut: int) -> float:
    """Return the mean of `values` (seeds,) without the `cut` lowest and highest (see `trimmed_mean`)."""
    return float(np.sort(values)[cut : len(values) - cut].mean())


def interval(replicates: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the percentile-bootstrap bounds over the first axis of `replicates`.

    The bounds are replicates themselves, not values between two of them, so that infinite ones do no harm.
    """
    tail = (1 - confidence) / 2
    low, high = np.quantile(replicates, [tail, 1 - tail], axis=0, method="inverted_cdf")
    return low, high


def improvement(first: np.ndarray, second: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the probability that a run of `first` ends with a lower loss than a run of `second`.

    Over all pairs of runs, ties counting half: the Mann–Whitney statistic divided by the number of pairs, as
    Agarwal et al. (2021) define the probability of improvement. Both arrays have shape (seeds,); there is one
    probability for each row of `counts` (resamples, seeds); a row of ones is the sample itself.
    """
    seeds = len(first)
    order = np.argsort(second)
    upto = np.cumsum(np.pad(counts[:, order], [(0, 0), (1, 0)]), axis=1)
    below, not_above = (np.searchsorted(second[order], first, side) for side in ("left", "right"))
    better = seeds - (upto[:, below] + upto[:, not_above]) / 2
    return (counts * better).sum(axis=1) / seeds**2
