"""How sure a mean over seeds is on rows that nobody has seen.

Seeds do not make a table larger. Each seed has a split of its own, but all splits share the table's rows, so the
losses of two seeds are correlated and their mean is less sure than a bootstrap over seeds says. Nadeau and Bengio
(2003), "Inference for the generalization error", Machine Learning 52, 239–281, correct for it: the variance of the mean
over J splits with n₁ training and n₂ test rows is (1/J + n₂/n₁) s², with s² the variance over the splits.

`test_train_ratio` is that n₂/n₁ throughout, and 0 where all seeds have one split: results then hold on it alone.
The answer's s² is over losses of the last two epochs (`grids.steadied`), because the order's noise is not the rows'.
Everything is on a logarithmic scale, on which a loss cannot become negative: the relative deviation of a seed,
loss / mean − 1, is its influence on the logarithm of the mean (the delta method).
"""

import numpy as np

from lrstudy.statistics.resampling import BLOCK, RESAMPLING_SEED

LARGEST = 300.0  # of two seeds a draw's logarithm may be anything; beyond this its exponential would not be a number


def test_train_ratio(reference: dict, settings: dict) -> float:
    """Return the number of test rows over that of training rows, or 0 where all seeds have one split."""
    own = settings["trainings"][0]["split"] == "each"
    return reference["test_rows"] / reference["train_rows"] if own else 0.0


def quantile(seeds: int, confidence: float) -> float:
    """Return the quantile of Student's t distribution that a two-sided interval of so many seeds takes."""
    from scipy.special import stdtrit  # here, for most jobs that import this module need no SciPy

    return float(stdtrit(seeds - 1, (1 + confidence) / 2))


def deviations(losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean over the last axis, kept as an axis, and each seed's relative deviation from it."""
    means = np.maximum(losses.mean(axis=-1, keepdims=True), np.finfo(float).tiny)
    return means, losses / means - 1


def error(values: np.ndarray, test_train_ratio: float) -> np.ndarray:
    """Return the corrected standard error of the mean of `values` (..., seeds) over their last axis."""
    return np.sqrt((1 / values.shape[-1] + test_train_ratio) * values.var(axis=-1, ddof=1))


def mean_interval(values: np.ndarray, test_train_ratio: float, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds of the mean of `values` (..., seeds)."""
    margin = quantile(values.shape[-1], confidence) * error(values, test_train_ratio)
    return values.mean(axis=-1) - margin, values.mean(axis=-1) + margin


def loss_interval(losses: np.ndarray, test_train_ratio: float, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds of the mean of positive `losses` (..., seeds)."""
    means, away = deviations(losses)
    factor = np.exp(quantile(losses.shape[-1], confidence) * error(away, test_train_ratio))
    return means[..., 0] / factor, means[..., 0] * factor


def ratio_interval(
    losses: np.ndarray, others: np.ndarray, test_train_ratio: float, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds of the mean of `losses` (..., seeds) as a multiple of that of `others`, paired by seed."""
    (means, away), (least, beside) = deviations(losses), deviations(others)
    factor = np.exp(quantile(losses.shape[-1], confidence) * error(away - beside, test_train_ratio))
    ratio = (means / least)[..., 0]
    return ratio / factor, ratio * factor


def drawn_means(losses: np.ndarray, test_train_ratio: float, draws: int) -> np.ndarray:
    """Return means of `losses` (..., seeds) as other rows and seeds might have given them, (draws, ...).

    A multiplier bootstrap: each draw weights the seeds' deviations with normal numbers, scaled to the corrected
    variance, so that what is paired by seed stays paired; divided by the root of a chi-squared number over its degrees
    of freedom, as in Student's t, because few seeds hardly know that variance. Every call with as many seeds has the
    same weights. Wu, C. F. J. (1986), "Jackknife, bootstrap and other resampling methods in regression analysis",
    Annals of Statistics 14.
    """
    means, away = deviations(losses)
    seeds = losses.shape[-1]
    freedom = max(seeds - 1, 1)
    generator = np.random.Generator(np.random.PCG64(RESAMPLING_SEED))
    scale = np.sqrt((1 / seeds + test_train_ratio) / generator.chisquare(freedom, (draws, 1)))
    block = max(1, BLOCK // seeds)
    shifts = [
        generator.standard_normal((min(block, draws - start), seeds)) @ away.reshape(-1, seeds).T
        for start in range(0, draws, block)
    ]
    moved = np.clip(scale * np.concatenate(shifts), -LARGEST, LARGEST)
    return np.exp(moved).reshape(draws, *losses.shape[:-1]) * means[..., 0]
