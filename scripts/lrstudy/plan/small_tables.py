"""Studies of a table with fewer training rows than their batches: found before any job where the table is known."""

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


def words(run: Run, dataset: str, study: str, rows: int) -> str:
    """Return a sentence on the study's batch sizes beyond the training rows, or nothing where there are none."""
    asked = run.studies[dataset][study]
    return batches.words(list(asked.trainings), list(asked.vary), _training_rows(run, rows))


def _training_rows(run: Run, rows: int) -> int:
    return batches.training_rows(rows, run.config["split"]["test_size"])
