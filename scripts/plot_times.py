"""Draw how many epochs each learning rate needs to reach the target loss: times.png."""

from lrstudy.evidence import trainings
from lrstudy.figures import style, times
from lrstudy.files.job import job


def main(input, output, study):
    """Write the figure of one study."""
    found, study = trainings.read(input.histories, study), trainings.kept(input.histories, study)
    style.save(times.draw(found, study), output.times)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
