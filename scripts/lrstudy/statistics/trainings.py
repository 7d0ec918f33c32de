"""The histories of a study's trainings, as arrays; where their losses start and end.

A seed's **initial loss** is its validation loss before training; its **final loss** is its validation loss after
the last epoch, the primary metric (accuracy saturates). A final loss is **capped** at the initial loss, and a
non-finite one counts as the initial loss, wherever it enters a mean: a seed that ends worse than it began has
learned nothing, and how far it flew says nothing more.
"""

import os
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from lrstudy.data import parquet
from lrstudy.errors import StudyError
from lrstudy.labels import METRICS
from lrstudy.statistics import schedules
from lrstudy.statistics.histories import batch_size_sentence, fitting_trainings, training_rows


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
    asked = with_fitting_batches(path, settings)["trainings"]
    shapes = [(settings["seeds"], int(training["epochs"]) + 1) for training in asked]
    starts = list(accumulate((seeds * rows for seeds, rows in shapes), initial=0))
    _check_rows(path, shapes, starts)
    varied = _settings(path, settings["vary"], asked, starts)
    # One column after another, so that what reading takes beside a column is given back before the next.
    columns = {name: parquet.column(parquet.read(path, names=[name]), name) for name in METRICS}
    trainings = []
    for place, (setting, shape) in enumerate(zip(varied, shapes, strict=True)):
        rows = slice(*starts[place : place + 2])
        trainings.append(Training(setting, *(columns[name][rows].reshape(shape) for name in METRICS)))
        _check_start(trainings[-1])
    return trainings


def with_fitting_batches(path: str | os.PathLike, settings: dict) -> dict:
    """Return a study's settings with only those trainings that its `histories.parquet` has.

    Batches of more rows than the training rows are left out, see `histories.fitting_trainings`; `left_out` has
    a sentence on them, and on schedules that do not fit the trainings.
    """
    rows = training_rows(parquet.read(path, names=[]))
    fitting = fitting_trainings(settings["trainings"], settings["vary"], rows)
    sentences = [batch_size_sentence(settings["trainings"], settings["vary"], rows)]
    sentences.append(schedules.sentences(settings.get("definitions", {}).get("optimizer", {}), fitting, rows))
    return {**settings, "trainings": fitting, "left_out": " ".join(filter(None, sentences))}


def _check_rows(path: str | os.PathLike, shapes: list[tuple[int, int]], starts: list[int]) -> None:
    """Raise `StudyError` where the rows are not those of trainings of these (seeds, epochs + 1), in this order."""
    table = parquet.read(path, names=["seed", "epoch"])
    seeds, epochs = parquet.column(table, "seed"), parquet.column(table, "epoch")
    for shape, start, end in zip(shapes, starts, starts[1:], strict=False):
        right = len(seeds) >= end and (seeds[start:end].reshape(shape) == np.arange(shape[0])[:, None]).all()
        if not (right and (epochs[start:end].reshape(shape) == np.arange(-1, shape[1] - 1)).all()):
            raise StudyError(
                f"{path}: the rows from {start} on are not seeds 0 to {shape[0] - 1}, each with epochs -1 to "
                f"{shape[1] - 2}; remove the file and run again"
            )
    if len(seeds) != starts[-1]:
        raise StudyError(f"{path}: {len(seeds)} rows; the config's trainings and seeds make {starts[-1]}")


def _settings(path: str | os.PathLike, vary: list[str], trainings: list[dict], starts: list[int]) -> list[dict]:
    """Return the varied settings as the rows at `starts` have them; raises `StudyError` where not the config's."""
    found: list[dict] = [{} for _ in trainings]
    for name in vary:
        column = parquet.read(path, names=[name])[name]
        for setting, training, start in zip(found, trainings, starts, strict=False):
            setting[name] = value = column[start].as_py()
            if value != type(value)(training[name]):
                raise StudyError(f"{path}: row {start} has {name} {value}; the config's is {training[name]}")
    return found


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
