"""How the best rate grows with the batch size, on made trainings of known exponents."""

import numpy as np
import pytest

from lrstudy.statistics.answer import recommend
from lrstudy.statistics.batch_scaling import batch_scaling, exponent, losses_after, most_common_steps
from lrstudy.statistics.grids import tables
from lrstudy.statistics.trainings import Training
from made import OPTIONS, REFERENCE, generator, study_settings, trainings_of

SIMULATIONS = 1_000

BATCHES = (16, 32, 64, 128, 256)


def scaled(alpha, number, seeds=100, lowest=0.02):
    """Return a study whose best rate is `lowest` × batch^alpha, shifted by something of each seed's own."""
    random, rates = generator(9, number), np.logspace(-2, 1, 13)
    groups = {}
    for batch in BATCHES:
        shift = random.normal(0, 0.1, seeds)
        away = np.log10(rates)[:, None] - np.log10(lowest * batch**alpha) - shift
        losses = 0.1 * np.exp(away**2 / 2) + random.normal(0, 0.003, away.shape)
        groups[str(batch)] = trainings_of(losses, learning_rate=rates.tolist(), batch_size=[batch] * 13)
    return groups


@pytest.mark.parametrize(("alpha", "linear", "square_root"), [(1.0, True, False), (0.5, False, True)])
def test_the_exponent_of_batch_scaling_is_recovered(alpha, linear, square_root):
    trainings = [one for group in scaled(alpha, 0, lowest=0.012).values() for one in group]
    scaling = recommend(trainings, REFERENCE, study_settings(trainings))["batch_scaling"]
    assert scaling["alpha"] == pytest.approx(alpha, abs=0.05)
    assert (scaling["linear"], scaling["square_root"]) == (linear, square_root)
    assert [batch for batch, _ in scaling["best_rates"]] == list(BATCHES)


def test_the_interval_of_the_exponent_covers_the_truth():
    held = []
    for number in range(SIMULATIONS):
        low, high = exponent(tabled(scaled(0.6, number)), 0, OPTIONS | {"resamples": 300})["interval"]
        held.append(low <= 0.6 <= high)
    assert 0.93 <= np.mean(held) <= 0.97, np.mean(held)


def test_best_rates_at_the_edge_take_no_part_in_batch_scaling():
    scaling = exponent(tabled(scaled(1.0, 0, lowest=0.06)), 0, OPTIONS | {"resamples": 200})
    assert [rate is None or bool(np.isfinite(rate)) for _, rate in scaling["best_rates"]][:3] == [True] * 3
    assert not np.isfinite(scaling["best_rates"][-1][1])  # 0.06 × 256 is beyond the highest rate, 10
    assert scaling["alpha"] == pytest.approx(1, abs=0.1)
    all_at_the_edge = exponent(tabled(scaled(1.0, 0, lowest=1000)), 0, OPTIONS | {"resamples": 200})
    assert np.isnan(all_at_the_edge["alpha"]) and all_at_the_edge["interval"] is None
    assert all_at_the_edge["resamples_without"] == 1


def tabled(groups):
    return {label: tables(group) for label, group in groups.items()}


def test_the_interval_is_wider_where_splits_share_rows():
    measured = tabled(scaled(0.6, 0))
    (low, high), (wide_low, wide_high) = (exponent(measured, ratio, OPTIONS)["interval"] for ratio in (0, 3 / 7))
    assert wide_high - wide_low == pytest.approx((high - low) * np.sqrt(1 + 100 * 3 / 7), rel=0.15)


def test_equal_steps_are_those_that_most_batch_sizes_were_watched_after():
    batches = {str(batch): (batch, 10) for batch in BATCHES}
    assert most_common_steps(batches, 960) == 80  # after 80 steps all but 256, after 40 all but 16
    rows = [Training({"learning_rate": 1.0}, *[np.array([[8.0, 6, 4, 2]])] * 4)]
    assert losses_after(rows, 10, 25, 100) == pytest.approx(np.array([[3.0]]))
    assert losses_after(rows, 10, 30, 100) == pytest.approx(np.array([[2.0]]))


def test_at_equal_steps_the_exponent_is_another_one():
    """Rate × steps alone decides the loss: the best rate grows as the batch at equal epochs, not at equal steps."""
    groups, rates = {}, np.logspace(-3, 2, 21)
    for batch in (8, 16, 32):
        steps = np.arange(9) * (256 // batch)
        curves = [1 - 0.9 * np.exp(-(np.log(rate * np.maximum(steps, 1e-9) / 16) ** 2) / 20) for rate in rates]
        groups[str(batch)] = [
            Training({"batch_size": batch, "learning_rate": rate}, *[np.tile(curve, (4, 1))] * 4)
            for rate, curve in zip(rates, curves, strict=True)
        ]
    found = batch_scaling(groups, 256, 0, OPTIONS | {"resamples": 100})
    assert found["alpha"] == pytest.approx(1, abs=0.02)
    assert found["equal_steps"]["alpha"] == pytest.approx(0, abs=0.02)
    assert found["equal_steps"]["steps"] == 64
