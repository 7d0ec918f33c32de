"""Compare every pair of what a study varies beside the learning rate: comparisons.csv."""

from lrstudy.evidence import comparisons, trainings
from lrstudy.files import atomic, formats
from lrstudy.files.job import job


def main(input, output, study):
    """Write the comparisons of one study."""
    found, study = trainings.read(input.histories, study), trainings.kept(input.histories, study)
    rows = comparisons.compare(found, atomic.read_json(input.floor), study)
    atomic.write_text(output.comparisons, formats.as_csv(rows, list(comparisons.COLUMNS)))


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
