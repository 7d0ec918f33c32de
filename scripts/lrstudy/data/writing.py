"""How people write numbers and gaps: from `1.934,8 €`, `76%` and `n/a` to plain numbers and nulls, and what it looks
like where nobody has said how it is written.
"""

import json
import re
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lrstudy.data.advice import Problem, listed, quoted
from lrstudy.errors import StudyError

MISSING = ("", "?", "-", "na", "n/a", "nan", "null", "none")  # what a missing cell says, whatever its case
NUMBER = r"^[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|inf|infinity|nan)$"
GROUPS = (",", ".", "'", "’", " ", "\u00a0", "\u202f")  # what people put between thousands
LOOKED_AT = 10_000  # cells from which a writing is recognised
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([ T]\d.*)?|\d{1,2}:\d{2}(:\d{2}.*)?")
_PARTS = re.compile(  # a sign, a currency's sign or code, a number with marks in it, a unit
    r"[+-]?\s*([^\w\s+\-.,']|[A-Z]{2,3}(?=\s))?\s*([+-]?[\d.,'’ \u00a0\u202f]*\d)\s*([^\d\s]\D{0,15})?"
)


def plain(cells: pa.Table, source: dict) -> pa.Table:
    """Return the cells with null for what is missing, and with numbers as `float` reads them.

    `source` is the entry's: `na_values`, `decimal`, `thousands` and `units`. In a column that is no more than half
    numbers nothing but missing cells changes. Raises `StudyError` for numbers that are not all written alike.
    """
    missing = pa.array([word.strip().lower() for word in ["", *source.get("na_values", MISSING)]])
    words = {}
    said = any(key in source for key in ("decimal", "thousands", "units"))
    for place, name in enumerate(cells.column_names):
        column = cells[place]
        if not pa.types.is_string(column.type):
            continue
        trimmed = pc.utf8_trim_whitespace(column)
        gaps = pc.is_in(pc.utf8_lower(trimmed), missing)
        if filled := [word for word in pc.unique(pc.filter(trimmed, gaps)).to_pylist() if word]:
            words[name] = sorted(filled)
        column = pc.if_else(gaps, None, column)
        if said:
            column = _as_numbers(column, pc.if_else(gaps, None, trimmed), name, source)
        cells = cells.set_column(place, name, column)
    return cells.replace_schema_metadata({"missing": json.dumps(words)})


def words_for_missing(cells: pa.Table) -> dict[str, list[str]]:
    """Return by column the words that `plain` took for missing cells."""
    return json.loads((cells.schema.metadata or {}).get(b"missing", "{}"))


def _as_numbers(column: pa.ChunkedArray, trimmed: pa.ChunkedArray, name: str, source: dict) -> pa.ChunkedArray:
    """Return a column in plain numbers where most of its cells are numbers in the source's writing."""
    decimal, units = source.get("decimal", "."), source.get("units", [])
    fits = pc.fill_null(pc.match_substring_regex(trimmed, _pattern(decimal, source.get("thousands"), units)), False)
    if 2 * pc.sum(fits).as_py() <= len(trimmed) - trimmed.null_count:
        return column
    if decimal != ".":
        _refuse_points(trimmed, fits, name, decimal)
    bare = _without_units(trimmed, fits, name, units)
    if thousands := source.get("thousands"):
        bare = pc.replace_substring(bare, thousands, "")
    if decimal != ".":
        bare = pc.replace_substring(bare, decimal, ".")
    return pc.if_else(fits, bare, column)


def _pattern(decimal: str, thousands: str | None, units: list[str]) -> str:
    """Return the expression, of Arrow's dialect, for a number written so."""
    whole = rf"(\d+|\d{{1,3}}(\Q{thousands}\E\d{{3}})+)" if thousands else r"\d+"
    number = rf"({whole}(\Q{decimal}\E\d*)?|\Q{decimal}\E\d+)([eE][+-]?\d+)?"
    unit = f"({_any_of(units)})?" if units else ""
    return rf"^[+-]?\s*{unit}\s*[+-]?{number}\s*{unit}$"


def _any_of(units: list[str]) -> str:
    return "|".join(rf"\Q{unit}\E" for unit in sorted(units, key=len, reverse=True))


def _refuse_points(cells: pa.ChunkedArray, fits: pa.ChunkedArray, name: str, decimal: str) -> None:
    """Refuse `1.5` in a column whose numbers have a decimal comma: it would be taken as it is."""
    odd = pc.and_(pc.invert(fits), pc.match_substring_regex(cells, NUMBER))
    if (row := pc.index(odd, True).as_py()) >= 0:
        raise StudyError(
            f"row {row + 1}, column {name!r}: {shown(cells[row].as_py())} is not written with decimal: "
            f"{quoted(decimal)}, as the column's others are; correct the cell"
        )


