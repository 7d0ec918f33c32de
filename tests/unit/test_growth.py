"""How growth is measured: laws of known truth are found, and the note has the table of its numbers."""

from pathlib import Path

import growth
import numpy as np
import pytest

from lrstudy import io

ROOT = Path(__file__).resolve().parents[2]
SIZES = np.array([100, 300, 1_000, 3_000, 10_000, 30_000, 100_000.0])


def noisy(values, number, spread=0.02):
    return np.asarray(values) * np.exp(np.random.default_rng(number).uniform(-spread, spread, len(values)))


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("slope", [0.7, 1.0, 1.5])
@pytest.mark.parametrize("bend", [500, 4_000, 20_000])
def test_a_bend_and_the_slope_beyond_it_are_found(bend, slope, number):
    found = growth.law(SIZES, noisy(8 * (1 + (SIZES / bend) ** slope), number))
    assert found.slope == pytest.approx(slope, abs=0.2)
    assert found.bend == pytest.approx(bend, rel=0.3)
    assert found.fixed == pytest.approx(8, rel=0.1)
    assert found.slopes[0] <= slope <= found.slopes[1]
    assert found.bends[0] <= bend <= found.bends[1]


@pytest.mark.parametrize("slope", [0.5, 1.0, 2.0])
def test_a_power_has_no_bend(slope):
    found = growth.law(SIZES, noisy(3 * SIZES**slope, 1))
    assert (found.slope, found.bend) == (pytest.approx(slope, abs=0.03), None)
    assert found.at(SIZES) == pytest.approx(3 * SIZES**slope, rel=0.1)


def test_what_hardly_changes_is_flat():
    found = growth.law(SIZES, noisy(np.full(7, 800.0), 2))
    assert (found.slope, found.bend) == (None, None)
    assert found.at(SIZES) == pytest.approx(np.full(7, 800), rel=0.05)


def test_one_size_beyond_a_bend_does_not_tell_the_slope():
    """A law through six equal values and one that is twice as large: nearly any slope is as near."""
    found = growth.law(SIZES, [800.0] * 6 + [1600.0])
    assert found.slopes[1] - found.slopes[0] > 1


def test_the_note_has_the_table_of_the_last_measurement():
    text = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    assert [text.count(mark) for mark in growth.MARKS] == [1, 1]
    rows = io.read_csv(ROOT / "docs/performance.csv")
    assert f"{growth.table(rows)}\n\n{growth.jobs_table(rows)}" in text
