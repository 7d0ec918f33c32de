"""Draw the lecture's figure of a study: curves.png."""

from lrstudy.evidence import trainings
from lrstudy.figures import curves, style
from lrstudy.files import atomic
from lrstudy.files.job import run


def main(input, output, settings):
    """Write the figure of one study."""
    found, study = trainings.read(input.histories, settings), trainings.kept(input.histories, settings)
    style.save(curves.draw(found, study, atomic.read_json(input.recommendation)), output.figure)


if "snakemake" in globals():
    run(main, snakemake)
