"""Reading `prepared.parquet`, without pandas or scikit-learn."""

import json
from dataclasses import dataclass

import numpy as np
import pyarrow.parquet as pq

from lrstudy.errors import StudyError


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
    try:
        table = pq.read_table(path)
    except (OSError, ValueError) as error:
        raise StudyError(f"{path}: not a readable Parquet file ({error}); delete it and run again") from None
    facts = json.loads(table.schema.metadata[b"lrstudy"])
    columns = [table[name].to_numpy() for name in [*facts["features"], "target"]]
    is_train = table["subset"].to_numpy(zero_copy_only=False) == "train"
    return Prepared(facts["features"], facts["classes"], np.column_stack(columns).astype(np.float32), is_train)
