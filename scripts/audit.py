"""Hold what learning-rate finders suggest against the measured curve: finder.csv and finder.png."""

from lrstudy import files, finder, parquet, recommendation, statistics, style, suggestions
from lrstudy.job import job


def main(input, output, study):
    """Write each seed's suggestions with their regret, and the figure of them."""
    rates, losses = recommendation.tables(statistics.read(input.histories, study))
    measured = rates, losses.mean(axis=1)
    test = parquet.read(input.losses)
    curves = parquet.column(test, "loss").reshape(study["seeds"], -1)
    rows = finder.audit(parquet.column(test, "learning_rate")[: curves.shape[1]], curves, *measured)
    files.write_text(output.suggestions, statistics.as_csv(rows, list(rows[0])))
    style.save(suggestions.draw(rows, measured, study), output.figure)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
