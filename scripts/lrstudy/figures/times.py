"""How many epochs a learning rate needs to reach the target loss."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lrstudy import labels
from lrstudy.figures import style
from lrstudy.statistics.grids import best_of_each
from lrstudy.statistics.times import TARGET_IMPROVEMENT, epochs_to, shares_there, target_loss
from lrstudy.statistics.trainings import Training

MOST_LINES = 7


def _evenly(there: list[int]) -> list[int]:
    return [there[int(place)] for place in np.linspace(0, len(there) - 1, min(len(there), MOST_LINES)).round()]


def _with_best(places: list[int], best: int, there: list[int]) -> list[int]:
    """Return the places with the recommended one among them, instead of the nearest."""
    if best not in there or best in places:
        return places
    nearest = min(places, key=lambda place: abs(place - best))
    return [best if place == nearest else place for place in places]


def _target_source(study: dict) -> str:
    """Return the part of the caption on where the target comes from."""
    return (
        ""
        if study["statistics"]["target_loss"] is not None
        else f", {100 * TARGET_IMPROVEMENT:g} % of the way to the best"
    )


@style.applied()
def draw(trainings: Sequence[Training], study: dict) -> Figure:
    """Return the share of seeds that have reached the target over epochs, one step line per training.

    Of many rates, as many as can be told apart are drawn, evenly over those at which any seed got there; where a
    second setting varies, each of its values is drawn at its best rate.
    """
    target = target_loss(trainings, study)
    times = [epochs_to(training, target) for training in trainings]
    there = [place for place, (_, reached) in enumerate(times) if reached.any()]
    best = best_of_each(trainings)
    shown = best if len(study["vary"]) > 1 else _with_best(_evenly(there), best[0], there)
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    marked = best[0] if shown is not best and best[0] in shown else None
    looks = zip(style.colours(len(shown), ordered=True), style.gapped(len(shown)), strict=True)
    for place, (colour, dashes) in zip(shown, looks, strict=True):
        epochs, there_by = shares_there(*times[place])
        epochs, reached = np.concatenate([[0], epochs]), np.concatenate([[0], there_by])
        last = trainings[place].epochs
        name = labels.of(study["trainings"][place], study["vary"])
        look: dict[str, Any] = {"color": colour, "linewidth": 2, "linestyle": dashes}
        if place == marked:
            name, look = f"{name} ★", {**look, "color": "black", "linewidth": 2.5}
        axes.step([*epochs, last], [*reached, reached[-1]], where="post", label=name, **look)
    longest = max(training.epochs for training in trainings)
    axes.set(xlim=(0, 1.01 * longest), ylim=(-0.02, 1.02), xlabel="epochs trained")
    axes.set_ylabel("share of seeds that have reached the target")
    axes.xaxis.get_major_locator().set_params(integer=True)  # type: ignore[call-arg]  # it is a MaxNLocator
    if shown:
        figure.legend(title=" and ".join(study["vary"]).replace("_", " "), loc="outside right center", fontsize=9)
    style.title(figure, f"{study['title']}: {labels.named(study['dataset'], study['simulated'])}")
    marks = (style.GAPS_SENTENCE if len(shown) > 1 else "") + (
        " Black, ★: the best rate." if marked is not None else ""
    )
    never = len(trainings) - len(there)
    style.caption(
        figure,
        f"{study['seeds']} seeds; target: validation loss {target:.3g}{_target_source(study)}. "
        f"Of {len(trainings)} trainings {len(shown)} are shown; in {never} no seed got there.{marks} "
        f"{labels.held_fixed(study)}",
    )
    return figure
