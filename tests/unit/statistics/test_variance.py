"""The components of the variance, on losses simulated from known components."""

import numpy as np
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from lrstudy.statistics.variance import COMPONENTS, components, design, shares, simulated, variance
from made import OPTIONS, generator

KNOWN = np.array([4.0, 1.0, 0.0, 0.5, 1.0, 0.0, 0.5])
SIZES = (20, 10, 10)


def test_simulated_components_are_found_again_on_the_average():
    random = generator(40)
    found = components(simulated(KNOWN, SIZES, random, 300))
    error = found.std(axis=0) / np.sqrt(300)
    # Negative estimates are set to zero, so that where nothing is, a little is found.
    assert np.abs(found.mean(axis=0) - KNOWN) == pytest.approx(0, abs=4 * error.max())
    assert (found.mean(axis=0)[KNOWN == 0] < 0.05).all()


def test_mean_squares_are_those_of_statsmodels():
    """With every mean square as the analysis of variance has it, expected mean squares give the components."""
    (losses,) = simulated(KNOWN, (4, 3, 5), generator(41), 1)
    cells = dict(zip("swo", (grid.ravel() for grid in np.indices(losses.shape)), strict=True))
    table = anova_lm(ols("y ~ C(s) * C(w) * C(o)", {**cells, "y": losses.ravel()}).fit())
    squares = (table["sum_sq"] / table["df"]).to_dict()
    s, sw, so, swo = (squares[name] for name in ("C(s)", "C(s):C(w)", "C(s):C(o)", "C(s):C(w):C(o)"))
    found = dict(zip(COMPONENTS, components(losses), strict=True))
    assert found["split"] == pytest.approx(max((s - sw - so + swo) / 15, 0))
    assert found["split:weights"] == pytest.approx(max((sw - swo) / 5, 0))
    assert found["split:weights:order"] == pytest.approx(swo)


def test_intervals_cover_the_true_shares():
    random, truth = generator(42), KNOWN / KNOWN.sum()
    held = []
    for losses in simulated(KNOWN, SIZES, random, 40):
        rows = variance(0.1, losses, OPTIONS | {"resamples": 100})
        held.append([row["low"] - 1e-9 <= share <= row["high"] for row, share in zip(rows, truth, strict=True)])
    assert np.mean(held) >= 0.85
    assert [row["component"] for row in rows] == list(COMPONENTS)


def test_the_design_is_every_combination_once():
    trainings = set(zip(*(seeds.tolist() for seeds in design()), strict=True))
    assert len(trainings) == len(design()[0]) == 20 * 10 * 10


def test_equal_losses_have_no_shares():
    assert np.isnan(shares(np.ones(SIZES))).all()
    assert variance(0.1, np.ones(SIZES), OPTIONS) == []
