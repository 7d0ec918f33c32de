"""What `comparisons.csv` says in a sentence: which value ends lowest, by how much, and how sure that is."""

from collections.abc import Sequence
from typing import NamedTuple

LEVEL = 0.05  # of a p value, corrected for all pairs, at which a difference counts as shown
SURE = ("difference_low", "difference_high", "p_holm")  # empty for a single seed


class Against(NamedTuple):
    """The best value beside another: how much lower its loss is, in which share of runs, and how sure that is."""

    other: str
    rate: float
    less: float
    low: float | None
    high: float | None
    share: float
    p_value: float | None

    @property
    def shown(self) -> bool:
        """Whether the difference is shown not to be chance."""
        return self.p_value is not None and self.p_value < LEVEL


def words(rows: Sequence[dict[str, str]], varied: str) -> list[str]:
    """Return a sentence on the pairs at each one's own best rate, or, without those, at a common one; or nothing.

    `varied` is what the study varies beside the rate.
    """
    for how in ("own_best", "same"):
        if pairs := [row for row in rows if row["rates"] == how]:
            return [_said(pairs, varied.replace("_", " "), own=how == "own_best")]
    return []


def _said(pairs: Sequence[dict[str, str]], varied: str, own: bool) -> str:
    best = _best(pairs)
    seen = (_seen_from(best, row) for row in pairs if best in (row["first"], row["second"]))
    against = sorted(seen, key=lambda each: each.less)
    near = against[0]
    where = (
        f"Each at its own best learning rate, {varied} {best} (at {near.rate:g})"
        if own
        else f"At {near.rate:g}, {varied} {best}"
    )
    between = "" if near.low is None else f" ({near.low:.2g} to {near.high:.2g})"
    text = (
        f"{where} ends with the lowest loss: {near.less:.2g}{between} below {near.other}, the next, and lower in "
        f"{100 * near.share:.0f} % of pairs of runs"
    )
    if near.p_value is None:
        return f"{text}; one seed cannot tell whether that is chance."
    if unsure := [each for each in against if not each.shown]:
        names = ", ".join(each.other for each in unsure)
        lowest = min(each.p_value or 0 for each in unsure)
        least = "p = 1" if lowest == 1 else f"p at least {lowest:.2g}"
        return f"{text}; not shown to differ from {names} ({least}, corrected for all pairs)."
    return f"{text}; shown against all the others (p < {LEVEL}, corrected for all pairs)."


def _best(pairs: Sequence[dict[str, str]]) -> str:
    """Return the value that loses no pair: the differences are means over the same seeds, and so agree on an order."""
    worse = {row["second" if float(row["difference"]) <= 0 else "first"] for row in pairs}
    values = dict.fromkeys(value for row in pairs for value in (row["first"], row["second"]))
    return next((value for value in values if value not in worse), next(iter(values)))


def _seen_from(best: str, row: dict[str, str]) -> Against:
    less, share = float(row["difference"]), float(row["improvement"])
    low, high, p_value = (float(row[name]) if row[name] else None for name in SURE)
    if row["first"] != best:
        return Against(row["first"], float(row["learning_rate_second"]), less, low, high, 1 - share, p_value)
    low, high = (None if high is None else -high), (None if low is None else -low)
    return Against(row["second"], float(row["learning_rate_first"]), -less, low, high, share, p_value)
