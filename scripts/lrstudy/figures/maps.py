"""The stability map: what learning rate and batch size do together to the final loss and to failure."""

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from lrstudy import labels
from lrstudy.figures import style


@style.applied()
def draw(summary: list[dict[str, str]], recommendation: dict, study: dict) -> Figure:
    """Return the map of a study that varies learning rate and batch size; colour is the final loss.

    `summary` holds the rows of summary.csv as text, `recommendation` the content of recommendation.json.
    """
    learning_rates, batches, loss, failed = grids(summary)
    figure = Figure(figsize=(8, 5.5), layout="constrained")
    axes = figure.subplots()
    edges = np.sqrt(learning_rates[1:] * learning_rates[:-1])
    edges = np.concatenate([[learning_rates[0] ** 2 / edges[0]], edges, [learning_rates[-1] ** 2 / edges[-1]]])
    colours = axes.pcolormesh(edges, np.arange(len(batches) + 1) - 0.5, loss, norm=LogNorm(), cmap="cividis_r")
    bar = figure.colorbar(colours, label="mean validation loss after the last epoch")
    unsafe = failed > study["statistics"]["failure_limit"]
    row, column = np.nonzero(unsafe)
    if row.size:
        limit_of_failures = f"over {100 * study['statistics']['failure_limit']:g} % of the seeds failed"
        axes.plot(learning_rates[column], row, "x", color="white", markersize=5, label=limit_of_failures)
    for place, batch in enumerate(batches):
        if (rate := recommendation["by"][str(batch)]["recommended"]) is not None:
            label = "recommended" if place == 0 else None
            axes.plot(rate, place, "*", color="white", markeredgecolor="black", markersize=15, label=label)
        limit = recommendation["by"][str(batch)]["limit"]
        if limit is not None and edges[0] < limit < edges[-1]:
            label = "limit of gradient descent" if place == 0 else None
            axes.plot([limit, limit], [place - 0.5, place + 0.5], "--", color="white", linewidth=1.5, label=label)
    axes.set(xscale="log", xlabel="learning rate", ylabel="batch size (rows)", yticks=range(len(batches)))
    axes.set_yticklabels(map(str, batches))
    for axis in (axes.xaxis, bar.ax.yaxis):
        style.label_log(axis)
    axes.grid(False)
    # Above the map, which it must not cover, and dark, for its marks are white.
    dark = {"frameon": True, "facecolor": colours.cmap(1.0), "labelcolor": "white"}
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=9, **dark)
    style.title(figure, f"{study['title']}: {labels.named(study['dataset'], study['simulated'])}")
    style.caption(
        figure,
        f"Mean of {study['seeds']} seeds, each loss capped at its own before training. Failed: {style.FAILED}. "
        f"{scaling_sentence(recommendation, study['statistics']['confidence'])}{_left_out_sentence(study, batches)} "
        f"{labels.held_fixed(study)}",
    )
    return figure


def grids(summary: list[dict[str, str]]) -> tuple[np.ndarray, list[int], np.ndarray, np.ndarray]:
    """Return learning rates and batch sizes, both ascending, and loss and failed share, (batch sizes, rates)."""
    learning_rates = sorted({float(row["learning_rate"]) for row in summary})
    batches = sorted({int(row["batch_size"]) for row in summary})
    loss, failed = np.full((2, len(batches), len(learning_rates)), np.nan)
    for row in summary:
        place = batches.index(int(row["batch_size"])), learning_rates.index(float(row["learning_rate"]))
        loss[place], failed[place] = float(row["val_loss_mean"] or "nan"), float(row["failed_share"])
    return np.array(learning_rates), batches, loss, failed


def _left_out_sentence(study: dict, drawn: list[int]) -> str:
    """Return the caption's sentence on batches beyond the training rows."""
    asked = {training.get("batch_size") for training in study["trainings"]} - {None}
    beyond = sorted(asked - set(drawn))
    named = ", ".join(map(str, beyond))
    return f" Left out, more than the training rows: {named}." if beyond else ""


def scaling_sentence(recommendation: dict, confidence: float) -> str:
    """Return a sentence on how the best rate grows with the batch size."""
    found = recommendation["batch_scaling"]
    if found["interval"] is None:
        return ""
    at_epochs = f"At equal epochs the best rate grows as batch size^{_format_exponent(found, confidence)}"
    steps = found["equal_steps"]
    if steps is None or steps["interval"] is None:
        return f"{at_epochs}."
    return f"{at_epochs}, at equal steps as batch size^{_format_exponent(steps, confidence)}."


def _format_exponent(found: dict, confidence: float) -> str:
    low, high = found["interval"]
    return f"{found['alpha']:.2f} ({100 * confidence:g} % interval {low:.2f} to {high:.2f})"
