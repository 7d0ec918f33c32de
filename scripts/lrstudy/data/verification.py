"""From cells, all of them text, to a typed table that is verified.

Rows are counted from 1, without the header line. Every mistake raises `StudyError` that says what is wrong, in which
row and column, and what would be right; who knows the dataset's name puts it in front. A `Problem` also has the keys
of the entry that settle it, and `Problems` are several at once.
"""

import difflib
import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lrstudy.data import columns, writing
from lrstudy.data.advice import Problem, Problems, listed
from lrstudy.data.writing import shown
from lrstudy.errors import StudyError

RESERVED = ("target", "subset")  # columns of prepared.parquet that are not features
MOST_CLASSES = 100
FEWEST_ROWS = 3  # of each class: one for each fold of the baselines' cross-validation
MOST_CATEGORIES = 100  # in a column of texts
LARGEST = float(np.finfo(np.float32).max)


def translate(cells: pa.Table, values: dict[str, dict]) -> pa.Table:
    """Return the cells with the values of some columns replaced: `values` maps old ones to new ones, by column."""
    for name, pairs in values.items():
        if name not in cells.column_names:
            raise StudyError(f"values: there is no column {name!r}; {_nearest(name, cells.column_names)}")
        if (times := cells.column_names.count(name)) > 1:
            raise StudyError(f"values: column {name!r} is there {times} times; give every column a name of its own")
        if any(isinstance(old, bool) for old in pairs):
            raise StudyError(
                f"values: {name!r}: yes, no, on and off without quotes are true and false; put them in quotes"
            )
        new = {str(old): str(value) for old, value in pairs.items()}
        found = cells[name].to_pylist()
        if (odd := next((row for row, value in enumerate(found) if value not in new), None)) is not None:
            raise StudyError(f"row {odd + 1}, column {name!r}: values: has no new value for {shown(found[odd])}")
        place = cells.column_names.index(name)
        cells = cells.set_column(place, name, pa.array([new[value] for value in found], pa.string()))
    return cells


def verify(cells: pa.Table, entry: dict) -> pd.DataFrame:
    """Return the table that the entry describes: numeric features float64, others text, the target last.

    `cells` are plain, as `writing.plain` makes them; missing ones are NaN in the table. Refused are a column that is
    absent, unnamed, reserved or named twice; a cell that is missing, no number, not finite or beyond float32, where
    that is not allowed; texts that are numbers, dates or identifiers; texts that differ in their spelling alone; a
    constant feature; and a target that cannot be classes.
    """
    chosen, target = choose(cells, entry), entry["target"]
    problems: list[StudyError] = []
    made = {}
    for place, name in enumerate(chosen.column_names):
        try:
            _check_text(chosen[place], name, is_target=name == target)
            made[name] = _classes(chosen[place], entry) if name == target else _feature(chosen[place], name, entry)
        except StudyError as problem:
            problems.append(problem)
    table = pd.DataFrame(made)
    empty = [name for name in table if name != target and table[name].isna().all()]
    problems += [_drop(f"column {name!r} is empty", name) for name in empty]
    table = table.drop(columns=empty)
    words = writing.words_for_missing(cells)
    incomplete = {name: found for name in table if (found := _check_cells(table[name], entry, words))}
    problems += incomplete.values()
    complete = table.dropna() if entry.get("missing") == "drop" else table
    if len(complete) < 2 * FEWEST_ROWS:
        dropped = (
            f" of {len(table):,}, without those that missing: drop leaves out" if len(complete) < len(table) else ""
        )
        least = f"two classes of {FEWEST_ROWS} rows each are the least"
        problems.append(StudyError(f"too few complete rows: {len(complete)}{dropped}; {least}"))
    else:
        for name in [name for name in table if name not in incomplete]:
            check = _check_classes if name == target else _check_feature
            problems += _problems_of(check, complete[name].dropna())
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)
    return table


def _problems_of(check: Callable[[pd.Series], None], values: pd.Series) -> list[StudyError]:
    try:
        check(values)
    except StudyError as problem:
        return [problem]
    return []


