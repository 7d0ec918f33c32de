"""Which learning rates are as good as the best, and the choice among them."""

import numpy as np

from lrstudy.evidence.stability import run_around_best


def plateau_rates(losses: np.ndarray, stable: np.ndarray, epsilon: float) -> np.ndarray:
    """Return the rows within `stable` that are as good as the best of them.

    As good means: the mean over seeds of the paired difference to the best is at most one standard error of
    that mean, or at most `epsilon` times the best's mean loss if that is more. With many seeds the standard
    error goes to zero; epsilon is the difference that would not matter even if it were certain.
    """
    means = losses.mean(axis=1)
    best = stable[means[stable].argmin()]
    differences = losses - losses[best]
    error = differences.std(axis=1, ddof=1) / np.sqrt(losses.shape[1])
    near = differences.mean(axis=1) <= np.maximum(error, epsilon * means[best])
    return run_around_best(means, near & np.isin(np.arange(len(means)), stable))


def nearest_centre(rates: np.ndarray, plateau: np.ndarray) -> int:
    """Return the row in `plateau` whose log rate is nearest that of the centre √(lowest × highest)."""
    logs = np.log10(rates[plateau])
    distances = np.abs(logs - (logs[0] + logs[-1]) / 2)
    return int(plateau[np.flatnonzero(distances <= distances.min() + 1e-9)[0]])
