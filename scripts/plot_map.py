"""Draw the stability map of learning rate and batch size: map.png."""

from lrstudy import io
from lrstudy.figures import maps, style
from lrstudy.job import run


def main(input, output, settings):
    """Write the map of one study."""
    summary, recommendation = io.read_csv(input.summary), io.read_json(input.recommendation)
    style.save(maps.draw(summary, recommendation, settings), output.figure)


if "snakemake" in globals():
    run(main, snakemake)
