"""Pairs of optimizers, against SciPy and against pairs of known truth."""

import csv
from io import StringIO

import numpy as np
import pytest
import scipy.stats

from lrstudy.statistics import comparisons, new_rows
from made import OPTIONS, generator, run_answer, study_settings, trainings_of, write_histories

SIMULATIONS = 1_000


def _compared(folder, trainings, split="one"):
    write_histories(folder / "histories.parquet", trainings)
    run_answer(folder, study_settings(trainings, split))
    return list(csv.DictReader(StringIO((folder / "comparisons.csv").read_text())))


def test_pairs_at_one_rate(tmp_path):
    losses = generator(10).normal([[0.5], [0.5], [0.4]], 0.05, (3, 100)).astype(np.float32)
    rows = _compared(tmp_path, trainings_of(losses, optimizer=["sgd", "adam", "rmsprop"]))
    assert [(row["first"], row["second"], row["rates"]) for row in rows] == [
        ("sgd", "adam", "same"),
        ("sgd", "rmsprop", "same"),
        ("adam", "rmsprop", "same"),
    ]
    assert list(rows[0]) == list(comparisons.COLUMNS)
    pairs = [(0, 1), (0, 2), (1, 2)]
    expected = [scipy.stats.ttest_rel(losses[a].astype(float), losses[b].astype(float)) for a, b in pairs]
    assert [float(row["p_value"]) for row in rows] == pytest.approx([test.pvalue for test in expected])
    ordered = sorted(test.pvalue for test in expected)
    assert sorted(float(row["p_holm"]) for row in rows) == pytest.approx(
        [3 * ordered[0], max(3 * ordered[0], 2 * ordered[1]), max(2 * ordered[1], ordered[2])]
    )
    for row, (a, b), test in zip(rows, pairs, expected, strict=True):
        normal = test.confidence_interval(0.95)
        assert float(row["difference"]) == pytest.approx(losses[a].mean() - losses[b].mean(), abs=1e-6)
        assert float(row["difference_low"]) == pytest.approx(normal.low, abs=0.002)
        assert float(row["difference_high"]) == pytest.approx(normal.high, abs=0.002)
        assert float(row["learning_rate_first"]) == 0.01


def test_rankings_that_flip_with_tuning(tmp_path):
    """One is better at 0.01, the other at its best; two of three seeds choose, the third compares."""
    losses = np.array([[0.3, 0.25, 0.4], [0.5, 0.2, 0.1]]).reshape(6, 1) + generator(11).normal(0, 0.01, (6, 100))
    losses[2, 2::3] += 0.05
    trainings = trainings_of(losses, optimizer=["sgd"] * 3 + ["adam"] * 3, learning_rate=[0.01, 0.1, 1.0] * 2)
    own, same = _compared(tmp_path, trainings)
    assert (own["rates"], float(own["learning_rate_first"]), float(own["learning_rate_second"])) == ("own_best", 0.1, 1)
    assert (float(own["improvement"]), own["seeds"]) == (0, "33")
    assert float(own["difference_low"]) > 0.1
    assert (same["rates"], float(same["learning_rate_first"]), float(same["improvement"])) == ("same", 0.01, 1)
    assert float(same["p_holm"]) < 0.001


def test_equal_pairs_and_single_seeds_have_no_significance(tmp_path):
    (equal,) = _compared(tmp_path, trainings_of(np.full((2, 5), 0.3), batch_size=[16, 32]))
    assert (float(equal["p_value"]), float(equal["p_holm"]), float(equal["improvement"])) == (1, 1, 0.5)
    (single,) = _compared(tmp_path, trainings_of([[0.3], [0.2]], batch_size=[16, 32]))
    assert (single["p_value"], single["p_holm"], single["difference_low"], single["improvement"]) == ("", "", "", "0.0")


def test_intervals_of_pairs_cover_the_truth():
    """Paired differences of skewed losses, and the probability of improvement of correlated normal ones."""
    differences, improvements = [], []
    truth = scipy.stats.norm.cdf(0.3 / np.sqrt(2))
    for number in range(SIMULATIONS):
        random = generator(12, number)
        common, first, second = random.normal(size=(3, 100))
        a, b = np.sqrt(0.5) * (common + first), 0.3 + np.sqrt(0.5) * (common + second)
        low, high = new_rows.mean_interval(a - b, 0, 0.95)
        differences.append(low <= -0.3 <= high)
        _, low, high = comparisons.improvement(a, b, 0, OPTIONS | {"resamples": 500})
        improvements.append(low <= truth <= high)
    coverage = np.mean(differences), np.mean(improvements)
    assert all(0.93 <= share <= 0.97 for share in coverage), coverage


def test_where_splits_share_rows_the_t_test_is_the_corrected_one(tmp_path):
    losses = generator(13).normal([[0.5], [0.48]], 0.05, (2, 100)).astype(np.float32)
    trainings = trainings_of(losses, optimizer=["sgd", "adam"])
    ((one,), (each,)) = (_compared(tmp_path, trainings, split) for split in ("one", "each"))
    difference = losses[0].astype(float) - losses[1]
    t = difference.mean() / np.sqrt((1 / 100 + 300 / 700) * difference.var(ddof=1))
    assert float(each["p_value"]) == pytest.approx(2 * scipy.stats.t.sf(abs(t), 99))
    assert float(one["p_value"]) < 0.01 < 0.5 < float(each["p_value"])
    margin = scipy.stats.t.ppf(0.975, 99) * np.sqrt((1 / 100 + 300 / 700) * difference.var(ddof=1))
    assert float(each["difference_high"]) - float(each["difference"]) == pytest.approx(margin)
    widths = [float(row["improvement_high"]) - float(row["improvement_low"]) for row in (one, each)]
    assert widths[1] > 3 * widths[0]


def test_equal_optimizers_seldom_differ_on_rows_that_splits_share():
    """Two models that differ by noise alone, on 100 tables of 200 rows with 100 splits each: few are "significant"."""
    plain, corrected = [], []
    for number in range(200):
        random = generator(14, number)
        rows = random.normal(size=200)  # how much better the first is on each row of this table
        splits = np.stack([rows[random.permutation(200)[:60]].mean() for _ in range(100)])
        plain.append(comparisons.corrected_p(splits, 0) < 0.05)
        corrected.append(comparisons.corrected_p(splits, 60 / 140) < 0.05)
    assert np.mean(plain) > 0.7
    assert np.mean(corrected) < 0.09
