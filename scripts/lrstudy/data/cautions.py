"""What a verified table may have that its owner does not want a model to learn: said, not refused."""

import numpy as np
import pandas as pd

from lrstudy.data import columns
from lrstudy.data.advice import listed
from lrstudy.data.writing import shown


def of(table: pd.DataFrame) -> list[str]:
    """Return a sentence for each column that tells the order of the file, or the class, or is a code.

    The last column is the target; the rows are in the file's order.
    """
    target = pd.factorize(table[table.columns[-1]])[0]
    said = []
    for name in table.columns[:-1]:
        if words := _about(table[name], target):
            said.append(f"column {name!r} {words}")
    return said


def _about(values: pd.Series, target: np.ndarray) -> str | None:
    leave_out = f"unless that is meant, write drop: {listed([values.name])}"
    if says_the_class(values, target):
        return f"has one value for each class, so that it says the class; {leave_out}"
    if not pd.api.types.is_numeric_dtype(values):
        code = columns.code(columns.of(values.drop_duplicates()))
        return f"is taken as text, since {shown(code)} is a code and no number" if code else None
    numbers = values.to_numpy()
    if counts_rows(numbers):
        return f"is a running number, and teaches the order of the file; {leave_out}"
    if sorts_classes(numbers, target):
        return f"looks like an identifier that was given class by class, and teaches that order; {leave_out}"
    return None


def says_the_class(values: pd.Series, target: np.ndarray) -> bool:
    """Return whether each class has one value, and each value one class; a missing cell is a value too."""
    classes = target.max() + 1
    if values[:1000].nunique(dropna=False) > classes:
        return False
    codes = pd.factorize(values, use_na_sentinel=False)[0]
    return codes.max() + 1 == classes == len(np.unique(codes * classes + target))


def counts_rows(numbers: np.ndarray) -> bool:
    """Return whether numbers rise or fall from each row to the next, or are those of a running number in any order."""
    if np.isnan(numbers).any():
        return False
    steps = np.diff(numbers)
    if (steps > 0).all() or (steps < 0).all():
        return True
    return _distinct_whole(numbers) and numbers.max() - numbers.min() == len(numbers) - 1


def sorts_classes(numbers: np.ndarray, target: np.ndarray) -> bool:
    """Return whether whole numbers, another in each row, sort the rows by class."""
    if not _distinct_whole(numbers):
        return False
    ordered = target[np.argsort(numbers)]
    return np.count_nonzero(np.diff(ordered)) == target.max()


def _distinct_whole(numbers: np.ndarray) -> bool:
    return bool((np.floor(numbers) == numbers).all()) and len(np.unique(numbers)) == len(numbers)
