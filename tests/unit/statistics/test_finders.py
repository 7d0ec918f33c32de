"""The learning-rate finder's rules, against a literal transcription of their definitions and against known curves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrstudy.statistics import finders

RATES = np.logspace(-5, 1, 100)
CURVE_SEED = 20_260_103


def range_test(number=0, seeds=1, noise=0.02):
    """Return losses of a range test, (seeds, 100): flat, falling around 0.01, rising steeply beyond 1."""
    random = np.random.Generator(np.random.PCG64([CURVE_SEED, number]))
    logs = np.log10(RATES)
    clean = 0.2 + 0.6 / (1 + np.exp(4 * (logs + 2))) + np.exp(6 * (logs - 0.1))
    return clean + random.normal(0, noise, (seeds, len(RATES)))


def usable(number=0):
    return finders.usable(RATES, range_test(number)[0])


# The curve


def test_smoothing_is_a_weighted_mean_of_all_losses_so_far():
    losses = range_test()[0]
    smoothed = finders.smooth(losses)
    for step in (0, 1, 50, 99):
        weights = 0.98 ** np.arange(step, -1, -1)
        assert smoothed[step] == pytest.approx(np.average(losses[: step + 1], weights=weights))


def test_the_curve_ends_where_its_smoothed_loss_is_over_four_times_the_lowest():
    losses = np.concatenate([np.full(60, 0.1), np.full(40, 1000.0)])
    rates, kept = finders.usable(RATES, losses)
    # Step 60 is the first above; it belongs to the curve, of which the last five steps go, and the first ten.
    np.testing.assert_array_equal(rates, RATES[10:56])
    assert kept.max() == pytest.approx(0.1)
    assert len(finders.usable(RATES, np.full(100, 0.1))[0]) == 85


@pytest.mark.parametrize("tail", [np.nan, np.inf])
def test_a_tail_that_is_not_finite_is_left_out(tail):
    losses = range_test()[0]
    losses[70:] = tail
    rates, kept = finders.usable(RATES, losses)
    assert np.isfinite(kept).all()
    assert rates[-1] <= RATES[69]
    for suggested in finders.suggestions(RATES, losses).values():
        assert 1e-6 <= suggested[0] <= RATES[69]


# The rules, each transcribed step by step from its published definition


def valley_step_by_step(rates, losses):
    lengths = [1] * len(losses)
    for step in range(len(losses)):
        for earlier in range(step):
            if losses[earlier] > losses[step]:
                lengths[step] = max(lengths[step], lengths[earlier] + 1)
    end = lengths.index(max(lengths))
    start = end - lengths[end] if lengths[end] > 1 else end
    return rates[start + int((end - start) / 3) + int((end - start) / 6)]


def slide_step_by_step(rates, losses):
    gradients = np.gradient(losses)
    right, suggested = -1, rates[-16]
    while right - 15 >= -len(losses) and abs(gradients[right] - gradients[right - 15]) > 0.005:
        suggested = rates[right - 15]
        right -= 1
    return suggested


@given(st.lists(st.floats(0, 1, width=16), min_size=17, max_size=60))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_valley_and_slide_do_what_their_definitions_say(losses):
    rates, losses = RATES[: len(losses)], np.array(losses)
    assert finders.valley(rates, losses) == valley_step_by_step(rates, losses)
    assert finders.slide(rates, losses) == slide_step_by_step(rates, losses)


@pytest.mark.parametrize("number", range(5))
def test_every_rule_on_a_whole_range_test(number):
    rates, losses = usable(number)
    slopes = np.gradient(losses, np.log(rates))
    assert finders.minimum(rates, losses) == rates[losses.argmin()] / 10
    assert finders.valley(rates, losses) == valley_step_by_step(rates, losses)
    assert finders.slide(rates, losses) == slide_step_by_step(rates, losses)
    steepest = finders.steepest(rates, losses)
    assert slopes[np.flatnonzero(rates == steepest)[0]] <= np.quantile(slopes, 0.1)


def test_the_steepest_rate_is_steepest_on_the_logarithmic_axis():
    rates = np.array([0.001, 0.1, 1.0, 1.1])
    # Falls per e-fold: 0.4 / 4.6, 0.3 / 2.3, 0.012 / 0.095; per unit of the rate the first would be steepest.
    assert finders.steepest(rates, np.array([1.0, 0.6, 0.3, 0.288])) == 0.1


def test_a_slide_that_never_rests_ends_at_the_lowest_rate():
    rates = RATES[:40]
    losses = np.cumsum(np.cumsum(np.full(40, 0.01)))
    assert finders.slide(rates, losses) == rates[0]
    assert finders.slide(rates, np.zeros(40)) == rates[-16]


@pytest.mark.parametrize("length", [0, 1, 5, 14])
def test_a_curve_too_short_gives_no_suggestion(length):
    suggested = finders.suggestions(RATES, np.concatenate([np.full(10 + length, 0.5), np.full(90 - length, np.nan)]))
    assert np.isnan(suggested["slide"][0])
    assert np.isnan(suggested["steepest"][0]) == (length < 2)
    assert np.isnan(suggested["minimum"][0]) == (length < 1)


# What following a rule costs


def test_regret_is_measured_on_the_curve_between_rates_on_a_logarithmic_axis():
    rates, losses = np.array([0.01, 1.0, 10.0]), np.array([0.5, 0.1, 0.3])
    suggested = np.array([0.01, 0.1, 1.0, np.sqrt(10), 1000, np.nan])
    expected = [0.4, 0.2, 0, 0.1, 0.2, np.nan]
    np.testing.assert_allclose(finders.regret(suggested, rates, losses), expected, atol=1e-12)


def test_the_audit_has_a_row_for_every_seed_and_rule():
    losses = range_test(seeds=7)
    losses[3, 12:] = np.nan
    measured = np.array([0.001, 0.1, 10.0]), np.array([0.5, 0.1, 0.3])
    rows = finders.audit(RATES, losses, *measured)
    assert list(rows[0]) == ["seed", "rule", "learning_rate", "regret"]
    assert len(rows) == 7 * len(finders.RULES)
    assert {(row["seed"], row["rule"]) for row in rows} == {(seed, rule) for seed in range(7) for rule in finders.RULES}
    for row in rows:
        alone = finders.suggestions(RATES, losses[row["seed"]])[row["rule"]]
        expected = alone[0], finders.regret(alone, *measured)[0]
        found = row["learning_rate"], row["regret"]
        assert found == (expected if np.isfinite(alone[0]) else (None, None))
