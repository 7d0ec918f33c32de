"""Studies of a table with fewer training rows than their batches: found before any job where the table is known."""

import itertools
import json
from collections.abc import Iterable
from pathlib import Path

from lrstudy.files import batches
from lrstudy.files.errors import StudyError
from lrstudy.plan.run import Run


def check(run: Run, dataset: str, study: str, rows: int) -> None:
    """Raise `StudyError` where all batch sizes that a study varies are beyond the training rows.

    `rows` is how many rows of the dataset's table are studied, `rows` of its provenance.
    """
    there, asked = _training_rows(run, rows), run.studies[dataset][study]
    if not batches.fitting(list(asked.trainings), list(asked.vary), there):
        least = min(training["batch_size"] for training in asked.trainings)
        raise StudyError(
            f"config/studies/{study}.yaml: vary.batch_size: the dataset {dataset!r} has {there} training rows, and the "
            f"smallest batch size is {least}; add smaller ones"
        )


def rows_of(dataset: str) -> int | None:
    """Return how many rows of a dataset's table are studied, or None before it is fetched."""
    source = Path(f"data/{dataset}/source.json")
    try:
        return json.loads(source.read_text(encoding="utf-8"))["rows"]
    except (OSError, ValueError, KeyError):  # not there, or damaged: the jobs that read it say so
        return None


def check_known(run: Run, studies: Iterable[str], datasets: Iterable[str]) -> None:
    """Raise `StudyError` as `check` does, for studies of datasets whose tables are there."""
    for study, dataset in itertools.product(studies, datasets):
        if (rows := rows_of(dataset)) is not None:
            check(run, dataset, study, rows)


def words(run: Run, dataset: str, study: str, rows: int) -> str:
    """Return a sentence on the study's batch sizes beyond the training rows, or nothing where there are none."""
    asked = run.studies[dataset][study]
    return batches.words(list(asked.trainings), list(asked.vary), _training_rows(run, rows))


def _training_rows(run: Run, rows: int) -> int:
    return batches.training_rows(rows, run.config["split"]["test_size"])
