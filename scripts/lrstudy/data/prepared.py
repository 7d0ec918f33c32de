"""Reading `prepared.parquet`, without pandas or scikit-learn."""

import json
import os
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from lrstudy.data import parquet


@dataclass(frozen=True)
class Prepared:
    """The prepared rows, float32 of shape (rows, features + 1): scaled features, then the class index.

    `is_train` is seed 0's split, drawn with `random_state`, the classes in equal shares where `stratify` says so;
    `fit_on` says whether `all` rows or its training rows gave the scale. `gaps` has, by a feature's place, the rows
    whose value was missing, where the training rows alone filled them.
    """

    features: list[str]
    classes: list[str]
    rows: np.ndarray
    is_train: np.ndarray
    fit_on: str = "all"
    random_state: int = 0
    stratify: bool = False
    gaps: dict[int, np.ndarray] = field(default_factory=dict)

    @cached_property
    def train(self) -> np.ndarray:
        """The training rows."""
        return self.rows[self.is_train]

    @cached_property
    def test(self) -> np.ndarray:
        """The test rows."""
        return self.rows[~self.is_train]

    @property
    def with_gaps(self) -> np.ndarray:
        """All rows, with NaN in place of what the training rows filled."""
        rows = self.rows.copy() if self.gaps else self.rows
        for place, missing in self.gaps.items():
            rows[missing, place] = np.nan
        return rows


def read(path: str | os.PathLike) -> Prepared:
    """Return the prepared table; raises `StudyError` for a damaged file."""
    table = parquet.read(path, words=["subset"])
    facts = json.loads(table.schema.metadata[b"lrstudy"])
    names = [*facts["features"], "target"]
    rows = np.empty((len(table), len(names)), np.float32)
    columns = [column.combine_chunks() for column in table.columns]  # by place: a feature may have any name
    for place in range(len(names)):
        rows[:, place] = np.from_dlpack(columns[place])
    subset = columns[len(names)]
    is_train = np.from_dlpack(subset.indices) == subset.dictionary.to_pylist().index("train")
    missing = [np.from_dlpack(column) == 1 for column in columns[len(names) + 1 :]]
    gaps = dict(zip(facts["gaps"], missing, strict=True))
    return Prepared(facts["features"], facts["classes"], rows, is_train, facts["scaling"], **facts["split"], gaps=gaps)
