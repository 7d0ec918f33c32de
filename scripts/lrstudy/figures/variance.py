"""How much of the final loss's variance comes from split, initial weights and order of rows."""

import numpy as np
from matplotlib.figure import Figure

from lrstudy import labels
from lrstudy.figures import style
from lrstudy.statistics.variance import COMPONENTS, ORDERS, SPLITS, WEIGHTS

NAMES = (
    "split",
    "initial weights",
    "order of rows",
    "split × weights",
    "split × order",
    "weights × order",
    "all three",
)


@style.applied()
def draw(rows: list[dict], study: dict) -> Figure:
    """Return a bar for each component, with its interval, in a group for each learning rate.

    `rows` are those of `statistics.variance`.
    """
    rates = list(dict.fromkeys(row["learning_rate"] for row in rows))
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    width = 0.8 / max(len(rates), 1)
    for place, (rate, colour) in enumerate(zip(rates, style.COLOURS, strict=False)):
        own = {row["component"]: row for row in rows if row["learning_rate"] == rate}
        share, low, high = (np.array([own[name][key] for name in COMPONENTS]) for key in ("share", "low", "high"))
        where = np.arange(len(COMPONENTS)) + (place - (len(rates) - 1) / 2) * width
        axes.bar(where, share, width, color=colour, label=f"learning rate {style.plain(rate)}")
        # A bootstrap's interval may lie beside the estimate, which a bar cannot.
        ends = [np.maximum(share - low, 0), np.maximum(high - share, 0)]
        axes.errorbar(where, share, ends, fmt="none", ecolor="black", elinewidth=1, capsize=2)
    axes.set(ylim=(0, 1.02), ylabel="share of the variance\nof the final loss")
    axes.set_xticks(range(len(NAMES)), [name.replace(" ", "\n", 1) for name in NAMES])
    if rows:
        axes.legend(fontsize=9)
    style.title(figure, f"Sources of variance: {labels.named(study['dataset'], study['simulated'])}")
    style.caption(
        figure,
        f"Every combination of {SPLITS} splits, {WEIGHTS} initial weights and {ORDERS} orders of rows; bars: "
        f"{100 * study['statistics']['confidence']:g} % intervals. {labels.held_fixed(study)}",
    )
    return figure
