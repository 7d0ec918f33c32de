"""Trainings looked at step by step."""

import numpy as np
import pytest
from scipy.special import expit

import descend
from lrstudy.evidence import descent


def test_the_path_of_descent_is_gradient_descent_on_the_penalised_loss():
    features = np.random.default_rng(1).normal(size=(50, 2)).astype(np.float32)
    table = np.column_stack([features, features.sum(axis=1) > 0.3]).astype(np.float32)
    rate = 1.5
    path = descend.follow(table, ["a", "b"], [rate])[rate]
    inputs = np.column_stack([features, np.ones(len(features))]).astype(float)
    weights = path[0].astype(float)
    for place in path:
        assert place == pytest.approx(weights, abs=1e-4)
        slope = inputs.T @ (expit(inputs @ weights) - table[:, 2]) / len(table) + descent.PENALTY * weights
        weights = weights - rate * slope
    assert len(path) == descend.STEPS + 1
