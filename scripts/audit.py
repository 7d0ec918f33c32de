"""Hold what learning-rate finders suggest against the measured curve: finder.csv and finder.png."""

from lrstudy import io
from lrstudy.data import parquet
from lrstudy.figures import finder_audit, style
from lrstudy.job import run
from lrstudy.statistics import finders, grids, trainings


def main(input, output, settings):
    """Write each seed's suggestions with their regret, and the figure of them."""
    rates, losses = grids.tables(trainings.read(input.histories, settings))
    measured = rates, losses.mean(axis=1)
    test = parquet.read(input.losses)
    curves = parquet.column(test, "loss").reshape(settings["seeds"], -1)
    rows = finders.audit(parquet.column(test, "learning_rate")[: curves.shape[1]], curves, *measured)
    io.write_text(output.suggestions, io.as_csv(rows, list(rows[0])))
    style.save(finder_audit.draw(rows, measured, settings), output.figure)


if "snakemake" in globals():
    run(main, snakemake)
