"""The answer in a few sentences, which say no more than its numbers."""

from collections.abc import Sequence

import numpy as np

from lrstudy.statistics import grids
from lrstudy.statistics.grids import short

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
        wider = grids.how_to_extend(grids.edge(rates, 0, settings))  # type: ignore[arg-type]  # an only rate is at the edge
        return "with a single learning rate there is nothing to choose from", f"{wider}; {again}"
    if seeds < FEWEST:
        return (
            f"{_count_phrase(seeds, 'seed')} cannot tell a good rate from a lucky one",
            WITH_SEEDS.format(study=study),
        )
    if allowed.size:
        return None
    least = int(failed.sum(axis=1).argmin())
    reason = (
        f"at every rate too many seeds fail, at least {failed[least].sum()} of {seeds}, where "
        f"{percent(settings['statistics']['failure_limit'])} may"
    )
    end = grids.edge(rates, least, settings)
    if end is None:
        return reason, f"in {where} try more epochs, rates between, or another network; {again}"
    return reason, f"{grids.how_to_extend(end)}, or try more epochs; {again}"


def sentence(answer: dict, reason: str | None, rivals: bool, options: dict) -> str:
    """Return the answer in three sentences: rate and range; what other rates cost; how sure, and the grid's edge.

    `rivals` is whether a rate with as low a loss fails too often to be recommended.
    """
    if reason is not None:
        least = f"the lowest mean loss was {_format_number(answer['best_loss'], 3)}, at {short(answer['best'])}"
        return f"No learning rate is recommended: {reason}; {least}. For an answer, {answer['remedy']}."
    last = "; ".join(filter(None, [_certainty_sentence(answer, options), _longer_clause(answer), _edge_clause(answer)]))
    parts = (_rate_sentence(answer, rivals, options), _costs_sentence(answer), last)
    return " ".join(f"{part}." for part in parts if part)


def value_phrase(setting: str, value: str, not_worse: Sequence[str] | None, others: int) -> str:
    """Return the start of the sentence where a second setting varies; `others` is how many more values there are."""
    beside = ""
    if not_worse:
        some = f"{_enumeration(not_worse)} {_is_or_are(len(not_worse))} not"
        named = "no other is" if len(not_worse) == others else some
        beside = f" ({named} shown to be worse)"
    return f"With {setting} {value}{beside}"


def _enumeration(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _is_or_are(number: int) -> str:
    return "is" if number == 1 else "are"


def _rate_sentence(answer: dict, rivals: bool, options: dict) -> str:
    low, high = (short(rate) for rate in answer["good_range"])
    confidence, epsilon = percent(options["confidence"]), percent(options["epsilon"])
    start = "On this one split, use" if answer["split"] == "one" else "Use"
    start = f"{start} a learning rate of {short(answer['recommended'])}"
    if answer["sure"] < 0.5:
        start += " as a best guess"
    if answer["failed"] > options["failure_limit"]:
        start += f", at which {percent(answer['failed'])} of the seeds fail"
    best = f"the best measured rate{' that does not fail too often' if rivals else ''} ({confidence} confidence)"
    if low != high:
        return f"{start}; {low} to {high} hold {best} and neighbours that lose at most {epsilon}"
    beside, fails = ("neighbour loses", "fails") if answer["edge"] else ("neighbours lose", "fail")
    failing = f" or {fails} too often" if rivals else ""
    return f"{start}; it is {best}, and its {beside} over {epsilon}{failing}"


def _costs_sentence(answer: dict) -> str:
    names = {"0.1": "÷10", "1/3": "÷3", "3": "×3", "10": "×10"}
    parts: list[str] = []
    for cost in answer["costs"]:
        if cost["loss_ratio"] is None:
            continue
        loss, accuracy = (" the loss", " points of accuracy") if not parts else ("", "")
        failing = f", and {percent(cost['failed'])} of the seeds fail" if cost["failed"] > 0 else ""
        points = f"{_format_points(cost['accuracy_points'])}{accuracy}{failing}"
        parts.append(f"{_format_number(cost['loss_ratio'])} times{loss} at {names[cost['factor']]} ({points})")
    return f"Another rate costs {_enumeration(parts)}" if parts else ""


def _format_points(points: float) -> str:
    text = f"{points:+.1f}".replace("-", "−")
    return text.lstrip("+−") if text[1:] == "0.0" else text


def _format_number(number: float, digits: int = 2) -> str:
    """Return a number of so many digits, without an exponent."""
    return np.format_float_positional(float(f"{number:.{digits}g}"), trim="-")


def _certainty_sentence(answer: dict, options: dict) -> str:
    epsilon, confidence, bound = options["epsilon"], percent(options["confidence"]), answer["regret_bound"]
    above = f"{percent(bound)} above it" if bound <= 1 else f"{_format_number(1 + bound)} times as high"
    off = f" and at most {above} ({confidence} confidence)" if bound > epsilon else ""
    draws = f"in {percent(answer['sure'])} of draws{off}"
    if answer["new_rows"] is None:
        within = f"within {percent(epsilon)} of the lowest loss"
        return f"Other seeds on this split find it {within} {draws}, which says nothing of other rows"
    loss, low, high = map(_format_number, (answer["new_rows"]["loss"], *answer["new_rows"]["interval"]))
    expected = f"On new rows expect a loss of {loss} ({low} to {high}{'' if off else f', {confidence} confidence'})"
    return f"{expected}, within {percent(epsilon)} of the lowest {draws}"


def _longer_clause(answer: dict) -> str:
    if (found := answer["longer"]) is None:
        return ""
    half = f"with {_count_phrase(found['epochs'], 'epoch')} the best was {short(found['best'])}"
    return f"{half}, so a longer training would want a {found['direction']} rate"


def _edge_clause(answer: dict) -> str:
    if (found := answer["edge"]) is None:
        return ""
    return f"it is the {found['side']} rate of the grid, so a better one may lie beyond: {grids.how_to_extend(found)}"


def percent(share: float) -> str:
    """Return a share as a percentage, of three digits at most; nothing short of all is 100 %."""
    share = float(np.round(share, 6))
    return f"{100 * (min(share, 0.999) if share < 1 else share):.3g} %"


def _count_phrase(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def uncapitalised(text: str) -> str:
    """Return a text with a small first letter, to follow another."""
    return text[0].lower() + text[1:]
