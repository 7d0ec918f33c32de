"""From a column of text to numbers, texts or classes: the same whether it comes from a source or from `table.csv`."""

import re
import unicodedata
from collections import defaultdict
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

# Whole numbers that are written as codes are: a postcode is no number.
_CODE = r"^[+-]?0\d+$"
# A class like 007 stays a text.
_LABEL = r"^-?(0|[1-9]\d{0,14})$"


def typed(cells: pa.Table) -> pd.DataFrame:
    """Return numbers where a column is of numbers, texts elsewhere; the last column is the target."""
    *features, target = cells.column_names
    made = {name: feature(cells[name]) for name in features}
    return pd.DataFrame({**made, target: classes(cells[target])})


def of(values: pd.Series) -> pa.ChunkedArray:
    """Return a column of texts as Arrow's, missing cells null."""
    return pa.chunked_array([pa.array(values, pa.string(), from_pandas=True)])


def blank_as_null(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return trimmed cells, blank ones null."""
    trimmed = pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.equal(trimmed, ""), None, trimmed)


def code(filled: pa.ChunkedArray) -> str | None:
    """Return the first whole number that starts with a zero, as postcodes do, or None."""
    row = pc.index(pc.match_substring_regex(filled, _CODE), True).as_py()
    return filled[row].as_py() if row >= 0 else None


def feature(cells: pa.ChunkedArray) -> np.ndarray | pd.Series:
    """Return a column whose filled cells are all numbers as float64, and any other as it is; missing cells are NaN."""
    numbers = blank_as_null(cells)
    if code(numbers) is None:
        try:
            return pc.cast(numbers, pa.float64()).to_numpy()
        except pa.ArrowInvalid:
            pass
    return pc.if_else(pc.is_null(numbers), None, cells).to_pandas()


def classes(cells: pa.ChunkedArray) -> pd.Series:
    """Return the target as whole numbers if every class is one, and as text otherwise; a missing class is NaN."""
    labels = blank_as_null(cells)
    numbers = pc.replace_substring_regex(labels, r"\.0+$", "")  # 1.0 is the class 1
    if numbers.null_count < len(numbers) and pc.all(pc.match_substring_regex(numbers, _LABEL)).as_py():
        return pc.cast(numbers, pa.int64()).to_pandas()
    return labels.to_pandas()


def alike(texts: pa.ChunkedArray) -> list[dict[str, int]]:
    """Return groups of texts that differ only in case, blanks, leading zeros or Unicode's forms, with their counts.

    The most frequent one is first in each group, after it those with leading zeros.
    """
    groups: defaultdict[str, dict[str, int]] = defaultdict(dict)
    counts = pc.value_counts(texts.drop_null())
    for text, count in sorted(zip(counts.field(0).to_pylist(), counts.field(1).to_pylist(), strict=True)):
        groups[_folded(text)][text] = count
    several = [group for group in groups.values() if len(group) > 1]
    return [dict(sorted(group.items(), key=lambda pair: (_starts_with_0(pair[0]), -pair[1]))) for group in several]


def _starts_with_0(text: str) -> bool:
    return bool(re.match(_CODE, text.strip()))


def _folded(text: str) -> str:
    """Return what texts have in common that a reader would take for the same."""
    text = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    try:
        number = Decimal(text)
    except ArithmeticError:
        return text
    return str(number.normalize()) if number.is_finite() and len(text) < 100 else text


def joined(texts: pa.ChunkedArray, groups: list[dict[str, int]]) -> pa.ChunkedArray:
    """Return texts with each group, as `alike` finds them, in its most frequent spelling, trimmed."""
    spelling = {old: next(iter(group)).strip() for group in groups for old in group}
    return pa.chunked_array([pa.array([spelling.get(text, text) for text in texts.to_pylist()], pa.string())])
