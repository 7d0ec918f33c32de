"""Give each training's statistics over its seeds: summary.csv, one row per training."""

from lrstudy.evidence import summary, trainings
from lrstudy.files import atomic, formats
from lrstudy.files.job import job


def main(input, output, settings):
    """Write the statistics of one study."""
    found, settings = trainings.read(input.histories, settings), trainings.kept(input.histories, settings)
    rows = summary.summarise(found, atomic.read_json(input.floor), settings)
    atomic.write_text(output.summary, formats.as_csv(rows, list(rows[0])))


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
