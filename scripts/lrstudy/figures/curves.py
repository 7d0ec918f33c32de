"""The lecture's figures: loss and accuracy over epochs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from lrstudy import labels
from lrstudy.figures import style
from lrstudy.statistics.grids import best_of_each
from lrstudy.statistics.trainings import Training

MOST_BANDS = 8  # trainings; the bands of more hide each other
MOST_NAMES = 30  # trainings; a legend of more does not fit
SAME = 0.01  # medians that differ by no more than this share lie on each other
STARRED = {"color": "black", "linewidth": 2.5, "zorder": 3}  # the recommended rate
LECTURE_ACCURACY = 0.579  # test accuracy after the first ten epochs of the lecture's one seed


@style.applied()
def draw(trainings: Sequence[Training], study: dict, recommendation: dict | None = None) -> Figure:
    """Return the figure of a study: one training has both curves in one panel, several have a panel each.

    Where a setting varies beside the rate and a legend cannot name all trainings, each of its values is drawn at its
    recommended rate. `study` has `trainings`, `vary`, `title`, `dataset`, `simulated`, `seeds`, and `lecture`
    where the dataset is the lecture's; `recommendation` is the content of recommendation.json, where there is one.
    """
    if len(trainings) == 1:
        return _one_training(trainings[0], study)
    answers = _answers(recommendation)
    names = [labels.of(training, study["vary"]) for training in study["trainings"]]
    others = [name for name in study["vary"] if name != "learning_rate"]
    starred = [
        place
        for place, training in enumerate(trainings)
        if answers.get(", ".join(str(training.setting[name]) for name in others))
        == training.setting.get("learning_rate")
        and answers
    ]
    if len(trainings) <= MOST_NAMES or study["vary"] == ["learning_rate"] or "learning_rate" not in study["vary"]:
        return _panels(trainings, names, study, "", starred)
    shown = starred if len(starred) == len(answers) > 0 else best_of_each(trainings)
    which = "recommended" if shown is starred else "best"
    sentence = f" Of {len(trainings)} trainings {len(shown)} are shown, each at its {which} learning rate."
    return _panels([trainings[place] for place in shown], [names[place] for place in shown], study, sentence, [])


def _answers(recommendation: dict | None) -> dict[str, float | None]:
    """Return the recommended rate for each value of a second setting, or for "" without one."""
    if recommendation is None or "reason" in recommendation:
        return {}
    return {str(name): each["recommended"] for name, each in (recommendation.get("by") or {"": recommendation}).items()}


def _draw_band(axes: Axes, values: np.ndarray, band: bool = True, **look: Any) -> None:
    """Draw the median over seeds after each epoch as a line, and the middle 90 % of the seeds as a band."""
    after = values[:, 1:]
    low, middle, high = np.nanquantile(
        np.where(np.isfinite(after), after, np.inf), [0.05, 0.5, 0.95], axis=0, method="nearest"
    )
    epochs = np.arange(len(middle))
    (line,) = axes.plot(epochs, middle, marker="o", **{"markersize": 3.5, **look})
    if band and len(values) > 1:
        axes.fill_between(epochs, low, np.minimum(high, 1e6), color=line.get_color(), alpha=0.15, linewidth=0)


def _finish(axes: Axes, epochs: int, quantity: str, highest: float = 1) -> None:
    axes.set(ylim=(0, highest), xlim=(-0.2, epochs - 0.8), ylabel=quantity)
    axes.xaxis.get_major_locator().set_params(integer=True)  # type: ignore[call-arg]  # it is a MaxNLocator


def _highest(trainings: Sequence[Training]) -> float:
    """Return where the axis of the loss ends: at 1, as the lecture's, unless most seeds begin above that."""
    return max([1.0, *(float(np.median(training.loss[:, 0])) for training in trainings)])


def _beyond_sentence(trainings: Sequence[Training], highest: float) -> str:
    """Return a sentence for the caption where a line leaves the axis of the loss, or nothing."""
    within = (np.median(training.loss[:, 1:], axis=0) <= highest for training in trainings)
    return "" if all(map(np.all, within)) else f" Losses above {highest:.2g} lie beyond the axis."


