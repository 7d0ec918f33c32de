"""Join a study's histories: histories.parquet (tidy, all seeds) and histories.csv (the lecture's table, seed 0)."""

from lrstudy.evidence import histories
from lrstudy.files import atomic, labels, parquet
from lrstudy.files.job import job


def main(input, output, study):
    """Write both tables of one study."""
    tables = [parquet.read(path) for path in input.histories]
    parquet.write(output.histories, histories.join(tables, study["vary"], study["trainings"]))
    headers = [labels.of(training, study["vary"]) for training in study["trainings"]]
    atomic.write_text(output.history, histories.lecture_table(tables, headers, " ".join(study["vary"])))


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
