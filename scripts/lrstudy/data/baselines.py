"""What the trainings are measured against: the majority class, a random forest, the converged logistic regression."""

import csv
import io

import numpy as np
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


def floor(data: Prepared) -> dict[str, float]:
    """Return the optimum of the logistic regression on the training rows, and the majority class's test accuracy.

    `train_loss` is the mean cross-entropy that no logistic training can go below; `val_loss` and `val_accuracy`
    are the same model's on the test rows. For separable classes the floor is zero and only approached.
    """
    features, target = data.train[:, :-1].astype(float), data.train[:, -1].astype(int)
    test_features, test_target = data.test[:, :-1].astype(float), data.test[:, -1].astype(int)
    model = converged_logistic_regression().fit(features, target)
    return {
        "train_loss": float(log_loss(target, model.predict_proba(features), labels=model.classes_)),
        "val_loss": float(log_loss(test_target, model.predict_proba(test_features), labels=model.classes_)),
        "val_accuracy": float(model.score(test_features, test_target)),
        "majority_accuracy": float(np.mean(test_target == np.bincount(target).argmax())),
    }
