"""Draw how likely a study of few seeds chooses wrong: few_seeds.png."""

from lrstudy import io
from lrstudy.figures import few_seeds, style
from lrstudy.job import run


def main(input, output, settings):
    """Write the figure of one study."""
    style.save(few_seeds.draw(io.read_json(input.recommendation), settings), output.figure)


if "snakemake" in globals():
    run(main, snakemake)
