"""The lecture's figures: loss and accuracy over epochs."""

import numpy as np
import pyarrow as pa
from matplotlib.figure import Figure

from lrstudy import labels, parquet, style

MOST_BANDS = 8  # trainings; the bands of more hide each other
MOST_NAMES = 30  # trainings; a legend of more does not fit
LECTURE_ACCURACY = 0.579  # test accuracy after the first ten epochs of the lecture's one seed


def draw(histories: pa.Table, study: dict) -> Figure:
    """Return the figure of a study: one training has both curves in one panel, several have a panel each.

    `histories` is the study's tidy table; `study` its settings, with `vary`, `trainings`, `title`, `dataset`, and
    `lecture` where the dataset is the lecture's.
    """
    values = _by_training(histories, study)
    return _one_training(values[0], study) if len(values) == 1 else _panels(values, study)


def _by_training(histories: pa.Table, study: dict) -> list[dict[str, np.ndarray]]:
    """Return loss, accuracy and test accuracy of each training, arrays of shape (seeds, epochs)."""
    names = ("loss", "accuracy", "val_accuracy")
    rows = study["seeds"] * np.array([training["epochs"] + 1 for training in study["trainings"]])
    ends = np.cumsum(rows)
    trained = []
    for first, last in zip(ends - rows, ends, strict=True):
        part = histories.slice(first, last - first)
        trained.append({name: parquet.column(part, name).reshape(study["seeds"], -1)[:, 1:] for name in names})
    return trained


def _draw_band(axes, values: np.ndarray, band: bool = True, **look) -> None:
    """Draw the median over seeds as a line, and the middle 90 % of the seeds as a band."""
    epochs = np.arange(values.shape[1])
    low, middle, high = np.nanquantile(
        np.where(np.isfinite(values), values, np.inf), [0.05, 0.5, 0.95], axis=0, method="nearest"
    )
    (line,) = axes.plot(epochs, middle, marker="o", markersize=3.5, **look)
    if band and len(values) > 1:
        axes.fill_between(epochs, low, np.minimum(high, 1e6), color=line.get_color(), alpha=0.15, linewidth=0)


def _finish(axes, epochs: int, quantity: str) -> None:
    axes.set(ylim=(0, 1), xlim=(-0.2, epochs - 0.8), ylabel=quantity)
    axes.xaxis.get_major_locator().set_params(integer=True)


def _panels(trained: list[dict], study: dict) -> Figure:
    """Return loss above and accuracy below, one line per value of what varies."""
    band = len(trained) <= MOST_BANDS
    figure = Figure(figsize=(8, 7.5), layout="constrained")
    above, below = figure.subplots(2, sharex=True)
    colours = style.colours(len(trained), ordered=study["vary"][-1] in ("learning_rate", "batch_size", "epochs"))
    for values, training, colour in zip(trained, study["trainings"], colours, strict=True):
        _draw_band(above, values["loss"], band, color=colour, label=labels.of(training, study["vary"]))
        _draw_band(below, values["accuracy"], band, color=colour)
    epochs = max(values["loss"].shape[1] for values in trained)
    _finish(above, epochs, "training loss (cross-entropy)")
    _finish(below, epochs, "training accuracy (share of rows)")
    below.set_xlabel("epoch")
    title = " and ".join(name.replace("_", " ") for name in study["vary"])
    if band:
        above.legend(title=title, loc="upper right", fontsize=9)
    elif len(trained) <= MOST_NAMES:
        figure.legend(title=title, loc="outside right center", fontsize=9)
    figure.suptitle(f"{study['title']}: {style.named(study['dataset'], study['simulated'])}")
    style.caption(figure, seeds_caption(study["seeds"], band))
    return figure


def _one_training(values: dict, study: dict) -> Figure:
    """Return loss and accuracy of a single training in one panel, and where the test accuracies lie."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    _draw_band(axes, values["loss"], label="loss")
    _draw_band(axes, values["accuracy"], label="accuracy")
    _finish(axes, values["loss"].shape[1], "training loss and accuracy")
    axes.set_xlabel("epoch")
    axes.legend(loc="upper right")
    final = values["val_accuracy"][:, -1]
    figure.suptitle(f"Test accuracy: {_accuracy_words(final)}\n{style.named(study['dataset'], study['simulated'])}")
    style.caption(figure, seeds_caption(study["seeds"]) + (_lecture_words(final) if study.get("lecture") else ""))
    return figure


def _accuracy_words(final: np.ndarray) -> str:
    if len(final) == 1:
        return style.percent(final[0])
    low, middle, high = map(style.percent, np.quantile(final, [0.05, 0.5, 0.95]))
    return f"{middle} (median; 90 % of seeds between {low} and {high})"


def _lecture_words(final: np.ndarray) -> str:
    """Return where the lecture's single accuracy lies among the seeds."""
    reached = f" The lecture's seed reached {style.percent(LECTURE_ACCURACY)}"
    if len(final) == 1:
        return f"{reached}."
    below = np.count_nonzero(final <= LECTURE_ACCURACY)
    return f"{reached}; {below} of these {len(final)} did no better."


def seeds_caption(seeds: int, band: bool = True) -> str:
    """Return what lines and bands show, and of how many seeds."""
    if seeds == 1:
        return "Seed 0 alone."
    return f"Median of {seeds} seeds" + ("; bands: the middle 90 % of seeds." if band else ".")
