"""From cells, all of them text, to a typed table that is verified.

Rows are counted from 1, without the header line. Every mistake raises `StudyError` that says what is wrong, in which
row and column, and what would be right; who knows the dataset's name puts it in front.
"""

import difflib

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lrstudy.files.errors import StudyError

RESERVED = ("target", "subset")  # columns of prepared.parquet that are not features
MISSING_NUMBERS = ("", "?", "na", "n/a", "nan", "null", "none")  # in a column of numbers, whatever their case
MISSING_TEXTS = ("", "?")
MOST_CLASSES = 100
FEWEST_ROWS = 3  # of each class: one for each fold of the baselines' cross-validation
MOST_CATEGORIES = 100  # in a column of texts; an identifier would have one in every row


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
            raise StudyError(f"row {odd + 1}, column {name!r}: values: has no new value for {_shown(found[odd])}")
        place = cells.column_names.index(name)
        cells = cells.set_column(place, name, pa.array([new[value] for value in found], pa.string()))
    return cells


def verify(cells: pa.Table, entry: dict) -> pd.DataFrame:
    """Return the table that the entry describes: numeric features float64, others text, the target last.

    Missing cells are NaN. Refused are a column that is absent, unnamed, reserved or named twice; a cell that is
    missing, no number, not finite or beyond float32, where that is not allowed; a constant feature; and a target
    that cannot be classes.
    """
    table = typed(_choose(cells, entry), entry)
    _check_contract(table, entry)
    complete = table.dropna() if entry.get("missing") == "drop" else table
    _check_classes(complete[entry["target"]])
    _check_features(complete.drop(columns=entry["target"]))
    return table


def typed(cells: pa.Table, entry: dict) -> pd.DataFrame:
    """Return numbers where a column is of numbers, texts elsewhere; the last column is the target."""
    *features, target = [pc.fill_null(column, "") for column in cells.columns]
    *names, target_name = cells.column_names
    typed = {name: _feature(column, name, entry) for name, column in zip(names, features, strict=True)}
    return pd.DataFrame({**typed, target_name: _target(target)})


def _choose(cells: pa.Table, entry: dict) -> pa.Table:
    """Return the columns that the entry asks for, in the file's order, the target last."""
    names, target, dropped = cells.column_names, entry["target"], entry.get("drop", [])
    for key, wanted in (("target", [target]), ("features", entry.get("features", [])), ("drop", dropped)):
        for name in wanted:
            if name not in names:
                raise StudyError(f"{key}: there is no column {name!r}; {_nearest(name, names)}")
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
    for name in chosen.column_names:
        _check_text(chosen[name], name)
    return chosen


def _check_text(cells: pa.ChunkedArray, name: str) -> None:
    if not pa.types.is_string(cells.type):
        raise StudyError(f"column {name!r}: {cells.type} is neither number nor text; add the column to drop:")
    if pc.any(pc.match_substring(cells, "\0")).as_py():
        raise StudyError(f"column {name!r} has a text with a zero byte; correct it, or add the column to drop:")


def _check_name(name: str, place: int) -> None:
    if not name.strip():
        raise StudyError(f"column {place + 1} has no name; name it in the file, or list the wanted ones: features:")
    if name in RESERVED:
        raise StudyError(f"column {name!r}: a feature cannot have this name, which is reserved; rename it in the file")


