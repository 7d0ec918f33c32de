"""At which learning rates training is stable. Sets of rates are arrays of ascending row numbers."""

import numpy as np

from lrstudy.evidence.good_range import run_around
from lrstudy.evidence.resampling import wilson


def stability(rates: np.ndarray, failed: np.ndarray, chosen: int, rules: dict) -> dict:
    """Return what `answer.KEYS` says of the stable range, and between which rates it ends.

    `failed` (rates, seeds) says which seeds failed; a rate is stable where at most the failure limit of them did.
    """
    seeds, limit = failed.shape[1], rules["failure_limit"]
    lower, upper = wilson(failed.sum(axis=1), seeds, rules["confidence"])
    stable = run_around(chosen, failed.mean(axis=1) <= limit)
    shown = run_around(chosen, upper <= limit)[-1] if upper[chosen] <= limit else None
    unstable = np.flatnonzero((lower > limit) & (np.arange(len(rates)) > chosen))
    return {
        "stable_range": rates[[stable[0], stable[-1]]],
        "stable_decades": np.log10(rates[stable[-1]] / rates[stable[0]]),
        "largest_stable": rates[stable[-1]],
        "largest_stable_interval": [
            None if shown is None else rates[shown],
            rates[unstable[0]] if unstable.size else None,
        ],
    }
