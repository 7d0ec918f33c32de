"""Gradient descent on two weights: which features, the surface of their loss, and where its limit lies."""

import numpy as np
from scipy.special import expit

from lrstudy.data.baselines import converged_logistic_regression
from lrstudy.data.prepared import Prepared
from lrstudy.files.errors import StudyError

SHARES = (0.01, 0.6, 1.5)  # of the largest stable rate


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
