"""The final loss over the learning rate, and the share of seeds that fail."""

import numpy as np
from matplotlib.figure import Figure

from lrstudy.figures import style
from lrstudy.files import labels


def draw(summary: list[dict[str, str]], recommendation: dict, study: dict) -> Figure:
    """Return the figure of a study that varies the learning rate, one line per value of what else it varies.

    `summary` holds the rows of summary.csv as text, `recommendation` the content of recommendation.json.
    """
    figure = Figure(figsize=(8, 6.5), layout="constrained")
    above, below = figure.subplots(2, sharex=True, height_ratios=[3, 1])
    others = [name for name in study["vary"] if name != "learning_rate"]
    groups = _groups(summary, others)
    colours = style.colours(len(groups), ordered="batch_size" in others)
    for (name, rows), colour in zip(groups.items(), colours, strict=True):
        own = recommendation["by"][name] if others else recommendation
        _draw_group(above, below, rows, name, colour, own["recommended"])
    if not others and recommendation["recommended"] is not None:
        _shade_ranges(above, recommendation)
    above.set(xscale="log", yscale="log", ylabel="validation loss after the last epoch")
    below.set(ylim=(-0.03, 1.03), xlabel="learning rate", ylabel="share of\nfailed seeds")
    for axis in (above.xaxis, above.yaxis):
        style.label_log(axis)
    above.legend(title=", ".join(others).replace("_", " ") or None, fontsize=9)
    stars = any(own["recommended"] is not None for own in recommendation.get("by", {"": recommendation}).values())
    star = "star: recommended; " if stars else ""
    style.title(figure, f"{study['title']}: {labels.named(study['dataset'], study['simulated'])}")
    style.caption(
        figure,
        f"Mean of {study['seeds']} seeds, each loss capped at its own before training; {star}bands: "
        f"{100 * study['statistics']['confidence']:g} % bootstrap intervals, below Wilson's.",
    )
    return figure


def _groups(summary: list[dict[str, str]], others: list[str]) -> dict[str, list[dict[str, str]]]:
    groups = {}
    for row in summary:
        groups.setdefault(", ".join(row[name] for name in others), []).append(row)
    return groups


def _column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    """Return a column of the summary as numbers; an empty cell is NaN."""
    return np.array([float(row[name] or "nan") for row in rows])


def _draw_group(above, below, rows: list[dict[str, str]], name: str, colour, recommended: float | None) -> None:
    """Draw loss and failed share over the rate, and a star at the recommended rate."""
    rows = sorted(rows, key=lambda row: float(row["learning_rate"]))
    rate = _column(rows, "learning_rate")
    for axes, quantity in ((above, "val_loss_mean"), (below, "failed_share")):
        values = _column(rows, quantity)
        axes.plot(rate, values, marker="o", markersize=3.5, color=colour, label=name or "mean over seeds")
        low, high = _column(rows, f"{quantity}_low"), _column(rows, f"{quantity}_high")
        axes.fill_between(rate, low, high, color=colour, alpha=0.2, linewidth=0)
    if recommended is not None:
        loss = _column(rows, "val_loss_mean")[rate == recommended]
        above.plot(recommended, loss, marker="*", markersize=14, color=colour, markeredgecolor="black", zorder=3)


def _shade_ranges(axes, recommendation: dict) -> None:
    """Shade the stable range, and in it the rates that are as good as the best."""
    axes.axvspan(*recommendation["stable_range"], color="#009E73", alpha=0.07, label="stable range")
    low, high = recommendation["plateau"]
    axes.axvspan(low / 1.05, high * 1.05, color="#009E73", alpha=0.25, label="as good as the best stable rate")
