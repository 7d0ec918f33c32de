"""Join a study's histories: histories.parquet (tidy, all seeds) and histories.csv (the lecture's table, seed 0)."""

from lrstudy import io, labels
from lrstudy.data import parquet
from lrstudy.errors import StudyError
from lrstudy.job import run
from lrstudy.statistics import histories


def main(input, output, settings):
    """Write both tables of one study."""
    tables = [parquet.read(path) for path in input.histories]
    rows = histories.training_rows(tables[0])
    trainings = histories.fitting_trainings(settings["trainings"], settings["vary"], rows)
    if not trainings:
        raise StudyError(
            f"{output.histories}: every batch size that the study varies is more than the {rows} training rows; add "
            "smaller ones to vary.batch_size in the study's file"
        )
    tables = [table for table, training in zip(tables, settings["trainings"], strict=True) if training in trainings]
    parquet.write(output.histories, histories.join(tables, settings["vary"], trainings))
    headers = [labels.of(training, settings["vary"]) for training in trainings]
    io.write_text(output.history, histories.lecture_table(tables, headers, " ".join(settings["vary"])))


if "snakemake" in globals():
    run(main, snakemake)
