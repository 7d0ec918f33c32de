"""The choice of a learning rate, the rates that are nearly as good, and what other rates cost.

Tables have one row for each learning rate, ascending, and one column for each seed. A seed that chose a rate cannot
judge it: two thirds of the seeds choose, one third reports (see `parts`).
"""

import numpy as np

from lrstudy.statistics import new_rows
from lrstudy.statistics.resampling import wilson

COSTS = (
    *("loss_ratio", "loss_ratio_interval", "accuracy_points", "accuracy_points_interval"),
    *("failed", "failed_interval", "between"),
)
FACTORS = (("0.1", 0.1), ("1/3", 1 / 3), ("3", 3.0), ("10", 10.0))


def parts(seeds: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which seeds choose and which report, bool (seeds,) both: every third reports; fewer than three do both.

    Splits share rows, so that more seeds make a report hardly surer; a choice gains more from them.
    """
    reports = np.arange(seeds) % 3 == 2
    return (~reports, reports) if seeds > 2 else (np.ones(seeds, bool),) * 2


def candidates(failed: np.ndarray, options: dict) -> np.ndarray:
    """Return the rows of the rates that are not shown to fail too often.

    A rate is passed over where even the lower bound of Wilson's interval of its share of `failed` seeds (rates,
    seeds) is above the failure limit.
    """
    lower, _ = wilson(failed.sum(axis=1), failed.shape[1], options["confidence"])
    return np.flatnonzero(lower <= options["failure_limit"])


def choose(losses: np.ndarray, allowed: np.ndarray) -> int:
    """Return the row in `allowed` with the lowest mean loss, the lowest rate of equal ones."""
    return int(allowed[losses[allowed].mean(axis=1).argmin()])


def recommended(losses: np.ndarray, failed: np.ndarray, options: dict) -> tuple[int | None, np.ndarray]:
    """Return the row of the rate that two thirds of the seeds choose, and those it is chosen among.

    Both arrays are (rates, seeds). None where every rate fails too often. Whatever names a rate or a value of another
    setting as the best names this one.
    """
    chooses, _ = parts(losses.shape[1])
    allowed = candidates(failed[:, chooses], options)
    return (choose(losses[:, chooses], allowed) if allowed.size else None), allowed


def good_rates(
    losses: np.ndarray, chosen: int, allowed: np.ndarray, test_train_ratio: float, options: dict
) -> np.ndarray:
    """Return the unbroken run of rows that holds the best rate, at the config's confidence, and those nearly as good.

    It begins as the `allowed` rates around the chosen one with a mean loss at most epsilon above its own, and grows, by
    whichever neighbour is more often the best, until the best of a draw of seeds and rows lies in it in as many of the
    draws as the confidence asks for. So a small table, which tells rates apart less well, gives a wider range.
    """
    means = losses.mean(axis=1)
    near = (means <= (1 + options["epsilon"]) * means[chosen]) & np.isin(np.arange(len(means)), allowed)
    run = run_around(chosen, near)
    drawn = new_rows.drawn_means(losses[allowed], test_train_ratio, options["resamples"]).argmin(axis=1)
    wins = np.zeros(len(means))
    wins[allowed] = np.bincount(drawn, minlength=len(allowed)) / len(drawn)
    low, high = run[0], run[-1]
    while wins[low : high + 1].sum() < options["confidence"]:
        if wins[:low].sum() >= wins[high + 1 :].sum():
            low -= 1
        else:
            high += 1
    return np.arange(low, high + 1)


def run_around(row: int, allowed: np.ndarray) -> np.ndarray:
    """Return the unbroken run of `allowed` rows around `row`, with `row` itself in any case."""
    blocked = np.flatnonzero(~allowed)
    first = blocked[blocked < row].max(initial=-1) + 1
    last = blocked[blocked > row].min(initial=len(allowed))
    return np.arange(first, last)


def regrets(losses: np.ndarray, chosen: int, test_train_ratio: float, options: dict) -> tuple[np.ndarray, np.ndarray]:
    """Return, for draws of seeds and rows, how far the chosen rate's loss is above the lowest, and the lowest's row.

    A regret of 0.1 is 10 %. Rates that fail too often count as well: they are not recommended, yet may be better.
    """
    means = new_rows.drawn_means(losses, test_train_ratio, options["resamples"])
    return means[:, chosen] / means.min(axis=1) - 1, means.argmin(axis=1)


def at_rate(rate: float, rates: np.ndarray, values: np.ndarray) -> np.ndarray | None:
    """Return `values` (rates, seeds) at a rate between two measured ones, linear in the logarithm of the rate.

    None beyond the grid. A rate within 1 % of a measured one is that one: grids are written with four digits.
    """
    measured = np.flatnonzero(np.abs(np.log(rates / rate)) < 0.01)
    if measured.size:
        return values[measured[0]]
    if not rates[0] < rate < rates[-1]:
        return None
    above = int(np.searchsorted(rates, rate))
    share = np.log(rate / rates[above - 1]) / np.log(rates[above] / rates[above - 1])
    return (1 - share) * values[above - 1] + share * values[above]


def costs(rates: np.ndarray, tables: dict, chosen: int, test_train_ratio: float, options: dict) -> list[dict]:
    """Return what a tenth, a third, three and ten times the chosen rate cost; see `answer.KEYS`.

    `tables` holds `losses`, `accuracies` and `failed` of the seeds that report, (rates, seeds) each.
    """
    confidence, several = options["confidence"], tables["losses"].shape[1] > 1
    found = []
    for name, factor in FACTORS:
        rate = rates[chosen] * factor
        losses, accuracies, failed = (at_rate(rate, rates, tables[key]) for key in ("losses", "accuracies", "failed"))
        row = dict.fromkeys(COSTS)
        if losses is not None and accuracies is not None and failed is not None:  # all of them, or none
            own, beside = tables["losses"][chosen], 100 * (accuracies - tables["accuracies"][chosen])
            row |= {
                "loss_ratio": new_rows.deviations(losses)[0][0] / new_rows.deviations(own)[0][0],
                "accuracy_points": beside.mean(),
                "failed": failed.mean(),
                "failed_interval": wilson(failed.sum(), len(failed), confidence),
                "between": _between(rate, rates),
            }
            if several:
                row["loss_ratio_interval"] = new_rows.ratio_interval(losses, own, test_train_ratio, confidence)
                row["accuracy_points_interval"] = new_rows.mean_interval(beside, test_train_ratio, confidence)
        found.append({"factor": name, "learning_rate": float(f"{rate:.4g}"), **row})
    return found


def _between(rate: float, rates: np.ndarray) -> list[float]:
    """Return the measured rates that a rate's numbers come from: one, or its two neighbours."""
    measured = np.flatnonzero(np.abs(np.log(rates / rate)) < 0.01)
    above = int(np.searchsorted(rates, rate))
    return rates[measured[:1]].tolist() if measured.size else rates[above - 1 : above + 1].tolist()
