"""Draw what the learning rate does to the final loss: rates.png."""

from lrstudy.figures import rates, style
from lrstudy.files import atomic
from lrstudy.files.job import run


def main(input, output, settings):
    """Write the figure of one study."""
    summary, recommendation = atomic.read_csv(input.summary), atomic.read_json(input.recommendation)
    style.save(rates.draw(summary, recommendation, settings), output.figure)


if "snakemake" in globals():
    run(main, snakemake)
