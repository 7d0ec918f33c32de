"""The histories of a study's trainings, as arrays; where their losses start and end.

A seed's **initial loss** is its validation loss before training; its **final loss** is its validation loss after
the last epoch, the primary metric (accuracy saturates). A final loss is **capped** at the initial loss, and a
non-finite one counts as the initial loss, wherever it enters a mean: a seed that ends worse than it began has
learned nothing, and how far it flew says nothing more.

Nothing here, nor in what a summary needs, imports pandas or SciPy: the lecture's study must not wait for them.
"""

import os
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from lrstudy.evidence.histories import METRICS, training_rows
from lrstudy.files import batches, parquet
from lrstudy.files.errors import StudyError


@dataclass(frozen=True)
class Training:
    """The histories of one training: `setting` holds the varied settings, the arrays are (seeds, epochs + 1).

    Column 0 of each array is the state before training; the last column the state after the last epoch.
    """

    setting: dict
    loss: np.ndarray
    accuracy: np.ndarray
    val_loss: np.ndarray
    val_accuracy: np.ndarray

    @property
    def seeds(self) -> int:
        return len(self.val_loss)

    @property
    def epochs(self) -> int:
        return self.val_loss.shape[1] - 1


def read(path: str | os.PathLike, settings: dict) -> list[Training]:
    """Return the trainings of a study's `histories.parquet` in the order of the config.

    `settings` needs `vary`, `trainings` and `seeds`. Raises `StudyError` where the file is damaged or has
    other rows than the config's trainings, or where a loss is not finite before training has begun.
    """
    table = parquet.read(path)
    columns = {name: parquet.column(table, name) for name in ("seed", "epoch", *METRICS)}
    trainings, start = [], 0
    for training in kept(path, settings, table)["trainings"]:
        epochs = int(training["epochs"])
        shape = settings["seeds"], epochs + 1
        rows = slice(start, start + shape[0] * shape[1])
        _check_rows(path, columns["seed"][rows], columns["epoch"][rows], shape, start)
        setting = {name: table[name][start].as_py() for name in settings["vary"]}
        for name, value in setting.items():
            if value != type(value)(training[name]):
                raise StudyError(f"{path}: row {start} has {name} {value}; the config's is {training[name]}")
        curves = (columns[name][rows].reshape(shape) for name in METRICS)
        trainings.append(Training(setting, *curves))
        _check_start(trainings[-1])
        start = rows.stop
    if start != table.num_rows:
        raise StudyError(f"{path}: {table.num_rows} rows; the config's trainings and seeds make {start}")
    return trainings


def kept(path: str | os.PathLike, settings: dict, table: pa.Table | None = None) -> dict:
    """Return a study's settings with those trainings that its `histories.parquet` has, and what is said of the others.

    Left out are batches of more rows than the table's, see `lrstudy.files.batches`; the sentence is `left_out`.
    """
    rows = training_rows(table or parquet.read(path))
    fitting = batches.fitting(settings["trainings"], settings["vary"], rows)
    said = batches.words(settings["trainings"], settings["vary"], rows)
    return {**settings, "trainings": fitting, "left_out": said}


def _check_rows(
    path: str | os.PathLike, seeds: np.ndarray, epochs: np.ndarray, shape: tuple[int, int], start: int
) -> None:
    expected = np.divmod(np.arange(shape[0] * shape[1]), shape[1])
    if not (np.array_equal(seeds, expected[0]) and np.array_equal(epochs, expected[1] - 1)):
        raise StudyError(
            f"{path}: the rows from {start} on are not seeds 0 to {shape[0] - 1}, each with epochs -1 to "
            f"{shape[1] - 2}; remove the file and run again"
        )


def _check_start(training: Training) -> None:
    wrong = np.flatnonzero(~np.isfinite(training.val_loss[:, 0]))
    if wrong.size:
        raise StudyError(
            f"training {training.setting}: the loss of seed {wrong[0]} is not finite before training has "
            "begun; choose an initializer with smaller weights"
        )


def initial(training: Training) -> np.ndarray:
    """Return each seed's validation loss before training, float64 (seeds,)."""
    return training.val_loss[:, 0].astype(float)


def final(training: Training) -> np.ndarray:
    """Return each seed's validation loss after the last epoch, inf for NaN, float64 (seeds,)."""
    return nan_as_inf(training.val_loss[:, -1])


def capped(training: Training) -> np.ndarray:
    """Return each seed's final loss, or its initial loss if that is lower or the final is NaN, (seeds,)."""
    return np.minimum(final(training), initial(training))


def nan_as_inf(values: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), np.inf, values.astype(float))
