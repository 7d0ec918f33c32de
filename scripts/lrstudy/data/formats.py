"""From the bytes of a file to cells: each is read as text first, so that none is changed unseen.

Rows are counted from 1, without the header line. Every function raises `StudyError` that says what is wrong, in
which row and column, and what would be right; who knows the dataset's name puts it in front.
"""

import contextlib
import re
import unicodedata
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from lrstudy.data import arff, delimited
from lrstudy.errors import StudyError

FORMATS = {".csv": "csv", ".txt": "csv", ".data": "csv", ".tsv": "tsv", ".tab": "tsv", ".parquet": "parquet",
           ".pq": "parquet", ".arff": "arff"}  # fmt: skip
SPREADSHEETS = (".xlsx", ".xls", ".xlsm", ".ods", ".numbers")
OF_TEXT_FILES = ("delimiter", "comment", "decimal", "thousands")
LARGEST_TABLE = 1 << 28  # cells; only Parquet can hold more of them than its bytes let expect


def format_of(name: str) -> str:
    """Return the format that a file's name says, whatever it is packed in."""
    path = PurePosixPath(name.lower())
    while path.suffix in (".gz", ".zip"):
        path = path.with_suffix("")
    if path.suffix in SPREADSHEETS:
        raise StudyError(f"{path.suffix} is a spreadsheet, not a table of text; save it as CSV")
    if path.suffix not in FORMATS:
        raise StudyError("its name does not say what it is; write format: csv, tsv, parquet or arff")
    return FORMATS[path.suffix]


def read(content: bytes, format: str, source: dict | None = None) -> pa.Table:
    """Return a file's cells as text, null where a format has its own word for a missing cell.

    `source` is the entry's, of which `columns` names the columns of a text file without a header line and replaces
    those of other formats; `delimiter` and `comment` say how a text file is written.
    """
    source = source or {}
    columns = source.get("columns")
    if not content.strip():
        raise StudyError("it is empty")
    if format in ("csv", "tsv"):
        delimiter = source.get("delimiter", "\t" if format == "tsv" else ",")
        cells = delimited.read(_utf8(content), delimiter, columns, source.get("comment"))
    elif odd := next((key for key in OF_TEXT_FILES if key in source), None):
        raise StudyError(f"{odd}: says how a CSV or TSV file is written, and this is {format}; leave the key out")
    else:
        cells = _read_parquet(content) if format == "parquet" else arff.read(_utf8(content).decode())
    if columns and len(columns) != cells.num_columns:
        raise StudyError(f"it has {cells.num_columns} columns, but columns: names {len(columns)}")
    if cells.num_rows == 0:
        raise StudyError("it has a header line, but no row")
    return cells.rename_columns(columns) if columns else cells


def _utf8(content: bytes) -> bytes:
    """Return text without its byte-order mark, in Unicode's composed form; refuse binary files and other encodings."""
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
    content = content.removeprefix(b"\xef\xbb\xbf")
    return content if content.isascii() else unicodedata.normalize("NFC", content.decode()).encode()


def _read_parquet(content: bytes) -> pa.Table:
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
            texts = pc.cast(table[place], pa.string())
            table = table.set_column(place, name, pc.utf8_normalize(texts, form="NFC"))
    return table.rename_columns([unicodedata.normalize("NFC", name) for name in table.column_names])
