"""Rows and numbers as the text of CSV and JSON files."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np


def as_csv(rows: Iterable[dict], columns: Sequence[str]) -> str:
    """Return rows as CSV text with the header `columns`; floats as Python's repr, None as an empty cell."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def jsonable(value: Any) -> Any:
    """Return `value` with NumPy's numbers and arrays as Python's, and None for what is not finite."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
