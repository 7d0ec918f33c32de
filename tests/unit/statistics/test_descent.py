"""The two-weight picture: its surface, its optimum and its limit of stability."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.preprocessing import scale

import descend
from lrstudy.data.prepared import Prepared
from lrstudy.figures import descent as figure
from lrstudy.statistics import descent

DATA = load_breast_cancer()
ROWS = np.column_stack([scale(DATA.data[:, :3]), DATA.target]).astype(np.float32)
PREPARED = Prepared(["a", "b", "c"], ["0", "1"], ROWS, np.arange(len(ROWS)) % 3 > 0)
TABLE, NAMES = descent.two_features(PREPARED)


BEST = descent.optimum(TABLE)
LIMIT = descent.limit(TABLE, BEST)


def loss(weights: np.ndarray) -> float:
    """Return the mean cross-entropy, by scikit-learn, and the penalty."""
    logits = TABLE[:, :2].astype(float) @ weights[:2] + weights[2]
    return log_loss(TABLE[:, 2], 1 / (1 + np.exp(-logits))) + descent.PENALTY / 2 * np.sum(weights**2)


def followed(table: np.ndarray, rate: float, steps: int) -> np.ndarray:
    """Return the path of gradient descent, (steps + 1, 3), by differences of the loss."""
    places = [np.array([1.0, 0.5, 0.0])]
    for _ in range(steps):
        slope = [
            (descent.losses(table, places[-1] + step) - descent.losses(table, places[-1] - step)) / 2e-5
            for step in np.eye(3) * 1e-5
        ]
        places.append(places[-1] - rate * np.array(slope))
    return np.array(places)


def test_two_features_and_the_first_class():
    assert len(set(NAMES)) == 2
    assert set(NAMES) <= {"a", "b", "c"}
    assert (TABLE[:, 2] == (PREPARED.train[:, -1] == 0)).all()


def test_the_features_are_those_of_largest_weight_in_scikit_learns_regression():
    """Its C is one over the penalty of all rows together; the bias, which ours penalises, is one more feature."""
    rows = np.column_stack([scale(DATA.data[:, :8]), DATA.target]).astype(np.float32)
    names = [f"feature {place}" for place in range(8)]
    _, chosen = descent.two_features(Prepared(names, ["0", "1"], rows, np.ones(len(rows), bool)))
    inputs = np.column_stack([rows[:, :-1], np.ones(len(rows))]).astype(float)
    first = np.column_stack([rows[:, :-1], DATA.target == 0])
    for penalty in (descent.PENALTY, descent.NEXT_TO_NONE):
        options = {"C": 1 / (penalty * len(rows)), "solver": "newton-cholesky", "tol": 1e-10, "max_iter": 1000}
        weights = LogisticRegression(fit_intercept=False, **options).fit(inputs, first[:, -1]).coef_[0]
        assert descent.optimum(first, penalty) == pytest.approx(weights, rel=1e-3)
    assert chosen == [names[place] for place in sorted(np.argsort(-np.abs(weights[:-1]))[:2])]


def test_of_many_rows_some_are_chosen_with_the_classes_shares():
    many = np.tile(ROWS, (20, 1))
    rare = np.vstack([many[many[:, -1] == 1], many[many[:, -1] == 0][:7]])
    table, _ = descent.two_features(Prepared(["a", "b", "c"], ["0", "1"], rare, np.ones(len(rare), bool)))
    assert len(table) == descent.MOST_ROWS
    assert 1 <= table[:, 2].sum() <= 4


def test_the_loss_is_the_penalised_cross_entropy():
    weights = np.array([[[0.5, 3.0, 0.3], [-1.0, 0.0, 0.2]]])
    found = descent.losses(TABLE, weights)
    assert found.shape == (1, 2)
    assert found[0, 0] == pytest.approx(loss(weights[0, 0]), rel=1e-6)


def test_the_optimum_is_flat_and_the_limit_is_two_over_its_curvature():
    assert approx_fprime(BEST, loss, 1e-6) == pytest.approx(np.zeros(3), abs=1e-4)
    hessian = approx_fprime(BEST, lambda at: approx_fprime(at, loss, 1e-5), 1e-4)
    assert pytest.approx(2 / np.linalg.eigvalsh((hessian + hessian.T) / 2)[-1], rel=0.02) == LIMIT


@pytest.mark.parametrize("table", ["breast cancer", "separated"])
def test_below_the_limit_descent_arrives_and_above_it_does_not(table):
    rows = TABLE if table == "breast cancer" else descent.two_features(separated())[0]
    best = descent.optimum(rows)
    limit = descent.limit(rows, best)
    ends = {share: np.linalg.norm(followed(rows, share * limit, 200)[-1] - best) for share in (0.3, 0.9, 1.1, 1.5)}
    assert max(ends[0.3], ends[0.9]) < 0.01
    assert min(ends[1.1], ends[1.5]) > 0.1


def test_the_rates_lie_on_both_sides_of_the_limit():
    rates = descent.learning_rates(LIMIT)
    assert len(rates) >= 40
    assert rates == sorted(set(rates))
    assert sum(rate < LIMIT for rate in rates) > 20
    assert sum(rate > LIMIT for rate in rates) > 5
    assert np.array(descent.nearest(rates, LIMIT)) / LIMIT == pytest.approx(descent.SHARES, rel=0.01)


def paths() -> dict[float, np.ndarray]:
    """Return the paths of the figure's rates."""
    return {share * LIMIT: followed(TABLE, share * LIMIT, 30) for share in descent.SHARES}


