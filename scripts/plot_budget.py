"""Draw which learning rate a shorter training would have chosen: budget.png."""

from lrstudy.evidence import budget
from lrstudy.figures import budget as figure
from lrstudy.figures import style
from lrstudy.files import atomic
from lrstudy.files.job import run


def main(input, output, settings):
    """Write the figure of one study."""
    style.save(figure.draw(budget.from_csv(atomic.read_csv(input.budget)), settings), output.figure)


if "snakemake" in globals():
    run(main, snakemake)
