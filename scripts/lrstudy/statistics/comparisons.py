"""Every pair of optimizers, batch sizes or whatever else a study varies beside the rate, compared seed by seed."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from lrstudy.io import jsonable
from lrstudy.statistics import good_range, new_rows, resampling
from lrstudy.statistics.grids import by_other_settings, tables
from lrstudy.statistics.outcomes import failures
from lrstudy.statistics.trainings import Training, capped

# What the columns of `comparisons.csv` mean.
COLUMNS = {
    "first": "one value of what the study varies beside the learning rate",
    "second": "the other value",
    "rates": "`own_best`: each at the rate that the answer recommends for it, chosen on two of three seeds and "
    "compared on the third (where every rate fails too often, at that of the lowest mean loss); `same`: both at the "
    "rate of the following columns, compared on all seeds",
    "learning_rate_first": "learning rate of the first",
    "learning_rate_second": "learning rate of the second",
    "seeds": "number of seeds compared",
    "difference": "mean over seeds of the capped final loss of the first minus that of the second",
    "difference_low": "lower bound of its interval, for new rows where seeds have splits of their own (see `new_rows`)",
    "difference_high": "upper bound",
    "improvement": "probability that a run of the first ends with a lower loss than a run of the second",
    "improvement_low": "lower bound of its bootstrap interval, as much wider as the splits' shared rows make a mean's",
    "improvement_high": "upper bound",
    "p_value": "two-sided test of a mean difference of zero: Nadeau and Bengio's corrected resampled t test, on one "
    "split the plain paired t test, which knows of no other rows",
    "p_holm": "the same after Holm's correction for all rows of the file",
}

COMMON_RATE = 0.01  # the chapter's learning rate, at which a study that varies the rate is compared as well


def compare(trainings: Sequence[Training], reference: dict, settings: dict) -> list[dict]:
    """Return one row with the columns of `COLUMNS` for every pair of values and way of choosing the rate.

    Where the study does not vary the learning rate, the only way is `same`. Intervals and p values are None
    where fewer than two seeds are compared. `reference` holds the values of reference.json.
    """
    test_train_ratio = new_rows.test_train_ratio(reference, settings)
    groups = by_other_settings(trainings)
    fixed = {}
    if "learning_rate" not in settings["vary"]:
        fixed = {label: float(settings["trainings"][0]["learning_rate"]) for label in groups}
    rows = []
    for first, second in combinations(groups, 2):
        if fixed:
            pair = [(fixed[label], capped(groups[label][0])) for label in (first, second)]
            rows.append(_pair_row(first, second, "same", pair, test_train_ratio, settings["statistics"]))
            continue
        own = [_own_best(groups[label], reference, settings["statistics"]) for label in (first, second)]
        rows.append(_pair_row(first, second, "own_best", own, test_train_ratio, settings["statistics"]))
        same = [_at_common_rate(groups[label]) for label in (first, second)]
        if None not in same:
            rows.append(_pair_row(first, second, "same", same, test_train_ratio, settings["statistics"]))
    return _holm(rows)


def _own_best(group: Sequence[Training], reference: dict, options: dict) -> tuple[float, np.ndarray]:
    rates, losses = tables(group)
    chooses, reports = good_range.parts(losses.shape[1])
    best, _ = good_range.recommended(losses, np.stack([failures(training, reference) for training in group]), options)
    if best is None:
        best = int(losses[:, chooses].mean(axis=1).argmin())
    return rates[best], losses[best, reports]


def _at_common_rate(group: Sequence[Training]) -> tuple[float, np.ndarray] | None:
    rates, losses = tables(group)
    found = np.flatnonzero(np.isclose(rates, COMMON_RATE, rtol=1e-6))
    return (rates[found[0]], losses[found[0]]) if found.size else None


def _pair_row(first: str, second: str, how: str, pair: list, test_train_ratio: float, options: dict) -> dict:
    (first_rate, a), (second_rate, b) = pair
    several, confidence = len(a) > 1, options["confidence"]
    values = (
        *(first, second, how, first_rate, second_rate, len(a)),
        *((a - b).mean(), *(new_rows.mean_interval(a - b, test_train_ratio, confidence) if several else (None, None))),
        *(improvement(a, b, test_train_ratio, options) if several else (_improvement(a, b), None, None)),
        *(corrected_p(a - b, test_train_ratio) if several else None, None),
    )
    return jsonable(dict(zip(COLUMNS, values, strict=True)))


def _improvement(a: np.ndarray, b: np.ndarray) -> float:
    return float(resampling.improvement(a, b, np.ones((1, len(a))))[0])


def improvement(a: np.ndarray, b: np.ndarray, test_train_ratio: float, options: dict) -> tuple[float, float, float]:
    """Return the probability of improvement and its bounds.

    The bootstrap's deviations are widened by √(1 + J n₂/n₁), with n₂/n₁ the `test_train_ratio`: that is how much wider
    than a bootstrap's the corrected interval of a mean over J seeds is.
    """
    observed = _improvement(a, b)
    drawn = [resampling.improvement(a, b, counts) for counts in resampling.resample(len(a), options["resamples"])]
    wide = observed + (np.concatenate(drawn) - observed) * np.sqrt(1 + len(a) * test_train_ratio)
    low, high = resampling.interval(np.clip(wide, 0, 1), options["confidence"])
    return observed, float(low), float(high)


def corrected_p(differences: np.ndarray, test_train_ratio: float) -> float:
    """Return the two-sided p value of the corrected resampled t test of a mean difference (seeds,) of zero.

    t = mean / √((1/J + n₂/n₁) s²) with J − 1 degrees of freedom: Nadeau, C. and Bengio, Y. (2003), "Inference for the
    generalization error", Machine Learning 52, 239–281. No library of ours has it. With a ratio of 0 it is
    the paired t test.
    """
    from scipy.special import stdtr

    if np.ptp(differences) == 0:  # the t test divides by the spread; a constant difference needs none
        return float(differences[0] == 0)
    t = differences.mean() / new_rows.error(differences, test_train_ratio)
    return float(2 * stdtr(len(differences) - 1, -abs(t)))


def _holm(rows: list[dict]) -> list[dict]:
    """Fill in `p_holm`. Holm, S. (1979), Scandinavian Journal of Statistics 6, 65–70."""
    tested = [row for row in rows if row["p_value"] is not None]
    if tested:
        from statsmodels.stats.multitest import multipletests

        corrections = multipletests([row["p_value"] for row in tested], method="holm")[1]
        for row, corrected in zip(tested, corrections, strict=True):
            row["p_holm"] = float(corrected)
    return rows
