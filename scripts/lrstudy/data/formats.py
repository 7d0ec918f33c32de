"""From the bytes of a file to cells: each is read as text first, so that none is changed unseen.

Rows are counted from 1, without the header line. Every function raises `StudyError` that says what is wrong, in
which row and column, and what would be right; who knows the dataset's name puts it in front.
"""

import contextlib
import csv
import io
import re
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from lrstudy.data import arff
from lrstudy.files.errors import StudyError

FORMATS = {".csv": "csv", ".txt": "csv", ".data": "csv", ".tsv": "tsv", ".tab": "tsv", ".parquet": "parquet",
           ".pq": "parquet", ".arff": "arff"}  # fmt: skip
LONGEST_ROW = 1 << 24  # bytes, of a text file
LARGEST_TABLE = 1 << 28  # cells; only Parquet can hold more of them than its bytes let expect


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


def _read_arff(content: bytes, *_) -> pa.Table:
    return arff.read(_utf8(content).decode())
