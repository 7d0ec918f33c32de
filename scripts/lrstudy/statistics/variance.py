"""How much of the final loss's variance comes from the split, the initial weights and the order of rows.

A crossed design trains every combination of a few splits, initial weights and orders of rows, at one learning rate.
"""

import itertools

import numpy as np

from lrstudy.statistics.resampling import RESAMPLING_SEED, interval

SPLITS, WEIGHTS, ORDERS = 20, 10, 10  # levels of each; the split, which matters most, has the most
AT_ONCE = 100  # simulated designs, 16 kB each
COMPONENTS = ("split", "weights", "order", "split:weights", "split:order", "weights:order", "split:weights:order")

# What the columns of `variance.csv` mean.
COLUMNS = {
    "learning_rate": "the recommended rate, and the lecture's 0.01",
    "component": "`split`, `weights` or `order` alone, or an interaction of them: `split:order` is what an order does "
    "on one split and not on another",
    "share": "its share of the variance of the final loss, capped as ever",
    "low": "lower bound of the share, by a parametric bootstrap at the config's confidence",
    "high": "upper bound",
}


def design() -> list[np.ndarray]:
    """Return the seeds of split, initial weights and order of each training of the design, (trainings,) each."""
    levels = (np.arange(SPLITS), np.arange(WEIGHTS), np.arange(ORDERS))
    return [grid.ravel() for grid in np.meshgrid(*levels, indexing="ij")]


def components(losses: np.ndarray) -> np.ndarray:
    """Return the variance components, in the order of `COMPONENTS`, of `losses` (..., splits, weights, orders).

    All factors are random, crossed and without replication, so that the last component is also what nothing explains.
    Each mean square is a sum of components times known numbers; solved for them, negative ones set to zero. Searle, S.
    R., Casella, G. and McCulloch, C. E. (1992), "Variance Components", chapter 4.
    """
    sizes = losses.shape[-3:]
    effects = _effects(losses)
    squares = {}
    for subset, effect in effects.items():
        freedom = np.prod([sizes[axis] - 1 for axis in subset])
        repeats = np.prod([sizes[axis] for axis in range(3) if axis not in subset])
        squares[subset] = repeats * (effect**2).sum(axis=(-3, -2, -1)) / freedom
    found = []
    for subset in effects:
        # Möbius inversion: the mean square of a subset holds the components of all its supersets.
        larger = [other for other in effects if set(subset) <= set(other)]
        total = sum((-1) ** (len(other) - len(subset)) * squares[other] for other in larger)
        repeats = np.prod([sizes[axis] for axis in range(3) if axis not in subset])
        found.append(np.maximum(total / repeats, 0))
    return np.stack(found, axis=-1)


def _effects(losses: np.ndarray) -> dict[tuple, np.ndarray]:
    """Return the means over what a subset of the axes leaves out, less those of smaller subsets, axes kept."""
    effects: dict[tuple[int, ...], np.ndarray] = {(): losses.mean(axis=(-3, -2, -1), keepdims=True)}
    for size in (1, 2, 3):
        for subset in itertools.combinations(range(3), size):
            others = tuple(axis - 3 for axis in range(3) if axis not in subset)
            smaller = sum(effect for other, effect in effects.items() if set(other) < set(subset))
            effects[subset] = losses.mean(axis=others, keepdims=True) - smaller
    del effects[()]
    return effects


def shares(losses: np.ndarray) -> np.ndarray:
    """Return each component's share of the variance, (..., 7); NaN where nothing varies."""
    found = components(losses)
    total = found.sum(axis=-1, keepdims=True)
    return np.divide(found, total, out=np.full_like(found, np.nan), where=total > 0)


def simulated(variances: np.ndarray, sizes: tuple, generator: np.random.Generator, draws: int) -> np.ndarray:
    """Return losses (draws, splits, weights, orders) whose effects are normal with these components."""
    losses = np.zeros((draws, *sizes))
    subsets = [subset for size in (1, 2, 3) for subset in itertools.combinations(range(3), size)]
    for subset, variance in zip(subsets, variances, strict=True):
        shape = [draws, *(sizes[axis] if axis in subset else 1 for axis in range(3))]
        losses += np.sqrt(variance) * generator.standard_normal(shape)
    return losses


def variance(learning_rate: float, losses: np.ndarray, options: dict) -> list[dict]:
    """Return a row of `COLUMNS` for each component of `losses` (splits, weights, orders) at a learning rate."""
    observed = shares(losses)
    if np.isnan(observed).any():
        return []
    generator = np.random.Generator(np.random.PCG64(RESAMPLING_SEED))
    estimates = components(losses)
    blocks = [min(AT_ONCE, options["resamples"] - first) for first in range(0, options["resamples"], AT_ONCE)]
    drawn = [shares(simulated(estimates, losses.shape, generator, block)) for block in blocks]
    low, high = interval(np.concatenate(drawn), options["confidence"])
    return [
        dict(zip(COLUMNS, (learning_rate, name, *map(float, numbers)), strict=True))
        for name, *numbers in zip(COMPONENTS, observed, low, high, strict=True)
    ]
