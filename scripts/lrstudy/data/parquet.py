"""Tables in Parquet files, to NumPy arrays and back, without pandas.

Where pandas is installed, Arrow imports it for its own ways between its arrays and NumPy's, which takes longer than a
training. Its buffers and DLPack do not.
"""

import json
import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lrstudy.errors import Damaged
from lrstudy.io import replacing


def read(path: str | os.PathLike, words: list[str] | None = None, names: list[str] | None = None) -> pa.Table:
    """Return the table in a file, or its columns `names`; the text columns named in `words` dictionary-encoded.

    Raises `Damaged` for a file whose bytes are not those that `write` wrote, and `OSError` for one that cannot be
    reached, whose bytes may well be right.
    """
    try:
        with pq.ParquetFile(path, read_dictionary=words, page_checksum_verification=True) as file:
            table, there = file.read(names, use_threads=False), file.schema_arrow.names
    except (OSError, ValueError, pa.ArrowException) as error:
        if getattr(error, "errno", None):
            raise
        raise Damaged(path, " ".join(str(error).split())) from None
    if (table.schema.metadata or {}).get(_SHAPE) != _shape(len(table), there):
        raise Damaged(path, "its columns are not those that were written")
    return table


def write(path: str | os.PathLike, table: pa.Table) -> None:
    """Write a table; equal tables give equal bytes."""
    shape = _shape(len(table), table.column_names)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), _SHAPE: shape})
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", write_page_checksum=True)


_SHAPE = b"lrstudy.shape"  # Parquet has checksums for its pages, but none for the names of its columns


def _shape(rows: int, names: list[str]) -> bytes:
    return json.dumps([rows, names]).encode()


def table(columns: dict[str, np.ndarray]) -> pa.Table:
    """Return a table of columns of numbers."""
    return pa.table({name: _array(np.ascontiguousarray(values)) for name, values in columns.items()})


def _array(values: np.ndarray) -> pa.Array:
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(values)])


_LONGEST = 2**31 - 1  # bytes of text in one of Arrow's arrays


def repeated(value: str | float, count: int) -> pa.ChunkedArray:
    """Return a column of one value."""
    if not isinstance(value, str):
        return pa.chunked_array([_array(np.full(count, value))])
    most = _LONGEST // max(1, len(value.encode()))
    counts = [min(most, count - first) for first in range(0, max(1, count), most)]
    return pa.chunked_array([_texts(value.encode(), each) for each in counts])


def _texts(text: bytes, count: int) -> pa.StringArray:
    ends = np.arange(count + 1, dtype=np.int32) * len(text)
    return pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(text * count))


def column(table: pa.Table, name: str) -> np.ndarray:
    """Return a column of numbers that has no gaps."""
    return np.from_dlpack(table[name].combine_chunks())
