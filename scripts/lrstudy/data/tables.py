"""From the bytes of a file to a verified table: every cell is read as text first, so that none is changed unseen.

Rows are counted from 1, without the header line. Every function raises `StudyError` that says what is wrong, in
which row and column, and what would be right; who knows the dataset's name puts it in front.
"""

import contextlib
import csv
import difflib
import io
import os
import re
from pathlib import PurePosixPath

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from lrstudy.files.errors import StudyError

FORMATS = {".csv": "csv", ".txt": "csv", ".data": "csv", ".tsv": "tsv", ".tab": "tsv", ".parquet": "parquet",
           ".pq": "parquet", ".arff": "arff"}  # fmt: skip
RESERVED = ("target", "subset")  # columns of prepared.parquet that are not features
MISSING_NUMBERS = ("", "?", "na", "n/a", "nan", "null", "none")  # in a column of numbers, whatever their case
MISSING_TEXTS = ("", "?")
MOST_CLASSES = 100
FEWEST_ROWS = 3  # of each class: one for each fold of the baselines' cross-validation
MOST_CATEGORIES = 100  # in a column of texts; an identifier would have one in every row
LONGEST_ROW = 1 << 24  # bytes, of a text file
LARGEST_TABLE = 1 << 28  # cells; only Parquet can hold more of them than its bytes let expect


# Bytes to cells


def format_of(name: str) -> str:
    """Return the format that a file's name says, whatever it is packed in."""
    path = PurePosixPath(name.lower())
    while path.suffix in (".gz", ".zip"):
        path = path.with_suffix("")
    if path.suffix not in FORMATS:
        raise StudyError("its name does not say what it is; write format: csv, tsv, parquet or arff")
    return FORMATS[path.suffix]


def read(content: bytes, format: str, columns: list[str] | None = None) -> pa.Table:
    """Return a file's cells as text, null where a format has its own word for a missing cell.

    `columns` are the names of a text file without a header line, and replace those of other formats.
    """
    readers = {"csv": _read_csv, "tsv": _read_csv, "parquet": _read_parquet, "arff": _read_arff}
    if not content.strip():
        raise StudyError("it is empty")
    cells = readers[format](content, "\t" if format == "tsv" else ",", columns)
    if columns and len(columns) != cells.num_columns:
        raise StudyError(f"it has {cells.num_columns} columns, but columns: names {len(columns)}")
    if cells.num_rows == 0:
        raise StudyError("it has a header line, but no row")
    return cells.rename_columns(columns) if columns else cells


def _read_csv(content: bytes, delimiter: str, columns: list[str] | None) -> pa.Table:
    content = _utf8(content)
    if content.count(b'"') % 2:
        raise StudyError("a quotation mark is not closed: their number is odd; write one within a cell twice")
    names = [f"f{place}" for place in range(_width(content, delimiter))]
    # In one thread, since errors then know their row.
    reading = pa.csv.ReadOptions(use_threads=False, column_names=names, block_size=LONGEST_ROW)
    parsing = pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    converting = pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    try:
        cells = pa.csv.read_csv(pa.BufferReader(content), reading, parsing, converting)
    except pa.ArrowException as error:
        raise StudyError(_csv_words(str(error), header=not columns)) from None
    header = [str(column[0]) for column in cells.columns]
    if len(header) == 1 and (other := next((mark for mark in ",;\t|" if mark in header[0]), None)):
        raise StudyError(_delimiter_words(delimiter, other))
    return cells if columns else cells.slice(1).rename_columns(header)


