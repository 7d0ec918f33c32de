"""The cells of a text file: rows on lines, cells between commas, semicolons, tabs or another mark."""

import csv
import io
import itertools
import re
from operator import methodcaller

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from lrstudy.data.advice import Problem, quoted
from lrstudy.errors import StudyError

LONGEST_ROW = 1 << 24  # bytes
MARKS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
COMMENTS = ("#", "%", "//", "--", "*", "!")
LOOKED_AT = 50  # lines from which a delimiter is recognised


def read(content: bytes, delimiter: str, columns: list[str] | None = None, comment: str | None = None) -> pa.Table:
    """Return the cells of UTF-8 text, the header line's as names unless `columns` are given.

    Lines at the top that start with `comment` are skipped. Raises `Problem` where another delimiter or a comment is
    recognised, and `StudyError` for rows of different lengths and for quotation marks that swallow rows.
    """
    content = _without_comments(content, comment)
    try:
        cells = parse(content, delimiter, header=not columns)
    except StudyError as error:
        raise _recognised(content, delimiter) or error from None
    if cells.num_columns == 1 and (problem := _recognised(content, delimiter)):
        raise problem
    _check_quotes(cells, delimiter)
    return cells


def parse(content: bytes, delimiter: str = ",", header: bool = True) -> pa.Table:
    """Return the cells of UTF-8 text as they are; raises `StudyError` for rows of different lengths."""
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
        raise StudyError(_csv_words(str(error), header)) from None
    return cells.slice(1).rename_columns([str(column[0]) for column in cells.columns]) if header else cells


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


def _without_comments(content: bytes, comment: str | None) -> bytes:
    """Return the text without the blank lines and comments at its top."""
    mark = comment.encode() if comment else None
    while mark and (line := content.partition(b"\n")[0].strip()).startswith(mark) | (not line) and content:
        content = content.partition(b"\n")[2]
    return content


def _recognised(content: bytes, delimiter: str) -> StudyError | None:
    """Return the problem of a text that another delimiter or a comment mark would make a table, or None."""
    head = content[: 1 << 16].decode(errors="ignore").splitlines()
    lines = [line for line in head if line.strip()][:LOOKED_AT]
    if _columns(lines, delimiter) > 1:
        return None
    for mark in COMMENTS:
        rows = list(itertools.dropwhile(methodcaller("startswith", mark), lines))
        if 0 < len(rows) < len(lines) and any(_columns(rows, each) > 1 for each in MARKS):
            what = f"its first line starts with {mark!r}, as a comment does"
            return Problem(what, f"write comment: {quoted(mark)}", {"comment": mark})
    own = MARKS.get(delimiter, f"{delimiter!r}")
    for mark, name in MARKS.items():
        if mark != delimiter and _columns(lines, mark) > 1:
            what = f"its cells seem to be separated by {name}, not {own}"
            return Problem(what, f"write delimiter: {quoted(mark)}", {"delimiter": mark})
    if len({len(line.split()) for line in lines}) == 1 < len(lines) and len(lines[0].split()) > 1:
        return StudyError(f"its cells seem to be separated by blanks, not {own}; save it with commas")
    return None


def _columns(lines: list[str], delimiter: str) -> int:
    """Return how many cells the first line has, or 0 where more than a fifth of the lines have another number."""
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return 0
    return widths[0] if widths and 5 * widths.count(widths[0]) >= 4 * len(widths) else 0


def _check_quotes(cells: pa.Table, delimiter: str) -> None:
    """Refuse a quoted cell with line breaks in it whose lines look like rows of this table."""
    broken = [place for place in range(cells.num_columns) if pc.any(pc.match_substring(cells[place], "\n")).as_py()]
    if not broken:
        return
    numbers = [place for place in range(cells.num_columns) if _looks_numeric(cells[place].slice(0, 1000))]
    for place in broken:
        column = cells[place].to_pylist()
        for row, text in enumerate(column, start=1):
            if "\n" in text and _holds_rows(text, place, cells.num_columns, numbers, delimiter):
                lines = sum(other.count("\n") for other in column[: row - 1])
                first, last = row + lines, row + lines + text.count("\n")
                raise StudyError(
                    f"column {cells.column_names[place]!r}: a quotation mark in row {first} closes in row {last}, and "
                    f"what lies between looks like rows; remove the marks, or write each twice within quotes"
                )


_NUMERIC = r"^[^A-Za-z]*\d[^A-Za-z]*$"  # also with a unit's sign, and with a decimal comma


def _looks_numeric(cells: pa.ChunkedArray) -> bool:
    return 2 * (pc.sum(pc.match_substring_regex(cells, _NUMERIC)).as_py() or 0) > len(cells)


def _holds_rows(text: str, place: int, width: int, numbers: list[int], delimiter: str) -> bool:
    """Return whether the lines of a quoted cell are the rest of a row, whole rows, and the beginning of one."""
    lines = [next(csv.reader([line], delimiter=delimiter), []) for line in text.splitlines()]
    starts = [place, *(0 for _ in lines[1:])]
    lengths = [width - place, *(width for _ in lines[1:-1]), place + 1]
    if width < 2 or list(map(len, lines)) != lengths:
        return False
    seen = [
        re.match(_NUMERIC, cell)
        for line, start in zip(lines, starts, strict=True)
        for at, cell in enumerate(line, start=start)
        if at in numbers and at != place
    ]
    return bool(seen) and all(seen)
