"""The best learning rate and its loss after each number of epochs."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lrstudy import labels
from lrstudy.figures import style

MOST_BANDS = 3  # groups; the bands of more hide each other


@style.applied()
def draw(rows: list[dict], study: dict) -> Figure:
    """Return the best rate above and its loss below, over the epochs trained, a line per value of what else varies.

    `rows` are those of `statistics.budget`.
    """
    others = [name for name in study["vary"] if name != "learning_rate"]
    groups: dict[str, list[dict]] = {}
    for row in rows:
        groups.setdefault(", ".join(str(row[name]) for name in others), []).append(row)
    figure = Figure(figsize=(8, 6.5), layout="constrained")
    above, below = figure.subplots(2, sharex=True)
    band = len(groups) <= MOST_BANDS
    colours = style.colours(len(groups), ordered="batch_size" in others)
    for (name, group), colour, dashes in zip(groups.items(), colours, style.gapped(len(groups)), strict=True):
        look: dict[str, Any] = {"marker": "o", "markersize": 3.5, "color": colour, "linestyle": dashes}
        epochs = [row["epoch"] for row in group]
        for axes, names in ((above, ("best", "low", "high")), (below, ("loss", "loss_low", "loss_high"))):
            middle, low, high = (np.array([row[each] for row in group]) for each in names)
            axes.plot(epochs, middle, label=name, **look)
            if band:
                axes.fill_between(epochs, low, high, color=colour, alpha=0.15, linewidth=0)
    above.set(yscale="log", ylabel="best learning rate")
    below.set(yscale="log", xlabel="epochs trained", ylabel="its validation loss")
    below.xaxis.set_major_locator(MaxNLocator(integer=True))
    for axes in (above, below) if rows else ():
        style.label_log(axes.yaxis)
    if others and groups:
        figure.legend(*above.get_legend_handles_labels(), title=others[0].replace("_", " "), loc="outside right center")
    style.title(figure, f"{study['title']}: {labels.named(study['dataset'], study['simulated'])}")
    gaps = style.GAPS_SENTENCE if len(groups) > 1 else ""
    style.caption(figure, f"{_caption_text(rows, band, study)}{gaps} {labels.held_fixed(study)}")
    return figure


def _caption_text(rows: list[dict], band: bool, study: dict) -> str:
    if not rows:
        return f"{study['seeds']} seeds: too few, or too many of them failed, to choose a rate."
    confidence = f"{100 * study['statistics']['confidence']:g} %"
    own = study["trainings"][0]["split"] == "each"
    what = "for new rows" if own else "over seeds, on one split"
    bands = f" Bands: rates nearly as good; below, the loss's {confidence} interval {what}." if band else ""
    return f"{study['seeds']} seeds; two of three choose the rate, the third reports its loss.{bands}"