def test_what_is_drawn_is_within_the_picture():
    facts = descent.describe(TABLE, NAMES, paths(), of=len(TABLE))
    spans = np.array(facts["spans"])
    for path in paths().values():
        assert (path[:, :2] >= spans[:, 0]).all()
        assert (path[:, :2] <= spans[:, 1]).all()
    for contour in facts["contours"]:
        line = np.array(contour["lines"][0])
        places = np.column_stack([line, np.full(len(line), BEST[2])])
        assert descent.losses(TABLE, places) == pytest.approx(contour["level"], rel=0.05)


def test_the_figure_has_a_panel_for_each_rate_and_says_what_its_words_mean():
    drawn = figure.draw(
        descent.describe(TABLE, ["$a$", "<b>"], paths(), of=9999), paths(), {"dataset": "$a$", "simulated": True}
    )
    titles = [axes.get_title().split(":")[0] for axes in drawn.axes]
    assert titles == ["too small", "good", "too large"]
    assert drawn.axes[0].get_xlabel() == "weight of $a$"
    words = " ".join(drawn.get_supxlabel().split())
    assert f"{len(TABLE)} of the 9,999 training rows" in words
    assert "these rates do not compare with theirs" in words
    assert "Too small: still on its way; good: arrives; too large: above the limit" in words
    assert "$a$ (simulated data)" in drawn.get_suptitle()


def separated() -> Prepared:
    """Return a table whose two features separate the classes."""
    features = np.array([[-2, -1], [-1, -2], [-1, -1], [1, 1], [2, 1], [1, 2]], np.float32)
    rows = np.column_stack([features, [0, 0, 0, 1, 1, 1]]).astype(np.float32)
    return Prepared(["a", "b"], ["0", "1"], np.tile(rows, (3, 1)), np.ones(18, bool))


def test_a_table_of_one_feature_has_no_path_and_says_why(tmp_path, monkeypatch):
    one = Prepared(["a"], ["0", "1"], TABLE[:, [0, 2]], np.ones(len(TABLE), bool))
    monkeypatch.setattr(descend.prepared, "read", lambda _: one)
    output = SimpleNamespace(**{name: tmp_path / f"{name}.txt" for name in ("paths", "surface", "figure")})
    descend.main(SimpleNamespace(prepared=""), output, {"dataset": "made", "simulated": False})
    assert "one feature" in json.loads(output.surface.read_text())["reason"]
    assert output.paths.read_text() == "learning_rate,step,first_weight,second_weight,bias,loss\n"
    assert output.figure.read_bytes().startswith(b"\x89PNG")
