"""The path of gradient descent over the loss of two weights, as real trainings went it."""

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from lrstudy.data.prepared import Prepared
from lrstudy.evidence import descent
from lrstudy.figures import style
from lrstudy.files import labels

WORDS = ("too small", "good", "too large")
WORDS_WITHOUT_OPTIMUM = ("small", "larger", "largest")  # the steeper the loss once was, the faster it falls for ever
GRID = 120  # points of the loss surface along each weight


def draw(data: Prepared, paths: dict[float, np.ndarray], study: dict) -> Figure:
    """Return a panel for each learning rate of `paths`: weights (steps + 1, 3) over the contours of the loss."""
    table, names = descent.two_features(data)
    best = descent.optimum(table)
    # The last place of the longest way stands for a lowest loss that is infinitely far.
    end = list(paths.values())[-1][-1] if best is None else best
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    panels = figure.subplots(1, len(paths), sharex=True, sharey=True)
    span = 1.25 * max(np.abs(end[:2]).max(), 1.5)
    spans = [np.linspace(centre / 2 - span, centre / 2 + span, GRID) for centre in end[:2]]
    loss = descent.surface(table, *spans, bias=end[2])
    levels = np.geomspace(loss.min() * 1.005, loss.max(), 14)
    words = WORDS_WITHOUT_OPTIMUM if best is None else WORDS
    for axes, (rate, path), word in zip(panels, paths.items(), words, strict=True):
        axes.contour(*spans, loss, levels=levels, norm=LogNorm(), cmap="cividis", linewidths=0.8)
        axes.plot(*path[:, :2].T, color=style.COLOURS[1], linewidth=0.9, marker=".", markersize=3)
        axes.plot(*path[0, :2], "o", color="black", markersize=6, label="start")
        if best is not None:
            axes.plot(*best[:2], "*", color="white", markeredgecolor="black", markersize=14, label="lowest loss")
        axes.set(title=f"{word}: {style.plain(rate)}", xlabel=f"weight of {names[0]}")
        axes.set(xlim=spans[0][[0, -1]], ylim=spans[1][[0, -1]])
    panels[0].set_ylabel(f"weight of {names[1]}")
    panels[0].legend(loc="lower right", fontsize=9)
    figure.suptitle(f"Gradient descent on two weights: {labels.named(study['dataset'], study['simulated'])}")
    bias = "its optimum" if best is not None else "the last path's end; the classes are separated, no loss is lowest"
    style.caption(
        figure,
        f"Seed 0, {len(path) - 1} steps over all training rows, a logistic regression on these two features; "
        f"contours: its training loss, the bias at {bias}.",
    )
    return figure