def _width(content: bytes, delimiter: str) -> int:
    """Return the number of cells in the first row that is not blank."""
    lines = io.TextIOWrapper(io.BytesIO(content), "utf-8", newline="")
    try:
        return next(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
    except (csv.Error, StopIteration):
        raise StudyError("its first row cannot be read as CSV") from None


def _csv_words(error: str, header: bool) -> str:
    ragged = re.search(r"Row #(\d+): Expected (\d+) columns?, got (\d+)", error)
    if "straddling" in error:
        return f"a row is longer than {LONGEST_ROW >> 20} MiB; a quotation mark may be missing"
    if not ragged:
        return f"it cannot be read as CSV: {' '.join(error.split())[:150]}"
    row, expected, found = map(int, ragged.groups())
    first = "the header line" if header else "row 1"
    return f"row {row - header} has {found} cells, but {first} has {expected}; give every row the same number"


def _delimiter_words(delimiter: str, other: str) -> str:
    names = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
    right = {"\t": "write format: tsv", ",": "write format: csv"}.get(other, f"save it with {names[delimiter]}")
    return f"its cells seem to be separated by {names[other]}, not {names[delimiter]}; {right}"


def _utf8(content: bytes) -> bytes:
    """Return text without its byte-order mark; refuse binary files and other encodings by name."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise StudyError("it is UTF-16 text, not UTF-8; convert it: iconv -f UTF-16 -t UTF-8")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        if re.search(rb"[\x00-\x08\x0e-\x1f]", content[:4096]):
            raise StudyError("it is a binary file, not text") from None
        line = content.count(b"\n", 0, error.start) + 1
        raise StudyError(
            f"line {line}: the byte 0x{content[error.start]:02x} is not UTF-8; if the file is Latin-1 or Windows-1252, "
            "convert it: iconv -f WINDOWS-1252 -t UTF-8"
        ) from None
    if b"\0" in content:
        raise StudyError("it is a binary file, not text")
    return content.removeprefix(b"\xef\xbb\xbf")


def _read_parquet(content: bytes, *_) -> pa.Table:
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        if file.metadata.num_rows * file.metadata.num_columns > LARGEST_TABLE:
            raise StudyError(f"it has more than {LARGEST_TABLE:,} cells")
        return as_text(file.read())
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise StudyError(f"it cannot be read as Parquet: {' '.join(str(error).split())[:150]}") from None


def as_text(table: pa.Table) -> pa.Table:
    """Return a typed table's cells as text, numbers in their shortest form that reads back the same.

    A column of what is neither number nor text stays as it is; `verify` refuses it where it is wanted.
    """
    for place, name in enumerate(table.column_names):
        with contextlib.suppress(pa.ArrowException):
            table = table.set_column(place, name, pc.cast(table[place], pa.string()))
    return table


_ATTRIBUTE = re.compile(r"""@attribute\s+(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s{'"]+))\s*(.*)""", re.I)


def _read_arff(content: bytes, *_) -> pa.Table:
    """Read the dense subset of ARFF: numeric, nominal and string attributes."""
    lines = enumerate(_utf8(content).decode().splitlines(), start=1)
    lines = ((number, line.strip()) for number, line in lines if line.strip() and not line.lstrip().startswith("%"))
    names, allowed = [], []
    for number, line in lines:
        if line.lower() == "@data":
            return _arff_rows(lines, names, allowed)
        if found := _ATTRIBUTE.fullmatch(line):
            names.append(re.sub(r"\\(.)", r"\1", next(name for name in found.groups()[:3] if name is not None)))
            allowed.append(_arff_values(found[4], number, names[-1]))
        elif not line.lower().startswith("@relation"):
            raise StudyError(f"line {number}: {line[:40]!r} is neither @relation, @attribute nor @data")
    raise StudyError("it is not an ARFF file: it has no line @data")


def _arff_values(kind: str, number: int, name: str) -> set[str] | None:
    """Return the values of a nominal attribute, or None where any value will do."""
    if kind.startswith("{") and kind.endswith("}"):
        return set(_arff_cells(kind[1:-1], number))
    if kind.lower() in ("numeric", "real", "integer", "string"):
        return None
    raise StudyError(f"line {number}, column {name!r}: {kind[:40]!r} is not numeric, string or a list of values")


def _arff_cells(line: str, number: int) -> list[str]:
    quote = min((mark for mark in "'\"" if mark in line), key=line.index, default="'")
    try:
        cells = next(csv.reader([line], quotechar=quote, escapechar="\\", skipinitialspace=True, strict=True))
    except (csv.Error, StopIteration):
        raise StudyError(f"line {number}: {line[:40]!r} has a quotation mark that is not closed") from None
    return [cell.strip() for cell in cells]


def _arff_rows(lines, names: list[str], allowed: list[set[str] | None]) -> pa.Table:
    rows = []
    for number, line in lines:
        cells = _arff_cells(line, number)
        if line.startswith("{") or len(cells) != len(names):
            raise StudyError(
                f"line {number} has {len(cells)} cells, but there are {len(names)} attributes; rows must be dense"
            )
        for cell, name, values in zip(cells, names, allowed, strict=True):
            if values is not None and cell not in values and cell != "?":
                raise StudyError(f"line {number}, column {name!r}: {cell!r} is not one of the attribute's values")
        rows.append(cells)
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return pa.Table.from_arrays([pa.array(column, pa.string()) for column in columns], names=names)


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


# Cells to a table


def verify(cells: pa.Table, entry: dict) -> pd.DataFrame:
    """Return the table that the entry describes: numeric features float64, others text, the target last.

    Missing cells are NaN. Refused are a column that is absent, unnamed, reserved or named twice; a cell that is
    missing, no number, not finite or beyond float32, where that is not allowed; a constant feature; and a target
    that cannot be classes.
    """
    table = _typed(_choose(cells, entry), entry)
    _check_contract(table, entry)
    complete = table.dropna() if entry.get("missing") == "drop" else table
    _check_classes(complete[entry["target"]])
    _check_features(complete.drop(columns=entry["target"]))
    return table


def _typed(cells: pa.Table, entry: dict) -> pd.DataFrame:
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


# A table to text and back


def to_csv(table: pd.DataFrame) -> bytes:
    """Return the table as CSV: UTF-8, commas, LF; missing cells empty, texts in quotation marks, numbers not.

    A float has the fewest digits that read back as the same.
    """
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(table.columns)
    stream = io.BytesIO(header.getvalue().encode())
    stream.seek(0, io.SEEK_END)
    # By Arrow, since pandas takes six times as long.
    rows = pa.Table.from_pandas(table, preserve_index=False)
    pa.csv.write_csv(rows, stream, pa.csv.WriteOptions(include_header=False))
    return stream.getvalue()


def load_table(path: str | os.PathLike, entry: dict) -> pd.DataFrame:
    """Return `table.csv` as it was verified: numeric features float64, others text, the target as it was, last."""
    with open(path, "rb") as stream:
        return _typed(read(stream.read(), "csv"), entry)
