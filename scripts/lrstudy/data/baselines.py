"""What the trainings are measured against: the majority class, a random forest, the converged logistic regression."""

import csv
import io

import numpy as np
from numpy.linalg import eigvalsh
from scipy.sparse.linalg import LinearOperator, eigsh
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import cross_val_score
from sklearn.utils import resample

from lrstudy.data.prepared import Prepared

FOLDS = 3
MOST_ROWS = 20_000  # of the cross-validation; on a million the forest alone would take an hour


def converged_logistic_regression() -> LogisticRegression:
    """Return the model of the lesson's network, without penalty, fitted by Newton's method until it stands still."""
    return LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-8, max_iter=1000)


def scores(data: Prepared, random_state: int) -> str:
    """Return, as CSV, the accuracy of each model in each fold of a 3-fold cross-validation.

    It is over all rows, or over a sample of `MOST_ROWS` with the same shares of classes.
    """
    rows = data.rows
    if len(rows) > MOST_ROWS:
        rows = resample(rows, replace=False, n_samples=MOST_ROWS, stratify=rows[:, -1], random_state=random_state)
    features, target = rows[:, :-1].astype(float), rows[:, -1].astype(int)
    models = {
        "majority_class": DummyClassifier(),
        "random_forest": RandomForestClassifier(random_state=random_state),
        "logistic_regression": converged_logistic_regression(),
    }
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(["model", "fold", "accuracy"])
    for name, model in models.items():
        accuracies = cross_val_score(model, features, target, cv=FOLDS)
        table.writerows([name, fold, repr(float(accuracy))] for fold, accuracy in enumerate(accuracies))
    return stream.getvalue()


def reference_values(data: Prepared) -> dict[str, float | None]:
    """Return the optimum of the logistic regression on the training rows, and what guessing is worth.

    `train_loss` is the mean cross-entropy that no logistic training can go below; `val_loss` and `val_accuracy`
    are the same model's on the test rows. For separable classes the floor is zero and only approached.
    `majority_accuracy` is the majority class's on the test rows, `majority_share` its share of all rows, `entropy` the
    loss of always answering with the classes' shares of all rows; `train_rows` and `test_rows` are numbers of rows.
    `curvature` is the largest eigenvalue of the training loss's Hessian at the optimum, None where the classes are
    separable and there is none (see `curvature`).
    """
    features, target = data.train[:, :-1].astype(float), data.train[:, -1].astype(int)
    test_features, test_target = data.test[:, :-1].astype(float), data.test[:, -1].astype(int)
    model = converged_logistic_regression().fit(features, target)
    shares = np.bincount(data.rows[:, -1].astype(int)) / len(data.rows)
    return {
        "train_loss": float(log_loss(target, model.predict_proba(features), labels=model.classes_)),
        "val_loss": float(log_loss(test_target, model.predict_proba(test_features), labels=model.classes_)),
        "val_accuracy": float(model.score(test_features, test_target)),
        "majority_accuracy": float(np.mean(test_target == np.bincount(target).argmax())),
        "majority_share": float(shares.max()),
        "entropy": float(-np.sum(shares * np.log(shares))),
        "train_rows": len(target),
        "test_rows": len(test_target),
        "curvature": None if model.score(features, target) == 1 else curvature(features, model.predict_proba(features)),
    }


def curvature(features: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the largest eigenvalue of the Hessian of a logistic network's loss over its weights and biases.

    `probabilities` (rows, classes) are the network's. Two classes have one sigmoid output, more a softmax output each:
    the Hessian is the mean over rows of (diag p − p pᵀ) ⊗ x xᵀ, with a 1 behind each row x of `features`.
    """
    inputs = np.column_stack([features, np.ones(len(features))])
    if probabilities.shape[1] == 2:
        spread = probabilities[:, 0] * probabilities[:, 1]
        return float(eigvalsh(inputs.T @ (inputs * spread[:, None]) / len(inputs))[-1])
    shape = inputs.shape[1], probabilities.shape[1]

    def times(weights: np.ndarray) -> np.ndarray:
        logits = inputs @ weights.reshape(shape)
        slopes = probabilities * (logits - np.sum(probabilities * logits, axis=1, keepdims=True))
        return (inputs.T @ slopes / len(inputs)).ravel()

    size = shape[0] * shape[1]
    start = np.random.Generator(np.random.PCG64(0)).standard_normal(size)  # ARPACK's own is not the same each time
    return float(eigsh(LinearOperator((size, size), times, dtype=float), k=1, v0=start, return_eigenvectors=False)[0])