def choose(cells: pa.Table, entry: dict) -> pa.Table:
    """Return the columns that the entry asks for, in the file's order, the target last."""
    names, target, dropped = cells.column_names, entry["target"], entry.get("drop", [])
    for key, wanted in (("target", [target]), ("features", entry.get("features", [])), ("drop", dropped)):
        for name in wanted:
            if name not in names:
                raise StudyError(f"{key}: there is no column {name!r}; {_nearest(name, names)}{_headless(names)}")
            if key != "target" and name == target:
                raise StudyError(f"{key}: {name!r} is the target; leave it out there")
    features = set(entry.get("features", names)) - {target, *dropped}
    places = [place for place, name in enumerate(names) if name in features]
    if not places:
        raise StudyError(f"it has no column besides the target {target!r}; at least one feature is needed")
    for place in places:
        _check_name(names[place], place)
    chosen = cells.select([*places, *(place for place, name in enumerate(names) if name == target)])
    twice = [name for name in chosen.column_names if chosen.column_names.count(name) > 1]
    if twice:
        raise StudyError(f"column {twice[0]!r} is there {len(twice)} times; give every column a name of its own")
    return chosen


def _headless(names: list[str]) -> str:
    """Return what to do where the names look like a row, or nothing."""
    if 2 * sum(bool(re.match(writing.NUMBER, name.strip(), re.I)) for name in names) <= len(names):
        return ""
    given = [*(f"f{place}" for place in range(1, len(names))), "class"]
    return f"; if the file has no header line, name its columns, as in columns: {listed(given)}"


def _drop(what: str, name: str) -> Problem:
    """Return the problem of a column that is best left out."""
    return Problem(what, f"write drop: {listed([name])}", {"drop": [name]})


def _check_text(cells: pa.ChunkedArray, name: str, is_target: bool) -> None:
    what = None
    if not pa.types.is_string(cells.type):
        what = f"column {name!r}: {cells.type} is neither number nor text"
    elif pc.any(pc.match_substring(cells, "\0")).as_py():
        what = f"column {name!r} has a text with a zero byte"
    if what:
        raise StudyError(f"{what}; the target must hold classes") if is_target else _drop(what, name)


def _check_name(name: str, place: int) -> None:
    if not name.strip():
        words = f"write drop: {listed([name])}, or name it in the file"
        raise Problem(f"column {place + 1} has no name", words, {"drop": [name]})
    if name in RESERVED:
        raise StudyError(f"column {name!r}: a feature cannot have this name, which is reserved; rename it in the file")


