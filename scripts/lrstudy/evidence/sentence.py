"""The answer in one sentence."""

from statistics import NormalDist

import numpy as np

from lrstudy.evidence.edge import short
from lrstudy.evidence.resampling import wilson


def no_answer(rates, failed, stable, rules, seeds) -> str | None:
    """Return why no rate can be recommended, or None where one can."""
    if len(rates) < 2:
        return "with a single learning rate there is nothing to choose from"
    if seeds < 2:
        return "a single seed cannot tell a good rate from a lucky one"
    if stable.size:
        return None
    limit = _percent(rules["failure_limit"])
    _, upper = wilson(0, seeds, rules["confidence"])
    if failed.min() == 0:
        return (
            f"{seeds} seeds are too few to call a rate stable: though none failed, up to {_percent(upper)} "
            f"might, and the limit is {limit}; {_seeds_for_stability(rules)} seeds can show it"
        )
    return (
        f"no rate is stable: at every one of them at least {failed.min()} of {seeds} seeds failed, "
        f"too many to show a share of at most {limit}"
    )


def _seeds_for_stability(rules: dict) -> int:
    """Return the fewest seeds that, none failing, bring Wilson's upper bound z² / (n + z²) to the limit."""
    z = NormalDist().inv_cdf((1 + rules["confidence"]) / 2)
    return int(np.ceil(z**2 * (1 - rules["failure_limit"]) / rules["failure_limit"]))


def sentence(answer: dict, reason: str | None, rules: dict) -> str:
    if reason is not None:
        return (
            f"No learning rate is recommended: {reason}; "
            f"the lowest mean loss was {answer['best_loss']:.3g}, at {short(answer['best'])}."
        )
    low, high = (short(rate) for rate in answer["plateau"])
    stable_low, stable_high = (short(rate) for rate in answer["stable_range"])
    wins = _percent(answer["win_share"])
    best_is_stable = answer["stable_range"][0] <= answer["best"] <= answer["stable_range"][1]
    kind = "measured" if best_is_stable else "stable"
    plateau = f"no other {kind} rate is as good" if low == high else f"{low} to {high} are as good"
    unstable = "" if best_is_stable else f"; {short(answer['best'])} had a lower loss and is not stable"
    edge = "" if answer["edge_warning"] is None else "; but the best lies at the edge of the grid: extend it"
    return (
        f"Use a learning rate of {short(answer['recommended'])}: {plateau}, {stable_low} to {stable_high} "
        f"are stable, and it was the best in {wins} of {rules['resamples']} resamples of {answer['seeds']} "
        f"seeds{unstable}{edge}."
    )


def _percent(share: float) -> str:
    return f"{100 * float(share):.3g} %"


def uncapitalised(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
