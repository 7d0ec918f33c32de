"""How the best learning rate grows with the batch size."""

import numpy as np

from lrstudy.evidence.grids import tables
from lrstudy.evidence.resampling import interval, resampled_means
from lrstudy.evidence.trainings import Training


def batch_scaling(groups: dict[str, list[Training]], resamples: int, confidence: float) -> dict:
    """Return the exponent α in best rate ∝ batch size^α, with its bootstrap interval.

    α is the least-squares slope of log best rate on log batch size. The best rate of a batch size is the
    vertex of the parabola, in log rate, through the lowest mean loss and its two neighbours. A batch size
    whose lowest loss is at the edge of the grid has no such rate and is left out, in each resample anew;
    fewer than three batch sizes give no exponent. `linear` (α = 1: Goyal et al. 2017, "Accurate, large
    minibatch SGD") and `square_root` (α = ½: Krizhevsky 2014, "One weird trick for parallelizing
    convolutional neural networks") say whether the interval holds the rule's exponent; `resamples_without`
    is the share of resamples that give none.
    """
    batches = np.array([float(label) for label in groups])
    observed, replicates = [], []
    for group in groups.values():
        rates, losses = tables(group)
        observed.append(_vertex(rates, losses.mean(axis=1)[None])[0])
        replicates.append(_vertex(rates, resampled_means(losses, resamples)))
    alpha = _slope(np.log10(batches), np.array(observed)[None])[0]
    slopes = _slope(np.log10(batches), np.stack(replicates, axis=1))
    slopes = slopes[np.isfinite(slopes)]
    several = losses.shape[1] > 1 and np.isfinite(alpha) and slopes.size > 0
    low, high = interval(slopes, confidence) if several else (None, None)
    return {
        "alpha": alpha,
        "interval": [low, high] if several else None,
        "linear": bool(low <= 1 <= high) if several else None,
        "square_root": bool(low <= 0.5 <= high) if several else None,
        "best_rates": [[int(batch), 10**rate] for batch, rate in zip(batches, observed, strict=True)],
        "resamples_without": float(1 - len(slopes) / resamples),
    }


def _vertex(rates: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Return log10 of the best rate for each row of `losses` (rows, rates); NaN where it is at the edge."""
    if len(rates) < 3:
        return np.full(len(losses), np.nan)
    logs = np.log10(rates)
    best = losses.argmin(axis=1)
    inside = np.clip(best, 1, len(rates) - 2)
    rows = np.arange(len(losses))
    left, right = logs[inside] - logs[inside - 1], logs[inside] - logs[inside + 1]
    with_left = losses[rows, inside] - losses[rows, inside + 1]
    with_right = losses[rows, inside] - losses[rows, inside - 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = (left**2 * with_left - right**2 * with_right) / (left * with_left - right * with_right) / 2
    vertex = logs[inside] - np.where(np.isfinite(shift), shift, 0)  # three equal losses have no vertex
    return np.where(best == inside, vertex, np.nan)


def _slope(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the least-squares slope on `x` of each row of `y` (rows, points) with three points or more.

    NaN in `y` is a point left out; NaN is the slope of too few.
    """
    known = np.isfinite(y)
    number = known.sum(axis=1)
    weights = known / np.maximum(number, 1)[:, None]
    spread = x - (weights @ x)[:, None]
    values = np.where(known, y, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (weights * spread * values).sum(axis=1) / (weights * spread**2).sum(axis=1)
    return np.where(number >= 3, slope, np.nan)
