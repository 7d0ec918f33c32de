"""Reading `prepared.parquet`, without pandas or scikit-learn."""

import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lrstudy.files import parquet


@dataclass(frozen=True)
class Prepared:
    """The prepared rows, float32 of shape (rows, features + 1): scaled features, then the class index.

    `is_train` is seed 0's split, drawn with `random_state`, the classes in equal shares where `stratify` says so;
    `fit_on` says whether `all` rows or its training rows gave the scale.
    """

    features: list[str]
    classes: list[str]
    rows: np.ndarray
    is_train: np.ndarray
    fit_on: str = "all"
    random_state: int = 0
    stratify: bool = False

    @cached_property
    def train(self) -> np.ndarray:
        """The training rows."""
        return self.rows[self.is_train]

    @cached_property
    def test(self) -> np.ndarray:
        """The test rows."""
        return self.rows[~self.is_train]


def read(path) -> Prepared:
    """Return the prepared table; raises `StudyError` for a damaged file."""
    table = parquet.read(path, words=["subset"])
    facts = json.loads(table.schema.metadata[b"lrstudy"])
    names = [*facts["features"], "target"]
    rows = np.empty((len(table), len(names)), np.float32)
    for place, name in enumerate(names):
        rows[:, place] = parquet.column(table, name)
    subset = table["subset"].combine_chunks()
    is_train = np.from_dlpack(subset.indices) == subset.dictionary.to_pylist().index("train")
    return Prepared(facts["features"], facts["classes"], rows, is_train, facts["scaling"], **facts["split"])
