"""The answer in a few sentences, which say no more than its numbers."""

from collections.abc import Sequence

import numpy as np

from lrstudy.evidence import edge
from lrstudy.evidence.edge import short

FEWEST = 6  # seeds: two that report, so that there is a spread
WITH_SEEDS = "run more of them: snakemake --cores all --config seeds=100 -- {study}"


def no_answer(
    rates: np.ndarray, failed: np.ndarray, allowed: np.ndarray, best: int, settings: dict
) -> tuple[str, str] | None:
    """Return why no rate can be recommended and what would give an answer, or None where one can be.

    `failed` (rates, seeds) says which seeds failed, `allowed` which rates do not fail too often.
    """
    study, seeds = settings["study"], failed.shape[1]
    where = settings.get("file", f"config/studies/{study}.yaml")
    again = f"then run again: snakemake --cores all {study}"
    if len(rates) < 2:
        wider = edge.told(edge.edge(rates, 0, settings))  # type: ignore[arg-type]  # an only rate is at the edge
        return "with a single learning rate there is nothing to choose from", f"{wider}; {again}"
    if seeds < FEWEST:
        return (
            f"{_count(seeds, 'seed')} cannot tell a good rate from a lucky one",
            WITH_SEEDS.format(study=study),
        )
    if allowed.size:
        return None
    least = int(failed.sum(axis=1).argmin())
    reason = (
        f"at every rate too many seeds fail, at least {failed[least].sum()} of {seeds}, where "
        f"{percent(settings['statistics']['failure_limit'])} may"
    )
    end = edge.edge(rates, least, settings)
    if end is None:
        return reason, f"in {where} try more epochs, rates between, or another network; {again}"
    return reason, f"{edge.told(end)}, or try more epochs; {again}"


def sentence(answer: dict, reason: str | None, rules: dict) -> str:
    """Return the answer in words: the rate, its range, what others cost, how sure, and the grid's edge."""
    if reason is not None:
        return (
            f"No learning rate is recommended: {reason}; the lowest mean loss was {answer['best_loss']:.3g}, at "
            f"{short(answer['best'])}. For an answer, {answer['remedy']}."
        )
    parts_of_it = [_rate(answer, rules), _costs(answer), _sure(answer, rules), _longer(answer), _edge(answer)]
    return " ".join(filter(None, parts_of_it))


def told_value(setting: str, value: str, not_worse: Sequence[str] | None, others: int) -> str:
    """Return the start of the sentence where a second setting varies; `others` is how many more values there are."""
    beside = ""
    if not_worse:
        named = "no other is" if len(not_worse) == others else f"{_listed(not_worse)} {_are(len(not_worse))} not"
        beside = f" ({named} shown to be worse)"
    return f"With {setting} {value}{beside}"


def _listed(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _rate(answer: dict, rules: dict) -> str:
    low, high = (short(rate) for rate in answer["good_range"])
    confidence, epsilon = percent(rules["confidence"]), percent(rules["epsilon"])
    start = f"Use a learning rate of {short(answer['recommended'])}"
    start = f"On this one split, use{start[3:]}" if answer["split"] == "one" else start
    if low == high:
        return f"{start}: no other measured rate comes within {epsilon} of its loss ({confidence} confidence)."
    return (
        f"{start}: {low} to {high} hold the best rate and those nearly as good, within {epsilon} of its loss "
        f"({confidence} confidence)."
    )


def _costs(answer: dict) -> str:
    names = {"0.1": "a tenth of it", "1/3": "a third", "3": "three times", "10": "ten times"}
    known = [cost for cost in answer["costs"] if cost["loss_ratio"] is not None]
    if not known:
        return ""
    told = [f"{names[cost['factor']]} {_cost(cost)}" for cost in known]
    return f"A wrong rate costs: {'; '.join(told)}."


def _cost(cost: dict) -> str:
    failing = f", and {percent(cost['failed'])} of the seeds fail" if cost["failed"] > 0 else ""
    points = f"{cost['accuracy_points']:+.1f}".replace("-", "−")
    points = points[1:] if float(f"{cost['accuracy_points']:.1f}") == 0 else points
    return f"{cost['loss_ratio']:.2g} times the loss and {points} points of accuracy{failing}"


def _sure(answer: dict, rules: dict) -> str:
    sure, bound = percent(answer["sure"]), percent(answer["regret_bound"])
    within = f"within {percent(rules['epsilon'])} of the lowest loss"
    confidence = percent(rules["confidence"])
    off = (
        f", and at most {bound} above it ({confidence} confidence)" if answer["regret_bound"] > rules["epsilon"] else ""
    )
    if answer["new_rows"] is None:
        return f"Other seeds on this split find it {within} in {sure} of draws{off}; of other rows this says nothing."
    loss, (low, high) = answer["new_rows"]["loss"], answer["new_rows"]["interval"]
    expected = f"On new rows expect a loss of {loss:.2g} ({low:.2g} to {high:.2g})"
    return f"{expected}; the rate is {within} in {sure} of draws{off}."


def _longer(answer: dict) -> str:
    if (found := answer["longer"]) is None:
        return ""
    half = f"with {_count(found['epochs'], 'epoch')} the best was {short(found['best'])}"
    return f"A longer training would want a {found['direction']} rate: {half}."


def _edge(answer: dict) -> str:
    if (found := answer["edge"]) is None:
        return ""
    return f"It is the {found['side']} rate of the grid, so a better one may lie beyond: {edge.told(found)}."


def percent(share: float) -> str:
    """Return a share as a percentage, of three digits at most."""
    return f"{100 * float(np.round(share, 6)):.3g} %"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def uncapitalised(text: str) -> str:
    """Return a text with a small first letter, to follow another."""
    return text[0].lower() + text[1:]
