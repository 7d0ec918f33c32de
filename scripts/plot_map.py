"""Draw the stability map of learning rate and batch size: map.png."""

from lrstudy.figures import maps, style
from lrstudy.files import atomic
from lrstudy.files.job import job


def main(input, output, study):
    """Write the map of one study."""
    summary, recommendation = atomic.read_csv(input.summary), atomic.read_json(input.recommendation)
    style.save(maps.draw(summary, recommendation, study), output.map)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
