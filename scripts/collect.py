"""Join a study's histories: histories.parquet (tidy, all seeds) and history.csv (the lecture's table, seed 0)."""

from lrstudy import files, history, labels, parquet
from lrstudy.job import job


def main(input, output, study):
    """Write both tables of one study."""
    histories = [parquet.read(path) for path in input.histories]
    parquet.write(output.histories, history.join(histories, study["vary"], study["trainings"]))
    headers = [labels.of(training, study["vary"]) for training in study["trainings"]]
    files.write_text(output.history, history.lecture_table(histories, headers, " ".join(study["vary"])))


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
