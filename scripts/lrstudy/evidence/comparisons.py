"""Every pair of optimizers, batch sizes or whatever else a study varies beside the rate, compared seed by seed."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from lrstudy.evidence import resampling
from lrstudy.evidence.grids import by_other_settings, tables
from lrstudy.evidence.trainings import Training, capped
from lrstudy.files.formats import jsonable

# What the columns of `comparisons.csv` mean.
COLUMNS = {
    "first": "one value of what the study varies beside the learning rate",
    "second": "the other value",
    "rates": "`own_best`: each at its own best rate, chosen on the even seeds and compared on the odd ones; "
    "`same`: both at the rate of the following columns, compared on all seeds",
    "learning_rate_first": "learning rate of the first",
    "learning_rate_second": "learning rate of the second",
    "seeds": "number of seeds compared",
    "difference": "mean over seeds of the capped final loss of the first minus that of the second",
    "difference_low": "lower bound of its bootstrap interval, resampling pairs",
    "difference_high": "upper bound",
    "improvement": "probability that a run of the first ends with a lower loss than a run of the second",
    "improvement_low": "lower bound of its bootstrap interval",
    "improvement_high": "upper bound",
    "p_value": "two-sided paired t test of a mean difference of zero",
    "p_holm": "the same after Holm's correction for all rows of the file",
}

COMMON_RATE = 0.01  # the chapter's learning rate, at which a study that varies the rate is compared as well


def compare(trainings: Sequence[Training], settings: dict) -> list[dict]:
    """Return one row with the columns of `COLUMNS` for every pair of values and way of choosing the rate.

    Where the study does not vary the learning rate, the only way is `same`. Intervals and p values are None
    where fewer than two seeds are compared.
    """
    groups = by_other_settings(trainings)
    fixed = {}
    if "learning_rate" not in settings["vary"]:
        fixed = {label: float(settings["trainings"][0]["learning_rate"]) for label in groups}
    rows = []
    for first, second in combinations(groups, 2):
        if fixed:
            pair = [(fixed[label], capped(groups[label][0])) for label in (first, second)]
            rows.append(_pair_row(first, second, "same", pair, settings["statistics"]))
            continue
        own = [_own_best(groups[label]) for label in (first, second)]
        rows.append(_pair_row(first, second, "own_best", own, settings["statistics"]))
        same = [_at_common_rate(groups[label]) for label in (first, second)]
        if None not in same:
            rows.append(_pair_row(first, second, "same", same, settings["statistics"]))
    return _holm(rows)


def _own_best(group: Sequence[Training]) -> tuple[float, np.ndarray]:
    rates, losses = tables(group)
    if losses.shape[1] == 1:
        best = losses[:, 0].argmin()
        return rates[best], losses[best]
    best = losses[:, ::2].mean(axis=1).argmin()
    return rates[best], losses[best, 1::2]


def _at_common_rate(group: Sequence[Training]) -> tuple[float, np.ndarray] | None:
    rates, losses = tables(group)
    found = np.flatnonzero(np.isclose(rates, COMMON_RATE, rtol=1e-6))
    return (rates[found[0]], losses[found[0]]) if found.size else None


def _pair_row(first: str, second: str, how: str, pair: list, rules: dict) -> dict:
    (first_rate, a), (second_rate, b) = pair
    several = len(a) > 1
    differences, improvements = resampled(a, b, rules["resamples"])
    bounds = [
        resampling.interval(values, rules["confidence"]) if several else (None, None)
        for values in (differences, improvements)
    ]
    values = (
        *(first, second, how, first_rate, second_rate, len(a)),
        *((a - b).mean(), *bounds[0]),
        *(resampling.improvement(a, b, np.ones((1, len(a))))[0], *bounds[1]),
        *(_paired_p(a, b) if several else None, None),
    )
    return jsonable(dict(zip(COLUMNS, values, strict=True)))


def resampled(a: np.ndarray, b: np.ndarray, resamples: int) -> tuple[np.ndarray, np.ndarray]:
    """Return mean difference and probability of improvement in each resample, (resamples,) both."""
    improvements = [resampling.improvement(a, b, counts) for counts in resampling.resample(len(a), resamples)]
    return resampling.resampled_means((a - b)[None], resamples)[:, 0], np.concatenate(improvements)


def _paired_p(a: np.ndarray, b: np.ndarray) -> float:
    from scipy.stats import ttest_rel

    if np.ptp(a - b) == 0:  # the t test divides by the spread; a constant difference needs none
        return float(a[0] == b[0])
    return ttest_rel(a, b).pvalue


def _holm(rows: list[dict]) -> list[dict]:
    """Fill in `p_holm`. Holm, S. (1979), Scandinavian Journal of Statistics 6, 65–70."""
    from statsmodels.stats.multitest import multipletests

    tested = [row for row in rows if row["p_value"] is not None]
    if tested:
        corrections = multipletests([row["p_value"] for row in tested], method="holm")[1]
        for row, corrected in zip(tested, corrections, strict=True):
            row["p_holm"] = float(corrected)
    return rows
