"""The path of gradient descent over the loss of two weights, as real trainings went it."""

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from scipy.special import expit

from lrstudy import style
from lrstudy.baselines import converged_logistic_regression
from lrstudy.errors import StudyError
from lrstudy.prepared import Prepared

SHARES = (0.01, 0.6, 1.5)  # of the largest stable rate
WORDS = ("too small", "good", "too large")
WORDS_WITHOUT_OPTIMUM = ("small", "larger", "largest")  # the steeper the loss once was, the faster it falls for ever
GRID = 120  # points of the loss surface along each weight


def two_features(data: Prepared) -> tuple[np.ndarray, list[str]]:
    """Return a table of the two features that matter most, and their names.

    Those are the two of largest weight in the converged logistic regression of the first class against the
    rest. The table has shape (training rows, 3): the two features, then 1 for the first class and else 0.
    Raises `StudyError` for a table of a single feature.
    """
    if len(data.features) < 2:
        raise StudyError("the path of gradient descent is drawn over two weights, and the table has one feature")
    first = (data.train[:, -1] == 0).astype(np.float32)
    weights = converged_logistic_regression().fit(data.train[:, :-1].astype(float), first).coef_[0]
    chosen = np.sort(np.argsort(-np.abs(weights), kind="stable")[:2])
    return np.column_stack([data.train[:, chosen], first]), [data.features[place] for place in chosen]


def surface(table: np.ndarray, first: np.ndarray, second: np.ndarray, bias: float) -> np.ndarray:
    """Return the mean cross-entropy over `table` at each pair of weights, shape (second, first)."""
    pairs = np.stack(np.meshgrid(first, second), axis=-1)
    logits = pairs @ table[:, :2].T + bias
    return np.mean(np.logaddexp(0, logits) - table[:, 2] * logits, axis=-1)


def optimum(table: np.ndarray) -> np.ndarray | None:
    """Return the two weights and the bias of the lowest loss.

    None where the two features separate the classes: the loss then falls for ever as the weights grow.
    """
    model = converged_logistic_regression().fit(table[:, :2].astype(float), table[:, 2].astype(int))
    if model.score(table[:, :2].astype(float), table[:, 2].astype(int)) == 1:
        return None
    return np.array([*model.coef_[0], model.intercept_[0]])


def curvature(table: np.ndarray, weights: np.ndarray) -> float:
    """Return the largest eigenvalue of the loss's Hessian at `weights`: gradient descent is stable below 2 over it."""
    inputs = np.column_stack([table[:, :2], np.ones(len(table))])
    probability = expit(inputs @ weights)
    return float(np.linalg.eigvalsh(inputs.T @ (inputs * (probability * (1 - probability))[:, None]) / len(table))[-1])


def learning_rates(table: np.ndarray) -> list[float]:
    """Return a rate that is too small, a good one, and one beyond the limit of stability at the lowest loss.

    Where there is no lowest loss, the limit is that of weights of zero, where the loss is most curved.
    """
    best = optimum(table)
    limit = 2 / curvature(table, np.zeros(3) if best is None else best)
    return [float(f"{share * limit:.2g}") for share in SHARES]


def draw(data: Prepared, paths: dict[float, np.ndarray], study: dict) -> Figure:
    """Return a panel for each learning rate of `paths`: weights (steps + 1, 3) over the contours of the loss."""
    table, names = two_features(data)
    best = optimum(table)
    # The last place of the longest way stands for a lowest loss that is infinitely far.
    end = list(paths.values())[-1][-1] if best is None else best
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    panels = figure.subplots(1, len(paths), sharex=True, sharey=True)
    span = 1.25 * max(np.abs(end[:2]).max(), 1.5)
    spans = [np.linspace(centre / 2 - span, centre / 2 + span, GRID) for centre in end[:2]]
    loss = surface(table, *spans, bias=end[2])
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
    figure.suptitle(f"Gradient descent on two weights: {style.named(study['dataset'], study['simulated'])}")
    bias = "its optimum" if best is not None else "the last path's end; the classes are separated, no loss is lowest"
    style.caption(
        figure,
        f"Seed 0, {len(path) - 1} steps over all training rows, a logistic regression on these two features; "
        f"contours: its training loss, the bias at {bias}.",
    )
    return figure
