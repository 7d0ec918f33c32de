"""How the best learning rate grows with the batch size."""

import numpy as np

from lrstudy.statistics.grids import tables
from lrstudy.statistics.new_rows import drawn_means
from lrstudy.statistics.resampling import interval
from lrstudy.statistics.trainings import Training, initial


def batch_scaling(groups: dict[str, list[Training]], train_rows: int, test_train_ratio: float, options: dict) -> dict:
    """Return the exponent α in best rate ∝ batch size^α, at equal epochs and, under `equal_steps`, at equal steps.

    After equal epochs a large batch has taken fewer steps, which a larger rate makes good; after equal steps it has
    seen more rows. The two exponents answer different questions. See `exponent` for what both hold; `equal_steps` also
    has the number of `steps`, and is None where fewer than three batch sizes were watched after as many. The interval
    is over seeds and, where `test_train_ratio` is not 0, over rows (see `new_rows`).
    """
    epochs = exponent({label: tables(group) for label, group in groups.items()}, test_train_ratio, options)
    steps = most_common_steps({label: (int(label), group[0].epochs) for label, group in groups.items()}, train_rows)
    there = {
        label: (tables(group)[0], losses_after(group, int(label), steps, train_rows))
        for label, group in groups.items()
        if _watched(int(label), group[0].epochs, steps, train_rows)
    }
    equal_steps = {"steps": steps, **exponent(there, test_train_ratio, options)} if len(there) >= 3 else None
    return {**epochs, "equal_steps": equal_steps}


def _steps(batch: int, train_rows: int) -> int:
    """Return the steps of an epoch; its last batch may be smaller."""
    return -(-train_rows // batch)


def _watched(batch: int, epochs: int, steps: int, train_rows: int) -> bool:
    each = _steps(batch, train_rows)
    return each <= steps <= each * epochs


def most_common_steps(batches: dict[str, tuple[int, int]], train_rows: int) -> int:
    """Return the number of steps after which the most batch sizes were watched, the larger of equally common ones.

    `batches` holds (batch size, epochs). Between its first epoch and its last, a training was watched.
    """
    ends = {_steps(batch, train_rows) * epochs for batch, epochs in batches.values()}
    return max(ends, key=lambda end: (sum(_watched(*each, end, train_rows) for each in batches.values()), end))


def losses_after(group: list[Training], batch: int, steps: int, train_rows: int) -> np.ndarray:
    """Return capped losses (rates, seeds) after so many steps, linear in the steps between two epochs."""
    epoch = steps / _steps(batch, train_rows)
    before, share = int(epoch), epoch - int(epoch)
    found = []
    for training in group:
        curve = np.where(np.isnan(training.val_loss), np.inf, training.val_loss.astype(float))
        curve = np.minimum(curve, initial(training)[:, None])
        found.append(curve[:, before] + (share * (curve[:, before + 1] - curve[:, before]) if share else 0))
    return np.stack(found)


def exponent(measured: dict[str, tuple[np.ndarray, np.ndarray]], test_train_ratio: float, options: dict) -> dict:
    """Return α from rates (rates,) and losses (rates, seeds) by batch size, its interval, and what it says.

    α is the least-squares slope of log best rate on log batch size. The best rate of a batch size is the
    vertex of the parabola, in log rate, through the lowest mean loss and its two neighbours. A batch size
    whose lowest loss is at the edge of the grid has no such rate and is left out, in each resample anew;
    fewer than three batch sizes give no exponent. `linear` (α = 1: Goyal et al. 2017, "Accurate, large
    minibatch SGD") and `square_root` (α = ½: Krizhevsky 2014, "One weird trick for parallelizing
    convolutional neural networks") say whether the interval holds the rule's exponent; `resamples_without`
    is the share of resamples that give none.
    """
    batches = np.array([float(label) for label in measured])
    observed, replicates = [], []
    for rates, losses in measured.values():
        observed.append(_vertex(rates, losses.mean(axis=1)[None])[0])
        replicates.append(_vertex(rates, drawn_means(losses, test_train_ratio, options["resamples"])))
    alpha = _slope(np.log10(batches), np.array(observed)[None])[0]
    slopes = _slope(np.log10(batches), np.stack(replicates, axis=1))
    slopes = slopes[np.isfinite(slopes)]
    several = losses.shape[1] > 1 and np.isfinite(alpha) and slopes.size > 0
    bounds = interval(slopes, options["confidence"]) if several else None
    return {
        "alpha": alpha,
        "interval": list(bounds) if bounds else None,
        "linear": bool(bounds[0] <= 1 <= bounds[1]) if bounds else None,
        "square_root": bool(bounds[0] <= 0.5 <= bounds[1]) if bounds else None,
        "best_rates": [[int(batch), 10**rate] for batch, rate in zip(batches, observed, strict=True)],
        "resamples_without": float(1 - len(slopes) / options["resamples"]),
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
