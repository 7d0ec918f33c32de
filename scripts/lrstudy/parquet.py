"""Parquet files to NumPy and back, without pandas.

Where pandas is installed, pyarrow imports it for each of its own ways between its arrays and NumPy's, which takes
longer than a training. Buffers and DLPack are the ways that do not.
"""

import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lrstudy.errors import StudyError
from lrstudy.files import replacing


def read(path: str | os.PathLike, words: list[str] | None = None) -> pa.Table:
    """Return the table in a file, the text columns named in `words` dictionary-encoded.

    Raises `StudyError` for a damaged file, which the checksums of its pages show.
    """
    try:
        with pq.ParquetFile(path, read_dictionary=words, page_checksum_verification=True) as file:
            return file.read()
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise StudyError(f"{path}: damaged ({reason}); delete it and run again") from None


def write(path: str | os.PathLike, table: pa.Table) -> None:
    """Write a table; equal tables give equal bytes."""
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", write_page_checksum=True)


def table(columns: dict[str, np.ndarray]) -> pa.Table:
    """Return a table of columns of numbers."""
    return pa.table({name: _array(np.ascontiguousarray(values)) for name, values in columns.items()})


def _array(values: np.ndarray) -> pa.Array:
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(values)])


def column(table: pa.Table, name: str) -> np.ndarray:
    """Return a column of numbers that has no gaps."""
    return np.from_dlpack(table[name].combine_chunks())
