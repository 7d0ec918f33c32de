"""Draw which learning rate a shorter training would have chosen: budget.png."""

from lrstudy import io
from lrstudy.figures import budget as figure
from lrstudy.figures import style
from lrstudy.job import run
from lrstudy.statistics import budget


def main(input, output, settings):
    """Write the figure of one study."""
    style.save(figure.draw(budget.from_csv(io.read_csv(input.budget)), settings), output.figure)


if "snakemake" in globals():
    run(main, snakemake)
