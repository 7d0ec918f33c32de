"""The path of gradient descent over the loss of two weights, as real trainings went it."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from lrstudy import labels
from lrstudy.figures import style
from lrstudy.statistics import descent

NAMES = ("too small", "good", "too large")


@style.applied()
def draw(facts: dict, paths: dict[float, np.ndarray], study: dict) -> Figure:
    """Return a panel for each rate of the figure: its path (steps + 1, 3) over the contours of the loss.

    `facts` is what `statistics.descent.describe` returns.
    """
    chosen = descent.nearest(list(paths), facts["limit"])
    figure = Figure(figsize=(9.5, 4.4), layout="constrained")
    panels = figure.subplots(1, len(chosen), sharex=True, sharey=True)
    for axes, rate, name in zip(panels, chosen, NAMES, strict=True):
        path = paths[rate]
        lines = [np.array(line) for contour in facts["contours"] for line in contour["lines"]]
        shades = np.linspace(0.35, 0.8, len(facts["contours"])).astype(str)
        colours = [
            shade for shade, each in zip(shades, facts["contours"], strict=True) for _ in range(len(each["lines"]))
        ]
        axes.add_collection(LineCollection(lines, colors=colours, linewidths=0.8))
        axes.plot(*path[:, :2].T, color=style.COLOURS[0], linewidth=1, marker=".", markersize=4)
        axes.plot(*path[0, :2], "o", color="none", markeredgecolor="black", markersize=11, label="start")
        axes.plot(*facts["best"][:2], "*", color="white", markeredgecolor="black", markersize=15, label="lowest loss")
        axes.plot(*path[-1, :2], "s", color=style.COLOURS[1], markeredgecolor="black", markersize=5, label="end")
        share = f"{100 * rate / facts['limit']:.0f} % of the limit"
        axes.set(title=f"{name}: {style.plain(rate)}\n({share})", xlabel=f"weight of {facts['features'][0]}")
        axes.set(xlim=facts["spans"][0], ylim=facts["spans"][1])
    panels[0].set_ylabel(f"weight of {facts['features'][1]}")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right upper", fontsize=9)
    figure.suptitle(f"Gradient descent on two weights: {labels.named(study['dataset'], study['simulated'])}")
    style.caption(figure, caption(facts, len(path) - 1))
    return figure


def caption(facts: dict, steps: int) -> str:
    """Return the caption: what the figure shows, what its names mean, and what it must not be compared with."""
    return (
        f"Seed 0, {steps} steps over {facts['rows']} at once, of a logistic regression on these two features with a "
        f"penalty of {facts['penalty']:g}/2 on squared weights; contours: that loss, the bias at its best. Too small: "
        "still on its way; good: arrives; too large: above the limit, 2 over the loss's curvature at its lowest, "
        f"{facts['limit']:.3g}, it jumps back and forth. Another model than the studies', and not their batches: these "
        "rates do not compare with theirs."
    )


@style.applied()
def none_to_draw(study: dict) -> Figure:
    """Return, for a table of a single feature, the reason why there is no path."""
    figure = Figure(figsize=(10, 1.6), layout="constrained")
    figure.suptitle(f"Gradient descent on two weights: {labels.named(study['dataset'], study['simulated'])}")
    figure.text(0.5, 0.4, descent.TOO_FEW, ha="center")
    return figure
