"""Draw what the learning rate does to the final loss: rates.png."""

from lrstudy import io
from lrstudy.figures import rates, style
from lrstudy.job import run


def main(input, output, settings):
    """Write the figure of one study."""
    summary, recommendation = io.read_csv(input.summary), io.read_json(input.recommendation)
    style.save(rates.draw(summary, recommendation, settings), output.figure)


if "snakemake" in globals():
    run(main, snakemake)
