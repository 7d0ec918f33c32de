"""What the trainings are measured against: guessing, the optimum, and how curved the loss is there."""

import numpy as np
import pytest
from scipy.special import log_softmax

from lrstudy.data import baselines
from lrstudy.data.prepared import Prepared


def prepared(classes: int, noise: float) -> Prepared:
    """Return a table of two features and overlapping classes, the less the less noise there is."""
    random = np.random.default_rng(classes)
    target = random.integers(classes, size=300)
    features = random.normal(size=(300, 2)) * noise + np.column_stack([target, target % 2]) * 2
    rows = np.column_stack([features, target]).astype(np.float32)
    return Prepared(["a", "b"], [str(label) for label in range(classes)], rows, np.arange(300) < 210)


def loss(weights: np.ndarray, data: Prepared, classes: int) -> float:
    """Return the cross-entropy of a network without hidden layers: one sigmoid, or a softmax of several outputs."""
    inputs = np.column_stack([data.train[:, :-1].astype(float), np.ones(len(data.train))])
    logits = inputs @ weights.reshape(3, -1)
    if classes == 2:
        logits = np.column_stack([np.zeros(len(logits)), logits])
    return -log_softmax(logits, axis=1)[np.arange(len(logits)), data.train[:, -1].astype(int)].mean()


@pytest.mark.parametrize("classes", [2, 3])
def test_the_curvature_is_the_largest_eigenvalue_of_the_losss_hessian(classes):
    data = prepared(classes, 1.5)
    features, target = data.train[:, :-1].astype(float), data.train[:, -1].astype(int)
    model = baselines.converged_logistic_regression().fit(features, target)
    weights = np.vstack([model.coef_.T, model.intercept_]).ravel()
    size, step = len(weights), 1e-4
    moves = step * np.eye(size)
    hessian = [
        [sum(a * b * loss(weights + a * first + b * second, data, classes) for a in (1, -1) for b in (1, -1))
         for second in moves] for first in moves
    ]  # fmt: skip
    expected = np.linalg.eigvalsh(np.array(hessian) / (4 * step**2))[-1]
    assert baselines.reference_values(data)["curvature"] == pytest.approx(expected, rel=1e-4)


def test_separable_classes_have_no_curvature():
    assert baselines.reference_values(prepared(2, 0.1))["curvature"] is None


def test_guessing_is_worth_the_classes_shares():
    found = baselines.reference_values(prepared(3, 1.5))
    shares = np.bincount(prepared(3, 1.5).rows[:, -1].astype(int)) / 300
    assert found["majority_share"] == shares.max()
    assert found["entropy"] == pytest.approx(-(shares * np.log(shares)).sum())
    assert (found["train_rows"], found["test_rows"]) == (210, 90)
