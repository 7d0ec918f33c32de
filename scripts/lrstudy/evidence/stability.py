"""At which learning rates training is stable. Sets of rates are arrays of ascending row numbers."""

import numpy as np

from lrstudy.evidence.resampling import wilson


def stable_rates(losses: np.ndarray, failed: np.ndarray, seeds: int, rules: dict) -> np.ndarray:
    """Return the rows of the stable range; none where no rate is stable.

    A rate is stable where the upper bound of Wilson's interval on its share of `failed` seeds (rates,) is at
    most the failure limit. The range is the contiguous run of them that holds the lowest loss of any.
    """
    _, upper = wilson(failed, seeds, rules["confidence"])
    return run_around_best(losses.mean(axis=1), upper <= rules["failure_limit"])


def run_around_best(losses: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Return the unbroken run of `allowed` rows around the one with the lowest loss."""
    if not allowed.any():
        return np.array([], int)
    best = np.where(allowed, losses, np.inf).argmin()
    blocked = np.flatnonzero(~allowed)
    first = blocked[blocked < best].max(initial=-1) + 1
    last = blocked[blocked > best].min(initial=len(allowed))
    return np.arange(first, last)


def stability(rates: np.ndarray, failed: np.ndarray, stable: np.ndarray, seeds: int, rules: dict) -> dict:
    """Return what `KEYS` says of the stable range, its width, its end and the interval of that."""
    lower, _ = wilson(failed, seeds, rules["confidence"])
    highest = stable[-1]
    unstable = np.flatnonzero((lower > rules["failure_limit"]) & (np.arange(len(rates)) > highest))
    return {
        "stable_range": rates[[stable[0], highest]],
        "stable_decades": np.log10(rates[highest] / rates[stable[0]]),
        "largest_stable": rates[highest],
        "largest_stable_interval": [rates[highest], rates[unstable[0]] if unstable.size else None],
    }