def _nearest(name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    shown = ", ".join(map(repr, names[:10])) + (", …" if len(names) > 10 else "")
    return f"did you mean {close[0]!r}?" if close else f"there are {shown}"


def _feature(cells: pa.ChunkedArray, name: str, entry: dict) -> np.ndarray | pd.Series:
    """Return a column of numbers as float64, or a column of texts, which must then be allowed."""
    made, filled = columns.feature(cells), columns.blank_as_null(cells)
    if not isinstance(made, np.ndarray):
        _check_category(filled, name, entry)
        return _one_spelling(cells, name, entry, columns.feature)
    if (row := writing.too_long(filled)) is not None:
        what = f"row {row + 1}, column {name!r}: {cells[row].as_py().strip()} has more digits than a number keeps (15)"
        raise _drop(what, name)
    return made


def _check_category(filled: pa.ChunkedArray, name: str, entry: dict) -> None:
    """Refuse texts that are no categories, and all of them unless the entry allows them."""
    odd = pc.invert(pc.match_substring_regex(filled, writing.NUMBER, ignore_case=True))
    number, row = len(filled) - filled.null_count, pc.index(odd, True).as_py()
    if row >= 0:
        place = f"row {row + 1}, column {name!r}: {shown(filled[row].as_py())} is not a number"
        if 2 * pc.sum(odd).as_py() <= number:
            raise StudyError(f"{place}, as the column's others are; correct the cell, or add the column to drop:")
    else:
        place = f"column {name!r} is a code and no number, since {shown(columns.code(filled))} starts with 0"
    if row >= 0 and (problem := writing.unlike_a_number(filled, name)):
        raise problem
    categories = pc.count_distinct(filled).as_py()
    if 2 * categories > number:
        raise _drop(f"{place}, and nearly every row has a text of its own", name)
    if categories > MOST_CATEGORIES:
        what = f"column {name!r} has {categories:,} different texts, and each would become a column"
        raise _drop(f"{what}; at most {MOST_CATEGORIES} can", name)
    if entry.get("categorical", "refuse") == "refuse":
        raise Problem(place, f"write categorical: one_hot, or drop: {listed([name])}", {"categorical": "one_hot"})


def _one_spelling(
    cells: pa.ChunkedArray, name: str, entry: dict, typed: Callable[[pa.ChunkedArray], np.ndarray | pd.Series]
) -> np.ndarray | pd.Series:
    """Return texts as `typed` makes them; refuse or join those that differ in case, blanks and zeros alone."""
    rule = entry.get("spellings", "refuse")
    groups = columns.alike(cells) if rule != "keep" else []
    if groups and rule == "refuse":
        told = " and ".join(f"{shown(text)} in {count:,} rows" for text, count in list(groups[0].items())[:5])
        more = f" (and {len(groups) - 1} more such groups)" if len(groups) > 1 else ""
        words = "write spellings: join, to make them one, or spellings: keep"
        raise Problem(f"column {name!r}: {told} differ in spelling alone{more}", words, {"spellings": "join"})
    return typed(columns.joined(cells, groups) if groups else cells)


def _classes(cells: pa.ChunkedArray, entry: dict) -> pd.Series:
    """Return the target as whole numbers if every class is one, as text otherwise; a missing class is NaN."""
    made = columns.classes(cells)
    if pd.api.types.is_numeric_dtype(made):
        return made
    return _one_spelling(columns.blank_as_null(cells), entry["target"], entry, columns.classes)


def _check_cells(cells: pd.Series, entry: dict, words: dict) -> StudyError | None:
    """Return the problem of a column's first cell that is missing, infinite or beyond float32, where it must not be."""
    name, is_target = cells.name, cells.name == entry["target"]
    numeric = pd.api.types.is_float_dtype(cells) and not is_target
    missing, beyond = cells.isna().to_numpy(), np.zeros(len(cells), bool)
    if not is_target and _may_miss(numeric, entry):
        missing = np.zeros(len(cells), bool)
    if numeric:
        beyond = (cells.abs() > LARGEST).to_numpy()
    if not (missing | beyond).any():
        return None
    row = int(np.argmax(missing | beyond))
    place = f"row {row + 1}, column {name!r}: "
    if not missing[row]:
        wrong = "not a finite number" if np.isinf(cells[row]) else f"beyond float32, whose largest is {LARGEST:.3g}"
        return StudyError(f"{place}{cells[row]} is {wrong}; correct the cell")
    count = np.count_nonzero(missing)
    rest = f", as are {count - 1:,} more of {len(cells):,}" if count > 1 else ""
    word = next(iter(words.get(name, ())), None)
    said = f" ({shown(word)} counts as missing, unless na_values: has a list without it)" if word else ""
    if is_target:
        return StudyError(f"{place}the row has no class{rest}{said}; give it one, or remove the row")
    if pd.api.types.is_numeric_dtype(cells):
        advice, keys = "write missing: drop or missing: median", {"missing": "median"}
    else:
        advice = "write missing: drop, or missing: median and missing_texts: category or most_frequent"
        keys = {"missing": "median", "missing_texts": "category"}
    return Problem(f"{place}the cell is missing{rest}{said}", advice, keys)


def _may_miss(numeric: bool, entry: dict) -> bool:
    """Return whether a feature's cells may be missing."""
    rule = entry.get("missing", "refuse")
    return rule == "drop" or (rule == "median" and (numeric or "missing_texts" in entry))


def _check_classes(target: pd.Series) -> None:
    counts, rows, place = target.value_counts(), len(target), f"column {target.name!r}: "
    if len(counts) > MOST_CLASSES or 2 * len(counts) > rows:
        raise StudyError(
            f"{place}{len(counts):,} different values in {rows:,} rows look continuous; the target must hold classes, "
            f"at most {MOST_CLASSES} of them"
        )
    if len(counts) < 2:
        raise StudyError(f"{place}every row is of the class {shown(counts.index[0])}; at least two classes are needed")
    if counts.iloc[-1] < FEWEST_ROWS:
        raise StudyError(
            f"{place}too few rows of the class {shown(counts.index[-1])}: {counts.iloc[-1]}; each class needs "
            f"{FEWEST_ROWS}, one for each fold of the cross-validation"
        )


def _check_feature(values: pd.Series) -> None:
    if (values == values.iloc[0]).all():
        what = f"column {values.name!r} is {shown(values.iloc[0])} in every row, which teaches nothing"
        raise _drop(what, values.name)
