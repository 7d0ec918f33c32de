"""What learning-rate finders suggest, seed by seed, over the curve that real trainings measured."""

import numpy as np
from matplotlib.figure import Figure

from lrstudy import labels
from lrstudy.figures import style

MOST_DOTS = 1000  # of one rule; more would be one blot
NAMES = {"steepest": "steepest fall", "minimum": "minimum / 10", "valley": "valley", "slide": "slide"}


@style.applied()
def draw(found: list[dict], measured: tuple[np.ndarray, np.ndarray], study: dict) -> Figure:
    """Return the measured loss over the learning rate, above each rule's suggestions, a dot for each seed.

    `found` holds the rows of `finders.audit`, `measured` the rates and mean final losses of the trainings.
    """
    figure = Figure(figsize=(8, 7), layout="constrained")
    above, below = figure.subplots(2, sharex=True, height_ratios=[1, 1.2])
    above.plot(*measured, marker="o", markersize=3.5, color="black")
    best = measured[0][measured[1].argmin()]
    above.set(xscale="log", yscale="log", ylabel="mean validation loss\nafter the last epoch")
    names = []
    jitter = np.random.default_rng(0)
    for place, (rule, colour) in enumerate(zip(NAMES, style.COLOURS, strict=False)):
        rows = [row for row in found if row["rule"] == rule and row["learning_rate"] is not None]
        suggested = np.array([row["learning_rate"] for row in rows])
        dots = suggested[:MOST_DOTS]
        below.plot(dots, place + jitter.uniform(-0.25, 0.25, len(dots)), ".", color=colour, alpha=0.35)
        regret = np.median([row["regret"] for row in rows]) if rows else np.nan
        names.append(f"{NAMES[rule]}\n" + (f"regret {regret:.2g}" if rows else "no suggestion"))
        below.plot(np.median(suggested) if rows else np.nan, place, "|k", markersize=26, markeredgewidth=2)
    for axes in (above, below):
        axes.axvline(best, color=style.COLOURS[2], linestyle="--", label="lowest measured loss")
    above.legend(fontsize=9)
    below.set(xlabel="learning rate", yticks=range(len(NAMES)), ylim=(len(NAMES) - 0.4, -0.6))
    below.set_yticklabels(names)
    for axis in (below.xaxis, above.yaxis):
        style.label_log(axis)
    first = f" (the first {MOST_DOTS:,} of them)" if study["seeds"] > MOST_DOTS else ""
    figure.suptitle(f"What a range test suggests: {labels.named(study['dataset'], study['simulated'])}")
    style.caption(
        figure,
        f"Above: mean over {study['seeds']} seeds of full trainings. Below, dots: what each rule reads off each seed's "
        f"range test{first}, one short run whose rate grows at every step; bars: their median; regret: the median over "
        "seeds of the loss there above the lowest. Steepest fall: where the loss falls fastest; minimum / 10: a tenth "
        "of the rate with the lowest loss; valley: the middle of the longest fall; slide: where the slope, coming from "
        f"the highest rates, first stays the same. {labels.held_fixed(study)}",
    )
    return figure
