"""Draw what the learning rate does to the final loss: rates.png."""

from lrstudy import files, rates, style
from lrstudy.job import job


def main(input, output, study):
    """Write the figure of one study."""
    summary, recommendation = files.read_csv(input.summary), files.read_json(input.recommendation)
    style.save(rates.draw(summary, recommendation, study), output.rates)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
