"""Histories: per seed and epoch the loss and accuracy on the training rows, and on the test rows.

`epoch` counts from 0 as Keras does; epoch -1 is the state before training, measured on all training rows. Batch sizes
larger than the number of training rows are left out where a study varies them, and mean all rows where it fixes one.
"""

import csv
import io

import numpy as np
import pyarrow as pa

from lrstudy.data import parquet
from lrstudy.labels import METRICS

ROWS = b"lrstudy.training_rows"  # metadata of the files of histories


def to_table(values: np.ndarray, rows_trained: int) -> pa.Table:
    """Return histories of shape (seeds, epochs + 1, 4) as a table with a row per seed and epoch.

    Its metadata tell how many rows were trained on.
    """
    seeds, rows, _ = values.shape
    columns = {
        "seed": np.repeat(np.arange(seeds, dtype=np.int32), rows),
        "epoch": np.tile(np.arange(-1, rows - 1, dtype=np.int32), seeds),
    }
    metrics = {name: values[:, :, place].ravel() for place, name in enumerate(METRICS)}
    return parquet.table({**columns, **metrics}).replace_schema_metadata({ROWS: str(rows_trained)})


def training_rows(table: pa.Table) -> int:
    """Return how many rows were trained on."""
    return int(table.schema.metadata[ROWS])


def fitting_trainings(trainings: list[dict], vary: list[str], rows: int) -> list[dict]:
    """Return the trainings that are studied: where the batch size varies, those of batches of at most `rows` rows.

    Larger ones would all be the same training, on all rows at each step.
    """
    if "batch_size" not in vary:
        return trainings
    return [training for training in trainings if training["batch_size"] <= rows]


def batch_size_sentence(trainings: list[dict], vary: list[str], rows: int) -> str:
    """Return a sentence on the batch sizes beyond the training rows, or nothing where there are none."""
    beyond = sorted({training["batch_size"] for training in trainings if training.get("batch_size", 0) > rows})
    if not beyond:
        return ""
    named = " and ".join(filter(None, [", ".join(map(str, beyond[:-1])), str(beyond[-1])]))
    if "batch_size" not in vary:
        return f"A batch of {named} is more than the {rows} training rows: each step takes all of them."
    several = f"Batch sizes {named} are" if len(beyond) > 1 else f"Batch size {named} is"
    return f"{several} left out, more than the {rows} training rows."


def join(histories: list[pa.Table], vary: list[str], trainings: list[dict]) -> pa.Table:
    """Return the histories one below the other, with a column in front for each varied setting."""
    joined = []
    for history, training in zip(histories, trainings, strict=True):
        for name in reversed(vary):
            value = float(training[name]) if name == "learning_rate" else training[name]
            history = history.add_column(0, name, parquet.repeated(value, len(history)))
        joined.append(history)
    return pa.concat_tables(joined).replace_schema_metadata({ROWS: str(training_rows(histories[0]))})


def lecture_table(histories: list[pa.Table], labels: list[str], setting: str) -> str:
    """Return the lecture's table of seed 0 as CSV: a row per epoch, columns by (value, metric).

    `pandas.read_csv(path, header=[0, 1], index_col=0)` reads it back with its two-level columns. Trainings
    that end earlier than the longest have empty cells.
    """
    columns = []
    for history in histories:
        first = (parquet.column(history, "seed") == 0) & (parquet.column(history, "epoch") >= 0)
        columns += [parquet.column(history, name)[first] for name in METRICS]
    epochs = max(map(len, columns))
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow([setting, *(text for text in labels for _ in METRICS)])
    rows.writerow(["metric", *(name for _ in labels for name in METRICS)])
    rows.writerow(["epoch", *("" for _ in columns)])
    for epoch in range(epochs):
        rows.writerow([epoch, *(str(column[epoch]) if epoch < len(column) else "" for column in columns)])
    return stream.getvalue()