def _panels(
    trainings: Sequence[Training], names: list[str], study: dict, ending: str, starred: Sequence[int]
) -> Figure:
    """Return loss above and accuracy below, one line per training, `starred` ones marked; `ending` ends the caption."""
    band = len(trainings) <= MOST_BANDS
    figure = Figure(figsize=(8.5, 7.5), layout="constrained")
    above, below = figure.subplots(2, sharex=True)
    twins, colours = _twins(trainings), _colours(trainings, study)
    gaps = style.gapped(len(trainings)) if ending or any(twins) else ["-"] * len(trainings)
    for place, (training, name) in enumerate(zip(trainings, names, strict=True)):
        look = {"linestyle": gaps[place], "color": colours[place], **(STARRED if place in starred else {})}
        label = f"{name} ★" if place in starred else name
        _draw_band(above, training.loss, band, label=label, **look)
        _draw_band(below, training.accuracy, band, **look)
    epochs, highest = max(training.epochs for training in trainings), _highest(trainings)
    _finish(above, epochs, "training loss (cross-entropy)", highest)
    _finish(below, epochs, "training accuracy (share of rows)")
    below.set_xlabel("epoch")
    title = " and ".join(study["vary"]).replace("_", " ")
    if len(trainings) <= MOST_NAMES:
        figure.legend(title=title, loc="outside right center", fontsize=9)
    elif study["vary"] == ["learning_rate"]:
        bar = figure.colorbar(ScalarMappable(_scale(trainings), "viridis"), ax=[above, below], label=title)
        style.label_log(bar.ax.yaxis)
        for place in starred:
            bar.ax.axhline(trainings[place].setting["learning_rate"], color=STARRED["color"], linewidth=2)
    style.title(figure, f"{study['title']}: {labels.named(study['dataset'], study['simulated'])}")
    dashed = style.GAPS_SENTENCE if ending or any(twins) else ""
    sentences = _beyond_sentence(trainings, highest) + ending + _marks_sentences(twins, names, starred)
    sentences += dashed + _left_out_sentence(study)
    style.caption(figure, f"{seeds_caption(study['seeds'], band)}{sentences} {labels.held_fixed(study)}")
    return figure


def _twins(trainings: Sequence[Training]) -> list[list[int]]:
    """Return, for each training, the earlier ones on whose median losses its own lies; none of many trainings."""
    if len(trainings) > MOST_BANDS:
        return [[] for _ in trainings]
    medians = [np.median(training.loss[:, 1:], axis=0) for training in trainings]

    def same(one: int, other: int) -> bool:
        return medians[one].shape == medians[other].shape and np.allclose(medians[one], medians[other], rtol=SAME)

    return [[first for first in range(later) if same(first, later)] for later in range(len(trainings))]


def _marks_sentences(twins: list[list[int]], names: list[str], starred: Sequence[int]) -> str:
    """Return the caption's sentences on lines that lie on each other and on the recommended one."""
    pairs = [
        f"{names[later]} on {' and '.join(names[one] for one in each)}" for later, each in enumerate(twins) if each
    ]
    overlaps = f" Losses that lie on each other: {', '.join(pairs)}." if pairs else ""
    return overlaps + (" Black, ★: the recommended rate." if starred else "")


def _scale(trainings: Sequence[Training]) -> LogNorm:
    rates = [training.setting["learning_rate"] for training in trainings]
    return LogNorm(min(rates), max(rates))


def _colours(trainings: Sequence[Training], study: dict) -> list:
    """Return a colour for each training; of more rates than have names, one that a colour bar explains."""
    if len(trainings) > MOST_NAMES and study["vary"] == ["learning_rate"]:
        scale = ScalarMappable(_scale(trainings), "viridis")
        return [scale.to_rgba(training.setting["learning_rate"]) for training in trainings]
    return style.colours(len(trainings), ordered=study["vary"][-1] in ("learning_rate", "batch_size", "epochs"))


def _one_training(training: Training, study: dict) -> Figure:
    """Return loss and accuracy of a single training in one panel, and where the test accuracies lie."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    _draw_band(axes, training.loss, label="loss")
    _draw_band(axes, training.accuracy, label="accuracy")
    highest = _highest([training])
    _finish(axes, training.epochs, "training loss and accuracy", highest)
    axes.set_xlabel("epoch")
    axes.legend(loc="upper right")
    final = training.val_accuracy[:, -1]
    figure.suptitle(f"Test accuracy: {_format_accuracies(final)}\n{labels.named(study['dataset'], study['simulated'])}")
    text = seeds_caption(study["seeds"]) + _beyond_sentence([training], highest) + _left_out_sentence(study)
    text += _lecture_sentence(final) if study.get("lecture") else ""
    style.caption(figure, f"{text} {labels.held_fixed(study)}")
    return figure


def _format_accuracies(final: np.ndarray) -> str:
    if len(final) == 1:
        return style.percent(final[0])
    low, middle, high = map(style.percent, np.quantile(final, [0.05, 0.5, 0.95], method="inverted_cdf"))
    return f"{middle} (median; 90 % of seeds between {low} and {high})"


def _lecture_sentence(final: np.ndarray) -> str:
    """Return where the lecture's single accuracy lies among the seeds."""
    reached = f" The lecture's seed reached {style.percent(LECTURE_ACCURACY)}"
    if len(final) == 1:
        return f"{reached}."
    below = np.count_nonzero(final <= LECTURE_ACCURACY)
    return f"{reached}; {below} of these {len(final)} did no better."


def _left_out_sentence(study: dict) -> str:
    """Return the caption's sentence on batches beyond the training rows, or nothing."""
    return f" {study['left_out']}" if study.get("left_out") else ""


def seeds_caption(seeds: int, band: bool = True) -> str:
    """Return what lines and bands show, and of how many seeds."""
    if seeds == 1:
        return "Seed 0 alone."
    return f"Median of {seeds} seeds" + ("; bands: the middle 90 % of seeds." if band else ".")
