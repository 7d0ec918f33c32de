"""Reading `prepared.parquet`, without pandas or scikit-learn."""

import json
from dataclasses import dataclass

import numpy as np

from lrstudy import parquet


@dataclass(frozen=True)
class Prepared:
    """The prepared rows, float32 of shape (rows, features + 1): scaled features, then the class index."""

    features: list[str]
    classes: list[str]
    rows: np.ndarray
    is_train: np.ndarray

    @property
    def train(self) -> np.ndarray:
        """The training rows."""
        return self.rows[self.is_train]

    @property
    def test(self) -> np.ndarray:
        """The test rows."""
        return self.rows[~self.is_train]


def read(path) -> Prepared:
    """Return the prepared table; raises `StudyError` for a damaged file."""
    table = parquet.read(path, words=["subset"])
    facts = json.loads(table.schema.metadata[b"lrstudy"])
    columns = [parquet.column(table, name) for name in [*facts["features"], "target"]]
    subset = table["subset"].combine_chunks()
    is_train = np.from_dlpack(subset.indices) == subset.dictionary.to_pylist().index("train")
    return Prepared(facts["features"], facts["classes"], np.column_stack(columns).astype(np.float32), is_train)
