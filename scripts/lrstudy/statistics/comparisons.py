"""Every pair of optimizers, batch sizes or whatever else a study varies beside the rate, compared seed by seed."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from lrstudy.evidence import good_range, new_rows, resampling
from lrstudy.evidence.grids import by_other_settings, tables
from lrstudy.evidence.outcomes import failures
from lrstudy.evidence.trainings import Training, capped
from lrstudy.files.formats import jsonable

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


def compare(trainings: Sequence[Training], floor: dict, settings: dict) -> list[dict]:
    """Return one row with the columns of `COLUMNS` for every pair of values and way of choosing the rate.

    Where the study does not vary the learning rate, the only way is `same`. Intervals and p values are None
    where fewer than two seeds are compared. `floor` is the baseline's.
    """
    shared = new_rows.rows_shared(floor, settings)
    groups = by_other_settings(trainings)
    fixed = {}
    if "learning_rate" not in settings["vary"]:
        fixed = {label: float(settings["trainings"][0]["learning_rate"]) for label in groups}
    rows = []
    for first, second in combinations(groups, 2):
        if fixed:
            pair = [(fixed[label], capped(groups[label][0])) for label in (first, second)]
            rows.append(_pair_row(first, second, "same", pair, shared, settings["statistics"]))
            continue
        own = [_own_best(groups[label], floor, settings["statistics"]) for label in (first, second)]
        rows.append(_pair_row(first, second, "own_best", own, shared, settings["statistics"]))
        same = [_at_common_rate(groups[label]) for label in (first, second)]
        if None not in same:
            rows.append(_pair_row(first, second, "same", same, shared, settings["statistics"]))
    return _holm(rows)


def _own_best(group: Sequence[Training], floor: dict, rules: dict) -> tuple[float, np.ndarray]:
    rates, losses = tables(group)
    chooses, reports = good_range.parts(losses.shape[1])
    best, _ = good_range.recommended(losses, np.stack([failures(training, floor) for training in group]), rules)
    if best is None:
        best = int(losses[:, chooses].mean(axis=1).argmin())
    return rates[best], losses[best, reports]


def _at_common_rate(group: Sequence[Training]) -> tuple[float, np.ndarray] | None:
    rates, losses = tables(group)
    found = np.flatnonzero(np.isclose(rates, COMMON_RATE, rtol=1e-6))
    return (rates[found[0]], losses[found[0]]) if found.size else None


def _pair_row(first: str, second: str, how: str, pair: list, shared: float, rules: dict) -> dict:
    (first_rate, a), (second_rate, b) = pair
    several, confidence = len(a) > 1, rules["confidence"]
    values = (
        *(first, second, how, first_rate, second_rate, len(a)),
        *((a - b).mean(), *(new_rows.mean_interval(a - b, shared, confidence) if several else (None, None))),
        *(improvement(a, b, shared, rules) if several else (_improvement(a, b), None, None)),
        *(corrected_p(a - b, shared) if several else None, None),
    )
    return jsonable(dict(zip(COLUMNS, values, strict=True)))


def _improvement(a: np.ndarray, b: np.ndarray) -> float:
    return float(resampling.improvement(a, b, np.ones((1, len(a))))[0])


def improvement(a: np.ndarray, b: np.ndarray, shared: float, rules: dict) -> tuple[float, float, float]:
    """Return the probability of improvement and its bounds; the bootstrap's deviations are widened by √(1 + J shared).

    That is how much wider than a bootstrap's the corrected interval of a mean over J seeds is.
    """
    observed = _improvement(a, b)
    drawn = [resampling.improvement(a, b, counts) for counts in resampling.resample(len(a), rules["resamples"])]
    wide = observed + (np.concatenate(drawn) - observed) * np.sqrt(1 + len(a) * shared)
    low, high = resampling.interval(np.clip(wide, 0, 1), rules["confidence"])
    return observed, float(low), float(high)


def corrected_p(differences: np.ndarray, shared: float) -> float:
    """Return the two-sided p value of the corrected resampled t test of a mean difference (seeds,) of zero.

    t = mean / √((1/J + n₂/n₁) s²) with J − 1 degrees of freedom: Nadeau, C. and Bengio, Y. (2003), "Inference for the
    generalization error", Machine Learning 52, 239–281. No library of ours has it. With `shared` 0 it is the paired t
    test.
    """
    from scipy.special import stdtr

    if np.ptp(differences) == 0:  # the t test divides by the spread; a constant difference needs none
        return float(differences[0] == 0)
    t = differences.mean() / new_rows.error(differences, shared)
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
