"""Draw how many epochs each learning rate needs to reach the target loss: times.png."""

from lrstudy.figures import style, times
from lrstudy.job import run
from lrstudy.statistics import trainings


def main(input, output, settings):
    """Write the figure of one study."""
    found, study = trainings.read(input.histories, settings), trainings.with_fitting_batches(input.histories, settings)
    style.save(times.draw(found, study), output.figure)


if "snakemake" in globals():
    run(main, snakemake)
