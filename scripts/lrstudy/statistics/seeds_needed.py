"""How many seeds a study needs so that it seldom chooses wrong."""

import numpy as np

from lrstudy.evidence.resampling import resampled_means

FEW_SEEDS = (1, 3, 5, 10, 30)  # sizes of the small studies whose choice is judged


def seeds_needed(losses: np.ndarray, rules: dict) -> dict:
    """Return, for each number in `FEW_SEEDS`, how likely a study of so many seeds goes wrong.

    Such a study is a draw of that many of the seeds, each with its split, with replacement; it picks the rate with the
    lowest mean. It goes wrong where that rate's mean over all seeds, taken as the truth, is over epsilon
    above the best. None for numbers beyond that of the seeds, and for a single seed or rate.
    """
    rates, seeds = losses.shape
    truth = losses.mean(axis=1)
    wrong = truth > (1 + rules["epsilon"]) * truth.min()
    shares = {}
    for size in FEW_SEEDS:
        known = rates > 1 and 1 < seeds >= size
        picked = resampled_means(losses, rules["resamples"], size).argmin(axis=1) if known else None
        shares[str(size)] = wrong[picked].mean() if known else None
    return shares
