"""The final loss over the learning rate, and the share of seeds that fail."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lrstudy import labels
from lrstudy.figures import style


@style.applied()
def draw(summary: list[dict[str, str]], recommendation: dict, study: dict) -> Figure:
    """Return the figure of a study that varies the learning rate, one line per value of what else it varies.

    `summary` holds the rows of summary.csv as text, `recommendation` the content of recommendation.json.
    """
    figure = Figure(figsize=(8, 8), layout="constrained")
    panels = figure.subplots(3, sharex=True, height_ratios=[3, 1.5, 1])
    others = [name for name in study["vary"] if name != "learning_rate"]
    groups = _groups(summary, others)
    colours = style.colours(len(groups), ordered="batch_size" in others)
    answers = recommendation["by"] if others else {"": recommendation}
    for (name, rows), colour, dashes in zip(groups.items(), colours, style.gapped(len(groups)), strict=True):
        _draw_group(
            panels, rows, _label(name, answers[name]), {"color": colour, "linestyle": dashes}, answers[name], study
        )
    if not others and recommendation["recommended"] is not None:
        _shade_ranges(panels[0], recommendation)
    panels[0].set(xscale="log", yscale="log", ylabel="validation loss\nafter the last epoch")
    panels[1].set_ylabel("test accuracy\n(share of rows)")
    panels[2].set(ylim=(-0.03, 1.03), xlabel="learning rate", ylabel="share of\nfailed seeds")
    for axis in (panels[0].xaxis, panels[0].yaxis):
        style.label_log(axis)
    panels[0].legend(title=", ".join(others).replace("_", " ") or None, fontsize=9)
    style.title(figure, f"{study['title']}: {labels.named(study['dataset'], study['simulated'])}")
    style.caption(figure, _caption_text(answers, study))
    return figure


def _label(name: str, answer: dict) -> str:
    """Return what a legend calls a line: by its rate too, for stars may lie on each other."""
    if not name:
        return "mean over seeds"
    return name if answer["recommended"] is None else f"{name}: ★ {style.plain(answer['recommended'])}"


def _caption_text(answers: dict[str, dict], study: dict) -> str:
    """Return the caption: what stars, bands and lines show, and of how many seeds."""
    star = "star: recommended; " if any(own["recommended"] is not None for own in answers.values()) else ""
    confidence = f"{100 * study['statistics']['confidence']:g} %"
    own = study["trainings"][0]["split"] == "each"
    around = f"{confidence} intervals for new rows" if own else f"{confidence} bootstrap intervals, on one split"
    limits = any(_near(each["limit"], study) for each in answers.values())
    theory = (
        " Upright dashes: 2 over the largest curvature at the optimum (momentum: its own), the limit of gradient "
        "descent over all rows at once; small batches grow unsteady below it."
    )
    return (
        f"Mean of {study['seeds']} seeds, each loss capped at its own before training; {star}bands: {around}; "
        f"accuracy: median and middle 90 % of seeds; failed: {style.FAILED}, with Wilson's interval."
        f"{theory if limits else ''}{style.GAPS_SENTENCE if len(answers) > 1 else ''} {labels.held_fixed(study)}"
    )


def _near(limit: float | None, study: dict) -> bool:
    """Return whether theory's limit is there, and within a factor of three of the grid."""
    rates = [float(training["learning_rate"]) for training in study["trainings"]]
    return limit is not None and min(rates) / 3 < limit < max(rates) * 3


def _groups(summary: list[dict[str, str]], others: list[str]) -> dict[str, list[dict[str, str]]]:
    groups: dict[str, list[dict[str, str]]] = {}
    for row in summary:
        groups.setdefault(", ".join(row[name] for name in others), []).append(row)
    return groups


def _column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    """Return a column of the summary as numbers; an empty cell is NaN."""
    return np.array([float(row[name] or "nan") for row in rows])


def _draw_group(
    panels: Sequence[Axes], rows: list[dict[str, str]], label: str, line: dict, answer: dict, study: dict
) -> None:
    """Draw loss, accuracy and failed share over the rate, a star at the recommended rate, a line at theory's limit.

    `line` is how the line is drawn: its colour and its gaps.
    """
    colour = line["color"]
    rows = sorted(rows, key=lambda row: float(row["learning_rate"]))
    rate = _column(rows, "learning_rate")
    own = any(row["val_loss_new_rows_low"] for row in rows)
    bands = (
        ("val_loss_mean", "val_loss_new_rows" if own else "val_loss_mean", ("low", "high")),
        ("val_accuracy_median", "val_accuracy", ("q05", "q95")),
        ("failed_share", "failed_share", ("low", "high")),
    )
    for axes, (quantity, around, ends) in zip(panels, bands, strict=True):
        values = _column(rows, quantity)
        axes.plot(rate, values, marker="o", markersize=3.5, label=label, **line)
        low, high = (_column(rows, f"{around}_{end}") for end in ends)
        axes.fill_between(rate, low, high, color=colour, alpha=0.2, linewidth=0)
    if answer["recommended"] is not None:
        loss = _column(rows, "val_loss_mean")[rate == answer["recommended"]]
        look: dict[str, Any] = {
            "marker": "*",
            "markersize": 14,
            "color": colour,
            "markeredgecolor": "black",
            "zorder": 3,
        }
        panels[0].plot(answer["recommended"], loss, **look)
    if _near(answer["limit"], study):
        for axes in panels:
            axes.axvline(answer["limit"], color=colour, linestyle="--", linewidth=1)


def _shade_ranges(axes: Axes, recommendation: dict) -> None:
    """Shade the stable range, and in it the rates that hold the best one and those nearly as good."""
    axes.axvspan(*recommendation["stable_range"], color="#009E73", alpha=0.07, label="stable range")
    low, high = recommendation["good_range"]
    axes.axvspan(low / 1.05, high * 1.05, color="#009E73", alpha=0.25, label="the best and those nearly as good")
