"""Draw the lecture's figure of a study: curves.png."""

from lrstudy import io
from lrstudy.figures import curves, style
from lrstudy.job import run
from lrstudy.statistics import trainings


def main(input, output, settings):
    """Write the figure of one study."""
    found, study = trainings.read(input.histories, settings), trainings.with_fitting_batches(input.histories, settings)
    style.save(curves.draw(found, study, io.read_json(input.recommendation)), output.figure)


if "snakemake" in globals():
    run(main, snakemake)
