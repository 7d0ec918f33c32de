"""The answer of a study as text, as the console prints it: answer.txt."""

from collections.abc import Sequence
from typing import NamedTuple

LEVEL = 0.05  # of a p value, corrected for all pairs, at which a difference counts as shown
ENDS = {"lowest": "smallest", "highest": "largest"}


def text(summary: Sequence[dict], recommendation: dict, pairs: Sequence[dict], warnings: list[str], study: dict) -> str:
    """Return what a study found, the next step where there is one, and what its table is warned of.

    `summary`, `recommendation` and `pairs` are the contents of summary.csv, recommendation.json and comparisons.csv,
    `warnings` those of the dataset's source.json. `study` needs `name` (the dataset's), `study`, `vary`, `left_out`
    and `next`, see `Run.next_commands`.
    """
    lines = []
    if "sentence" in recommendation:
        lines += [recommendation["sentence"], *_next_step(recommendation.get("edge"), study["next"])]
    lines += _comparison(pairs, ", ".join(name for name in study["vary"] if name != "learning_rate"))
    lines += [_spread_sentence(summary[0])] if not lines else []
    lines += [study["left_out"]] if study["left_out"] and "sentence" not in recommendation else []
    lines += [f"warning: {warning}" for warning in warnings]
    folder = f"results/{study['name']}/studies/{study['study']}"
    return "\n  ".join([f"{study['name']}, {study['study']}: {folder}/answer.html", *lines]) + "\n"


def _next_step(edge: dict | None, commands: dict[str, dict]) -> list[str]:
    """Return the step to take where the recommended rate is at the edge of the grid."""
    if edge is None or edge["side"] not in ENDS:
        return []
    step = commands[edge["side"]]
    how = "run a wider study" if step["wider"] else "write that, and run again"
    return [f"Next: the best rate is the {ENDS[edge['side']]} of the study, so {how}:", f"  {step['command']}"]


def _spread_sentence(row: dict) -> str:
    """Return what the seeds of a single training gave."""
    median, low, high = (f"{100 * row[f'val_accuracy_{name}']:.1f} %" for name in ("median", "q05", "q95"))
    return (
        f"Of {row['seeds']} seeds the median is right on {median} of the test rows; nine in ten lie between {low} and "
        f"{high}."
    )


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


def _comparison(rows: Sequence[dict], varied: str) -> list[str]:
    """Return a sentence on the pairs at each one's own best rate, or, without those, at a common one; or nothing.

    The sentence names the value of the `varied` setting with the lowest loss, by how much it is lower and how sure
    that is.
    """
    for how in ("own_best", "same"):
        if pairs := [row for row in rows if row["rates"] == how]:
            return [_comparison_sentence(pairs, varied.replace("_", " "), own=how == "own_best")]
    return []


def _comparison_sentence(pairs: Sequence[dict], varied: str, own: bool) -> str:
    best = _best_value(pairs)
    seen = (_best_against(best, row) for row in pairs if best in (row["first"], row["second"]))
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


def _best_value(pairs: Sequence[dict]) -> str:
    """Return the value that loses no pair: the differences are means over the same seeds, and so agree on an order."""
    worse = {row["second" if row["difference"] <= 0 else "first"] for row in pairs}
    values = dict.fromkeys(value for row in pairs for value in (row["first"], row["second"]))
    return next((value for value in values if value not in worse), next(iter(values)))


def _best_against(best: str, row: dict) -> Against:
    less, share = row["difference"], row["improvement"]
    low, high, p_value = (row[name] for name in ("difference_low", "difference_high", "p_holm"))
    if row["first"] != best:
        return Against(row["first"], row["learning_rate_second"], less, low, high, 1 - share, p_value)
    low, high = (None if high is None else -high), (None if low is None else -low)
    return Against(row["second"], row["learning_rate_first"], -less, low, high, share, p_value)
