"""How time and memory grow: a line for each ladder of sizes, where it bends, and how steep it then is."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from lrstudy.figures import style

PANELS = {"seeds": ("seeds",), "learning rates": ("rates", "planned"), "rows": ("rows",)}
LABELS = {"seconds": "time", "memory": "memory"}
NAMES = {"planned": "planned alone: {slope}"}
DECADES = 2  # the least that an axis of values spans, so that what is flat looks flat

HEADROOM = 0.4  # decades above it all for each line of the legend


@style.applied()
def draw(found: Sequence[tuple]) -> Figure:
    """Return time on the left and memory on the right, over seeds, rates and rows; all axes are logarithmic.

    `found` holds ladder, quantity (`seconds` or `memory` in MB), sizes, values and their law, which has `at`, `slope`
    and `bend`. Lines are the laws, markers what was measured, dotted lines the bends.
    """
    figure = Figure(figsize=(8, 8.5), layout="constrained")
    grid = figure.subplots(len(PANELS), len(LABELS))
    for row, (name, ladders) in zip(grid, PANELS.items(), strict=True):
        for axes, quantity in zip(row, LABELS, strict=True):
            own = [each for each in found if each[0] in ladders and each[1] == quantity]
            for each, colour, marker in zip(own, style.COLOURS, "os", strict=False):
                _draw_ladder(axes, each, colour, marker)
            _finish(axes, quantity)
            axes.set_xlabel(name)
            axes.legend(fontsize=12, handlelength=1, handletextpad=0.4, borderpad=0, loc="upper left")
    for axes, title in zip(grid[0], LABELS.values(), strict=True):
        axes.set_title(title, fontsize=15)
    figure.supxlabel("dotted: where it bends", fontsize=13)
    return figure


def _draw_ladder(axes: Axes, each: tuple, colour: str, marker: str) -> None:
    ladder, quantity, sizes, values, law = each
    scale = 1000 if quantity == "memory" else 1
    slope = "flat" if law.slope is None else f"slope {law.slope:.1f}"
    between = np.geomspace(sizes[0], sizes[-1], 200)
    axes.plot(sizes, values / scale, marker, color=colour, markersize=7)
    name = NAMES.get(ladder, "").format(slope=slope) or slope
    axes.plot(between, law.at(between) / scale, color=colour, linewidth=2, label=name)
    if law.bend is not None:
        axes.axvline(law.bend, color=colour, linestyle=":", linewidth=2)


def _finish(axes: Axes, quantity: str) -> None:
    axes.set(xscale="log", yscale="log", ylabel={"seconds": "seconds", "memory": "GB"}[quantity])
    low, high = np.log10(axes.get_ylim())
    more = max(0, DECADES - (high - low)) / 2
    axes.set_ylim(10 ** (low - more), 10 ** (high + more + HEADROOM * len(axes.get_legend_handles_labels()[0])))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(numticks=7))
        axis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(_short)
    axes.yaxis.set_major_formatter(style.plain)
    axes.tick_params(labelsize=13)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_fontsize(13)


def _short(number: float, _: float | None = None) -> str:
    """Return a tick's label of few letters: 10, 1k, 1M."""
    for unit, letter in ((1e6, "M"), (1e3, "k")):
        if number >= unit:
            return f"{number / unit:g}{letter}"
    return f"{number:g}"
