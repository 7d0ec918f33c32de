"""A small calibration: a few tables whose truth is known, studied as the product does."""

import csv
from pathlib import Path

import calibrate
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]


TABLES = 8


@pytest.fixture(scope="module")
def judged():
    """Tables of 300 rows with 40 seeds: most of the time goes into the one program that trains them all."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(calibrate, "FRESH", 20_000)
        studies = calibrate.studies(calibrate.POPULATIONS["standin"], 300, TABLES, seeds=40)
        return [calibrate.judge(study) for study in studies]


def test_the_answer_is_mostly_right_where_the_truth_is_known(judged):
    """At 95 % less than seven of eight are right once in twenty times; these are always the same eight tables."""
    for measure in ("new rows", "range", "regret bound"):
        assert sum(each[measure] for each in judged) >= TABLES - 1, measure
    costs = [each[name] for each in judged for name in each if name.startswith("cost ") and each[name] is not None]
    assert np.mean(costs) >= 0.85  # those of one table are right or wrong together
    assert np.mean([each["seeds alone"] for each in judged]) < 0.8  # what rows add is not nothing
    assert np.median([each["regret"] for each in judged]) < 0.1


def test_a_summary_has_every_measure_with_an_interval_around_it(judged):
    rows = calibrate.summary(judged)
    assert [row["measure"] for row in rows] == list(calibrate.MEASURES)
    assert all(row["low"] <= row["value"] + 1e-12 and row["value"] <= row["high"] + 1e-12 for row in rows)


def test_fresh_rows_are_measured_as_the_engine_measures():
    """The models of a study, on its own test rows: the loss that Keras's functions gave."""
    rows = np.random.default_rng(0).normal(size=(5, 3, 40)).astype(np.float32)
    rows[-1] = np.random.default_rng(1).integers(3, size=(3, 40))
    kernel, bias = np.random.default_rng(2).normal(size=(4, 3, 3)), np.random.default_rng(3).normal(size=(3, 3))
    losses, accuracies = calibrate._measure(kernel, bias, rows)
    for seed in range(3):
        logits = rows[:-1, seed].T @ kernel[..., seed] + bias[:, seed]
        shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        target = rows[-1, seed].astype(int)
        assert losses[seed] == pytest.approx(-np.log(shares[np.arange(40), target]).mean(), rel=1e-5)
        assert accuracies[seed] == np.mean(shares.argmax(axis=1) == target)


def test_the_note_has_the_table_of_the_last_calibration():
    with open(ROOT / "docs/calibration.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for mark in calibrate.MARKS:
        assert (ROOT / "docs/method.md").read_text(encoding="utf-8").count(mark) == 1
    assert calibrate.table(rows) in (ROOT / "docs/method.md").read_text(encoding="utf-8")