def _without_units(cells: pa.ChunkedArray, fits: pa.ChunkedArray, name: str, units: list[str]) -> pa.ChunkedArray:
    """Return numbers without their units; refuse two units in one column, where the numbers mean different things."""
    if not units:
        return cells
    bare = pc.replace_substring_regex(cells, rf"\s*({_any_of(units)})\s*", "")
    found = pc.fill_null(pc.replace_substring_regex(cells, r"[\d\s+\-.,'’]|[eE][+-]?\d+", ""), "")
    kinds = pc.unique(pc.filter(found, fits)).to_pylist()
    if len(kinds) > 1:
        rows = [pc.index(pc.and_(fits, pc.equal(found, kind)), True).as_py() for kind in kinds[:2]]
        told = " and ".join(f"{shown(cells[row].as_py())} in row {row + 1}" for row in rows)
        raise StudyError(f"column {name!r}: {told} have not the same unit; write all of them in one")
    return bare


def unlike_a_number(cells: pa.ChunkedArray, name: str) -> Problem | None:
    """Return the problem of a text column most of whose cells are numbers, or dates, as people write them; or None.

    `cells` are trimmed, missing ones null.
    """
    texts = cells.drop_null().slice(0, LOOKED_AT).to_pylist()
    first = f"column {name!r}: {shown(texts[0])} in its first filled row"
    if 2 * sum(bool(_DATE.fullmatch(text)) for text in texts) > len(texts):
        words = f"write it as numbers in the file, or drop: {listed([name])}"
        return Problem(f"{first} looks like a date, and each would be a category", words, {"drop": [name]})
    parts = [found.groups() for text in texts if (found := _PARTS.fullmatch(text))]
    if 2 * len(parts) <= len(texts):
        return None
    units = Counter((before or after or "").strip() for before, number, after in parts)
    keys = _notation([number for _, number, _ in parts])
    if keys is None:
        return None
    unit, times = units.most_common(1)[0]
    if unit and 2 * times > len(texts):
        keys["units"] = [unit]
    if not keys:
        return None
    lines = " and ".join(f"{key}: {listed(value) if key == 'units' else quoted(value)}" for key, value in keys.items())
    like = " and ".join(_LIKE[key].format(*keys[key]) for key in keys)
    return Problem(f"{first} looks like a number with {like}", f"write {lines}, or drop: {listed([name])}", keys)


_LIKE = {"decimal": "a decimal comma", "thousands": "{!r} between thousands", "units": "the unit {!r}"}


def _notation(numbers: list[str]) -> dict | None:
    """Return the keys `decimal` and `thousands` of numbers that are written so, or None where most fit no writing."""
    candidates = [{}, {"decimal": ","}]
    candidates += [{"thousands": mark} for mark in GROUPS if mark != "."]
    candidates += [{"decimal": ",", "thousands": mark} for mark in GROUPS if mark != ","]
    fitting = []
    for keys in candidates:
        expression = re.compile(_in_python(_pattern(keys.get("decimal", "."), keys.get("thousands"), [])))
        fitting.append(sum(bool(expression.match(number)) for number in numbers))
    # Of writings that fit alike the simplest, but 1,934 is more likely a thousand than a decimal number.
    most = max(fitting)
    if 2 * most <= len(numbers):
        return None
    best = candidates[fitting.index(most)]
    grouped = candidates.index({"thousands": ","})
    return dict(candidates[grouped] if best == {"decimal": ","} and fitting[grouped] == most else best)


def _in_python(expression: str) -> str:
    return re.sub(r"\\Q(.*?)\\E", lambda found: re.escape(found[1]), expression)


def too_long(cells: pa.ChunkedArray) -> int | None:
    """Return the place of a whole number that float64 cannot keep, such as 1000000000000000007, or None."""
    if (pc.max(pc.binary_length(cells)).as_py() or 0) < 16:
        return None
    long = pc.fill_null(pc.match_substring_regex(cells, r"^[+-]?\d{16,}$"), False)
    places = np.flatnonzero(long.to_numpy()) if pc.any(long).as_py() else ()
    return next((int(row) for row in places if _changes(cells[int(row)].as_py())), None)


def _changes(number: str) -> bool:
    try:
        return int(number) != int(float(number))
    except (OverflowError, ValueError):  # beyond float64, or of more digits than Python reads
        return False


def shown(value: Any) -> str:
    """Return a cell as messages show it."""
    value = value.item() if isinstance(value, np.generic) else value
    return repr(value) if len(repr(value)) <= 40 else repr(value)[:39] + "…"