def _nearest(name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    shown = ", ".join(map(repr, names[:10])) + (", …" if len(names) > 10 else "")
    return f"did you mean {close[0]!r}?" if close else f"there are {shown}"


def _feature(cells: pa.ChunkedArray, name: str, entry: dict) -> np.ndarray | pd.Series:
    """Return a column of numbers as float64, or a column of texts, which must then be allowed."""
    trimmed = pc.utf8_trim_whitespace(cells)
    missing = pc.is_in(pc.utf8_lower(trimmed), pa.array(MISSING_NUMBERS))
    numbers = pc.if_else(missing, None, trimmed)
    try:
        return pc.cast(numbers, pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        pass
    odd = ~np.array(pc.fill_null(pc.match_substring_regex(numbers, _NUMBER), True))
    row = int(odd.argmax())
    place = f"row {row + 1}, column {name!r}: {_shown(cells[row].as_py())} is not a number"
    if 2 * odd.sum() <= len(cells) - pc.sum(missing).as_py():
        raise StudyError(f"{place}, as the column's others are; correct the cell, or add the column to drop:")
    if entry.get("categorical", "refuse") == "refuse":
        many = 2 * pc.count_distinct(trimmed).as_py() > len(cells)
        advice = "nearly every row has its own; " if many else "write categorical: one_hot, or "
        raise StudyError(f"{place}; {advice}add the column to drop:")
    return pc.if_else(pc.is_in(trimmed, pa.array(MISSING_TEXTS)), None, cells).to_pandas()


_NUMBER = r"^[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|inf|infinity|nan)$"
# A class like 007 stays a text.
_LABEL = r"^-?(0|[1-9]\d{0,14})$"


def _target(cells: pa.ChunkedArray) -> np.ndarray | pd.Series:
    """Return the target as whole numbers if every class is one, and as text otherwise; a missing class is NaN."""
    labels = pc.utf8_trim_whitespace(cells)
    numbers = pc.if_else(pc.is_in(pc.utf8_lower(labels), pa.array(MISSING_NUMBERS)), None, labels)
    numbers = pc.replace_substring_regex(numbers, r"\.0+$", "")  # 1.0 is the class 1
    if numbers.null_count < len(numbers) and pc.all(pc.match_substring_regex(numbers, _LABEL)).as_py():
        return pc.cast(numbers, pa.int64()).to_pandas()
    return pc.if_else(pc.is_in(labels, pa.array(MISSING_TEXTS)), None, labels).to_pandas()


def _shown(value) -> str:
    value = value.item() if isinstance(value, np.generic) else value
    return repr(value) if len(repr(value)) <= 40 else repr(value)[:39] + "…"


def _check_contract(table: pd.DataFrame, entry: dict) -> None:
    """Refuse the first cell that is missing, infinite or beyond float32, where it must not be."""
    import pandera.pandas as pandera

    largest = float(np.finfo(np.float32).max)
    number = [
        pandera.Check(lambda cells: ~np.isinf(cells), error="is not a finite number"),
        pandera.Check(lambda cells: cells.abs() <= largest, error=f"is beyond float32, whose largest is {largest:.3g}"),
    ]
    missing = entry.get("missing", "refuse")
    columns = {}
    for name in table.columns[:-1]:
        numeric = pd.api.types.is_float_dtype(table[name])
        nullable = missing == "drop" or (missing == "median" and numeric)
        columns[name] = pandera.Column(float if numeric else str, number if numeric else None, nullable=nullable)
    columns[table.columns[-1]] = pandera.Column(None, nullable=False)
    try:
        pandera.DataFrameSchema(columns, strict=True, ordered=True).validate(table)
    except pandera.errors.SchemaError as error:
        column, row = error.schema.name, int(error.failure_cases["index"].iloc[0])
        place = f"row {row + 1}, column {column!r}: "
        if error.check == "not_nullable":
            raise StudyError(place + _missing_words(column == entry["target"], missing)) from None
        raise StudyError(f"{place}{table[column][row]} {error.check.error}; correct the cell") from None


def _missing_words(target: bool, missing: str) -> str:
    if target:
        return "the row has no class; give it one, or remove the row"
    if missing == "median":
        return "the cell is missing, and texts have no median; write missing: drop"
    return "the cell is missing; write missing: drop or missing: median"


def _check_classes(target: pd.Series) -> None:
    counts, rows, place = target.value_counts(), len(target), f"column {target.name!r}: "
    if rows < 2 * FEWEST_ROWS:
        raise StudyError(f"too few complete rows: {rows}; two classes of {FEWEST_ROWS} rows each are the least")
    if len(counts) > MOST_CLASSES or 2 * len(counts) > rows:
        raise StudyError(
            f"{place}{len(counts):,} different values in {rows:,} rows look continuous; the target must hold classes, "
            f"at most {MOST_CLASSES} of them"
        )
    if len(counts) < 2:
        raise StudyError(f"{place}every row is of the class {_shown(counts.index[0])}; at least two classes are needed")
    if counts.iloc[-1] < FEWEST_ROWS:
        raise StudyError(
            f"{place}too few rows of the class {_shown(counts.index[-1])}: {counts.iloc[-1]}; each class needs "
            f"{FEWEST_ROWS}, one for each fold of the cross-validation"
        )


def _check_features(features: pd.DataFrame) -> None:
    for name in features:
        values = features[name].dropna()
        if values.empty:
            raise StudyError(f"column {name!r} is empty; add it to drop:")
        if (values == values.iloc[0]).all():
            shown = _shown(values.iloc[0])
            raise StudyError(f"column {name!r} is {shown} in every row, which teaches nothing; add it to drop:")
        if not pd.api.types.is_numeric_dtype(values) and values.nunique() > MOST_CATEGORIES:
            raise StudyError(
                f"column {name!r} has {values.nunique():,} different texts, and each would become a column; at most "
                f"{MOST_CATEGORIES} can; add it to drop:"
            )
