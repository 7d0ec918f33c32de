"""Each seed's rows: a fair split that is random_state's and the seed's alone, and the scale of its training rows."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chisquare
from sklearn.datasets import load_wine
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lrstudy.data import parquet, preparation, prepared, splits
from lrstudy.data.splits import Splits

WINE = load_wine(as_frame=True).frame


def made(folder, *, table=WINE, stratify=False, fit_on="all", random_state=42, **entry) -> prepared.Prepared:
    """Return a table of the target `target`, prepared, written and read."""
    entry = {"target": "target", "stratify": stratify, **entry}
    path = folder / "prepared.parquet"
    parquet.write(path, preparation.prepare(table, entry, fit_on=fit_on, test_size=0.3, random_state=random_state))
    return prepared.read(path)


@pytest.mark.parametrize("kind", ["one", "each"])
@pytest.mark.parametrize("stratify", [False, True])
def test_seed_0_has_the_split_of_train_test_split(tmp_path, kind, stratify):
    data = made(tmp_path, stratify=stratify)
    target = WINE["target"] if stratify else None
    _, test = train_test_split(np.arange(len(WINE)), test_size=0.3, random_state=42, stratify=target)
    found = Splits(data, kind)
    train_rows, test_rows = found.of(np.arange(2))
    assert found.table[test_rows[0]].tobytes() == data.rows[np.sort(test)].tobytes() == data.test.tobytes()
    assert found.table[train_rows[0]].tobytes() == data.train.tobytes()
    assert len(train_rows) == {"one": 1, "each": 2}[kind]


@pytest.mark.parametrize("stratify", [False, True])
def test_every_split_has_as_many_rows_and_each_row_once(tmp_path, stratify):
    data = made(tmp_path, stratify=stratify)
    train, test = Splits(data, "each").of(np.arange(300))
    assert (np.sort(np.hstack([train, test])) == np.arange(len(WINE))).all()
    assert (np.diff(train.astype(int)) > 0).all()
    assert (np.diff(test.astype(int)) > 0).all()
    assert len(np.unique(test, axis=0)) == 300
    counts = {tuple(np.bincount(WINE["target"].to_numpy()[rows])) for rows in test}
    assert (counts == {tuple(np.bincount(data.test[:, -1].astype(int)))}) == stratify
    if stratify:
        shares = np.bincount(data.test[:, -1].astype(int)) / len(data.test)
        assert shares == pytest.approx(WINE["target"].value_counts(normalize=True).sort_index(), abs=0.01)


@pytest.mark.parametrize("at_once", [1, 10**4, 2**20])
def test_a_seeds_split_is_the_same_alone(tmp_path, monkeypatch, at_once):
    several = Splits(made(tmp_path, stratify=True), "each")
    train, test = several.of(np.arange(300))
    monkeypatch.setattr(splits, "AT_ONCE", at_once)
    for seeds in ([0], [7], [299, 0, 7, 7]):
        alone = several.of(np.array(seeds))
        assert (alone[0] == train[seeds]).all()
        assert (alone[1] == test[seeds]).all()


def test_two_random_states_share_no_split(tmp_path):
    found = [made(tmp_path, random_state=state) for state in (0, 1, 42, 43, 2**32 - 1)]
    rows = np.vstack([Splits(data, "each").of(np.arange(200))[1] for data in found])
    assert len(np.unique(rows, axis=0)) == 5 * 200
    shared = len(np.intersect1d(rows[201], rows[401])) / rows.shape[1]
    assert 0.05 < shared < 0.6  # of two independent splits, 0.3


@pytest.mark.parametrize("stratify", [False, True])
def test_every_split_is_as_likely(stratify):
    """Of five rows, two are tested on: any two, or one of each class."""
    rows = np.array([[0.0, 0], [0, 1], [0, 0], [0, 1], [0, 1]], np.float32)
    is_train = np.array([False, False, True, True, True])
    data = prepared.Prepared(["a"], ["0", "1"], rows, is_train, random_state=7, stratify=stratify)
    counts = Counter(map(tuple, Splits(data, "each").of(np.arange(1, 3001))[1]))
    assert len(counts) == (6 if stratify else 10)
    assert chisquare(list(counts.values())).pvalue > 0.001


def test_a_table_of_more_than_4096_rows():
    rows = np.zeros((5000, 2), np.float32)
    data = prepared.Prepared(["a"], ["0"], rows, np.arange(5000) >= 1500)
    train, test = Splits(data, "each").of(np.arange(200))
    assert (np.sort(np.hstack([train, test])) == np.arange(5000)).all()
    assert chisquare(np.bincount(test[1:].ravel(), minlength=5000)).pvalue > 0.001


def test_each_scale_is_that_of_scikit_learn_on_the_seeds_training_rows():
    random = np.random.default_rng(0)
    table = np.column_stack([random.normal(5, [1, 100, 0.01], (60, 3)), np.zeros(60)])
    table[random.random((60, 4)) < [0, 0.3, 0.2, 0]] = np.nan
    rows = np.sort([random.permutation(60)[:41] for _ in range(20)], axis=1)
    found = splits.scales_of(table, rows)
    for seed, train in enumerate(rows):
        fill, mean, factor = found[:, :, seed]
        ours = (np.where(np.isnan(table), [*fill, 0], table)[:, :3] - mean) * factor
        theirs = make_pipeline(SimpleImputer(strategy="median"), StandardScaler()).fit(table[train, :3])
        assert ours == pytest.approx(theirs.transform(table[:, :3]), abs=2e-4)


def test_with_fit_on_train_each_seed_sees_nothing_of_its_test_rows(tmp_path):
    """From a table with gaps to the numbers that a seed trains on: medians, means and variances are its own."""
    table = WINE.mask(np.random.default_rng(0).random(WINE.shape) < [*np.linspace(0, 0.5, 13), 0])
    found = Splits(made(tmp_path, table=table, missing="median", fit_on="train"), "each")
    train, _ = found.of(np.arange(5))
    assert found.shape["rescaled"]
    assert np.isnan(found.table).sum() == table.isna().sum().sum() > 0
    for seed, (fill, mean, factor) in enumerate(np.moveaxis(found.scale(train), 2, 0)):
        ours = (np.where(np.isnan(found.table[:, :-1]), fill, found.table[:, :-1]) - mean) * factor
        theirs = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
        theirs.fit(table.iloc[train[seed], :-1])
        assert ours == pytest.approx(theirs.transform(table.iloc[:, :-1]), abs=1e-4)


def test_a_feature_may_be_named_as_the_column_of_anothers_gaps_is(tmp_path):
    table = pd.DataFrame({"a": [None, 1, 2, 3] * 5, "a was missing": range(20), "target": [0, 1] * 10})
    data = made(tmp_path, table=table, missing="median", fit_on="train")
    assert data.gaps[0].tolist() == [True, False, False, False] * 5
    assert np.corrcoef(data.rows[:, 1], np.arange(20))[0, 1] == pytest.approx(1)


def test_with_fit_on_train_a_shared_split_is_scaled_once(tmp_path):
    table = WINE.mask(np.random.default_rng(0).random(WINE.shape) < [*np.full(13, 0.2), 0])
    found = Splits(made(tmp_path, table=table, missing="median", fit_on="train"), "one")
    train, _ = found.of(np.arange(5))
    assert found.table[train[0], :-1].mean(axis=0) == pytest.approx(0, abs=1e-6)
    assert (found.scale(train)[:, :, 0] == np.array([[0], [0], [1]])).all()


def test_a_feature_that_is_the_same_in_all_training_rows_says_nothing():
    table = np.array([[0.1, 0], [0.1, 0], [0.1, 0], [7, 0], [np.nan, 0]])
    rows = np.array([[0, 1, 2], [1, 2, 3], [4, 4, 4]])
    assert (splits.scales_of(table, rows)[2, 0] == [0, pytest.approx(1 / np.std([0.1, 0.1, 7])), 0]).all()
