"""Draw what the learning rate does to the final loss: rates.png."""

from lrstudy.figures import rates, style
from lrstudy.files import atomic
from lrstudy.files.job import job


def main(input, output, study):
    """Write the figure of one study."""
    summary, recommendation = atomic.read_csv(input.summary), atomic.read_json(input.recommendation)
    style.save(rates.draw(summary, recommendation, study), output.rates)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
