"""Gradient descent on two weights: which features, the surface of their loss, and where its limit lies.

The loss is the mean cross-entropy of a logistic regression on two features, plus half `PENALTY` times the sum of its
squared weights (and bias). The penalty gives every table, also one whose classes are separated, one lowest loss that is
not infinitely far, and keeps the curvature at the start near that at the lowest loss: so there is one limit, 2 over the
curvature. Below it gradient descent arrives at the lowest loss; above it, it does not.
"""

from typing import Any

import contourpy
import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from lrstudy.data.prepared import Prepared
from lrstudy.io import jsonable

PENALTY = 0.1
NEXT_TO_NONE = 1e-6  # a penalty that leaves the weights as they would be without one, but finite
STEPS = 40
START = (1.2861859, 0.48424166, 0.0)  # what Keras's GlorotUniform draws for seed 0, and a bias of zero
SHARES = (0.01, 0.5, 1.2)  # of the limit: the three rates of the figure
SLIDER = (0.01, 2.5, 40)  # the rates that a reader can choose from: lowest and highest share of the limit, how many
GRID = 60  # points of the loss surface along each weight
LEVELS = 11  # contours
MOST_ROWS = 2000  # training rows of the picture's table: more would only make its surface dearer
TOO_FEW = "The path of gradient descent is drawn over two weights, and this table has one feature: there is none."


def two_features(data: Prepared) -> tuple[np.ndarray, list[str]]:
    """Return a table of the two features that matter most, and their names.

    Those are the two of largest weight in the logistic regression of the first class against the rest, with a penalty
    of `NEXT_TO_NONE`. The table has shape (rows, 3): the two features, then 1 for the first class and else 0. Of more
    than `MOST_ROWS` training rows it has so many, chosen evenly and with the classes' shares.
    """
    rows = data.train
    if len(rows) > MOST_ROWS:
        sorted_by_class = np.argsort(rows[:, -1], kind="stable")
        rows = rows[np.sort(sorted_by_class[np.linspace(0, len(rows) - 1, MOST_ROWS).round().astype(int)])]
    first = (rows[:, -1] == 0).astype(np.float32)
    weights = optimum(np.column_stack([rows[:, :-1], first]), NEXT_TO_NONE)[:-1]
    chosen = np.sort(np.argsort(-np.abs(weights), kind="stable")[:2])
    return np.column_stack([rows[:, chosen], first]), [data.features[place] for place in chosen]


def losses(table: np.ndarray, weights: np.ndarray, penalty: float = PENALTY) -> np.ndarray:
    """Return the penalised loss over `table` (rows, features + 1) at each of `weights` (…, features + 1), bias last."""
    inputs, target = _inputs(table)
    logits = weights @ inputs.T
    entropy = np.mean(np.logaddexp(0, logits) - target * logits, axis=-1)
    return entropy + penalty / 2 * np.sum(weights**2, axis=-1)


def optimum(table: np.ndarray, penalty: float = PENALTY) -> np.ndarray:
    """Return the weights and the bias of the lowest loss, (features + 1,)."""
    return minimize(
        lambda weights: losses(table, weights, penalty),
        np.zeros(table.shape[1]),
        jac=lambda weights: _slopes(table, weights, penalty),
        hess=lambda weights: _hessian(table, weights, penalty),
        method="trust-exact",
        options={"gtol": 1e-10},
    ).x


def limit(table: np.ndarray, best: np.ndarray) -> float:
    """Return 2 over the largest eigenvalue of the loss's Hessian at `best`: no larger rate can stay there."""
    return float(2 / np.linalg.eigvalsh(_hessian(table, best, PENALTY))[-1])


def _inputs(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the features with a 1 behind them, (rows, features + 1), and the target, (rows,)."""
    return np.column_stack([table[:, :-1], np.ones(len(table))]).astype(float), table[:, -1].astype(float)


def _slopes(table: np.ndarray, weights: np.ndarray, penalty: float) -> np.ndarray:
    """Return the gradient of the loss at each of `weights` (…, features + 1)."""
    inputs, target = _inputs(table)
    return (expit(weights @ inputs.T) - target) @ inputs / len(table) + penalty * weights


def _hessian(table: np.ndarray, weights: np.ndarray, penalty: float) -> np.ndarray:
    inputs, _ = _inputs(table)
    probability = expit(inputs @ weights)
    spread = inputs * (probability * (1 - probability))[:, None]
    return inputs.T @ spread / len(table) + penalty * np.eye(len(weights))


def learning_rates(most: float) -> list[float]:
    """Return the rates to follow, ascending: those of `SLIDER`, and of `SHARES`, times the limit `most`."""
    shares = {*np.geomspace(*SLIDER).tolist(), *SHARES}
    return [float(f"{share * most:.3g}") for share in sorted(shares)]


def follow(table: np.ndarray, rates: list[float]) -> dict[float, np.ndarray]:
    """Return, for each of `rates`, the weights from the start to after the last step, shape (`STEPS` + 1, 3).

    Each step of gradient descent reads all rows of `table`. It is what Keras's `fit` does with SGD, a batch of all
    rows and `weight_decay` of `PENALTY`.
    """
    weights = np.tile(START, (len(rates), 1))
    places = [weights]
    for _ in range(STEPS):
        weights = weights - np.array(rates)[:, None] * _slopes(table, weights, PENALTY)
        places.append(weights)
    return dict(zip(rates, np.stack(places, axis=1), strict=True))


def nearest(rates: list[float], most: float) -> list[float]:
    """Return the rates of the figure: those nearest `SHARES` of the limit."""
    return [min(rates, key=lambda rate: abs(rate - share * most)) for share in SHARES]


def describe(table: np.ndarray, names: list[str], paths: dict[float, np.ndarray], of: int) -> dict:
    """Return what a picture of the `paths` (rate: weights (steps + 1, 3)) needs beside them, as JSON takes it.

    `limit`, `best` (two weights and a bias) and `lowest` (its loss); `rows`, as text, which of the `of` training rows
    were seen; `spans`, from where to where each weight is drawn; `contours`, for each level of the loss at the best
    bias its lines, each a list of [first, second] weight.
    """
    best = optimum(table)
    most = limit(table, best)
    shown = [path for rate, path in paths.items() if rate <= SHARES[-1] * most * 1.01]
    spans = _spans(np.concatenate([*shown, best[None]])[:, :2])
    first, second = (np.linspace(low, high, GRID) for low, high in spans)
    pairs = np.stack([*np.meshgrid(first, second), np.full((GRID, GRID), best[2])], axis=-1)
    surface, lowest = losses(table, pairs), float(losses(table, best))
    levels = lowest + (surface.max() - lowest) * np.linspace(0.06, 1, LEVELS) ** 2
    drawing: Any = contourpy.contour_generator(first, second, surface)
    contours = [{"level": level, "lines": [line.round(3) for line in drawing.lines(level)]} for level in levels[:-1]]
    facts = {"features": names, "penalty": PENALTY, "limit": most, "best": best, "lowest": lowest}
    chosen = f"{len(table):,} of the" if len(table) < of else "all"
    facts["rows"] = f"{chosen} {of:,} training rows"
    return jsonable({**facts, "spans": spans, "contours": contours})


def _spans(points: np.ndarray) -> np.ndarray:
    """Return from where to where each weight is drawn, of equal length, so that all `points` (…, 2) are inside."""
    low, high = points.min(axis=0), points.max(axis=0)
    half = 0.6 * max((high - low).max(), 1)
    return np.stack([(low + high) / 2 - half, (low + high) / 2 + half], axis=1)
