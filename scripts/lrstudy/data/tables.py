"""A verified table as the file `table.csv`, and back."""

import csv
import io
import os

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from lrstudy.data import columns, delimited


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


def load_table(path: str | os.PathLike) -> pd.DataFrame:
    """Return `table.csv` as it was verified: numeric features float64, others text, the target as it was, last."""
    with open(path, "rb") as stream:
        return columns.typed(delimited.parse(stream.read()))
