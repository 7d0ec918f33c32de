"""The two-weight picture: its surface, its optimum and its limit of stability."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import log_loss
from sklearn.preprocessing import scale

from lrstudy.data.prepared import Prepared
from lrstudy.evidence import descent
from lrstudy.figures import descent as figure
from lrstudy.files.errors import StudyError

DATA = load_breast_cancer()
ROWS = np.column_stack([scale(DATA.data[:, :3]), DATA.target]).astype(np.float32)
PREPARED = Prepared(["a", "b", "c"], ["0", "1"], ROWS, np.arange(len(ROWS)) % 3 > 0)
TABLE, NAMES = descent.two_features(PREPARED)


def loss(weights: np.ndarray) -> float:
    """Return the mean cross-entropy, by scikit-learn."""
    logits = TABLE[:, :2].astype(float) @ weights[:2] + weights[2]
    return log_loss(TABLE[:, 2], 1 / (1 + np.exp(-logits)))


def test_two_features_and_the_first_class():
    assert len(set(NAMES)) == 2
    assert set(NAMES) <= {"a", "b", "c"}
    assert (TABLE[:, 2] == (PREPARED.train[:, -1] == 0)).all()


def test_the_surface_is_the_cross_entropy():
    first, second = np.array([-1.0, 0.5]), np.array([0.0, 2.0, 3.0])
    surface = descent.surface(TABLE, first, second, bias=0.3)
    assert surface.shape == (3, 2)
    assert surface[2, 1] == pytest.approx(loss(np.array([0.5, 3.0, 0.3])), rel=1e-6)


def test_the_optimum_is_flat_and_the_limit_is_two_over_its_curvature():
    best = descent.optimum(TABLE)
    assert approx_fprime(best, loss, 1e-6) == pytest.approx(np.zeros(3), abs=1e-4)
    hessian = approx_fprime(best, lambda at: approx_fprime(at, loss, 1e-5), 1e-4)
    curvature = np.linalg.eigvalsh((hessian + hessian.T) / 2)[-1]
    assert descent.curvature(TABLE, best) == pytest.approx(curvature, rel=0.02)
    small, good, large = descent.learning_rates(TABLE)
    assert small < good < 2 / descent.curvature(TABLE, best) < large


def test_the_figure_has_a_panel_for_each_rate():
    paths = {rate: np.zeros((3, 3)) for rate in (0.1, 1.0, 10.0)}
    drawn = figure.draw(PREPARED, paths, {"dataset": "$a$ <b>", "simulated": True})
    assert [axes.get_title() for axes in drawn.axes] == ["too small: 0.1", "good: 1", "too large: 10"]
    assert "$a$ <b> (simulated data)" in drawn.get_suptitle()


def separated() -> Prepared:
    """Return a table whose two features separate the classes."""
    features = np.array([[-2, -1], [-1, -2], [-1, -1], [1, 1], [2, 1], [1, 2]], np.float32)
    rows = np.column_stack([features, [0, 0, 0, 1, 1, 1]]).astype(np.float32)
    return Prepared(["a", "b"], ["0", "1"], np.tile(rows, (3, 1)), np.ones(18, bool))


def test_separated_classes_have_no_optimum_and_the_figure_says_so():
    table, _ = descent.two_features(separated())
    assert descent.optimum(table) is None
    rates = descent.learning_rates(table)
    assert rates[2] == pytest.approx(1.5 * 2 / descent.curvature(table, np.zeros(3)), rel=0.05)
    paths = {rate: np.linspace(0, rate, 4)[:, None] * [-1, -1, 0] for rate in rates}
    drawn = figure.draw(separated(), paths, {"dataset": "made", "simulated": True})
    assert [axes.get_title().split(":")[0] for axes in drawn.axes] == ["small", "larger", "largest"]
    assert "no loss is lowest" in drawn.get_supxlabel()
    assert "lowest loss" not in [text.get_text() for text in drawn.axes[0].get_legend().get_texts()]


def test_one_feature_is_too_few():
    one = Prepared(["a"], ["0", "1"], TABLE[:, [0, 2]], np.ones(len(TABLE), bool))
    with pytest.raises(StudyError, match="the table has one feature"):
        descent.two_features(one)
