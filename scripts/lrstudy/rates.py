"""The final loss over the learning rate, and the share of seeds that fail."""

import numpy as np
from matplotlib.figure import Figure

from lrstudy import style


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
        _draw_group(above, below, rows, name, colour)
    if recommendation["recommended"] is not None:
        _draw_recommended(above, recommendation)
    above.set(xscale="log", yscale="log", ylabel="validation loss after the last epoch")
    below.set(ylim=(-0.03, 1.03), xlabel="learning rate", ylabel="share of\nfailed seeds")
    above.legend(title=", ".join(others).replace("_", " ") or None, fontsize=9)
    figure.suptitle(f"{study['title']}: {style.named(study['dataset'], study['simulated'])}")
    style.caption(
        figure,
        f"Mean of {study['seeds']} seeds, each loss capped at its own before training; bands: 95 % bootstrap intervals,"
        " below Wilson's.",
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


def _draw_group(above, below, rows: list[dict[str, str]], name: str, colour) -> None:
    rows = sorted(rows, key=lambda row: float(row["learning_rate"]))
    rate = _column(rows, "learning_rate")
    for axes, quantity in ((above, "val_loss_mean"), (below, "failed_share")):
        axes.plot(
            rate, _column(rows, quantity), marker="o", markersize=3.5, color=colour, label=name or "mean over seeds"
        )
        low, high = _column(rows, f"{quantity}_low"), _column(rows, f"{quantity}_high")
        axes.fill_between(rate, low, high, color=colour, alpha=0.2, linewidth=0)


def _draw_recommended(axes, recommendation: dict) -> None:
    """Shade the stable range and the plateau, and mark the recommended rate."""
    axes.axvspan(*recommendation["stable_range"], color="#009E73", alpha=0.07, label="stable range")
    low, high = recommendation["plateau"]
    axes.axvspan(low / 1.05, high * 1.05, color="#009E73", alpha=0.25, label="as good as the best")
    axes.axvline(recommendation["recommended"], color="black", linewidth=1, linestyle="--", label="recommended")
