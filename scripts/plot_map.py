"""Draw the stability map of learning rate and batch size: map.png."""

from lrstudy import files, maps, style
from lrstudy.job import job


def main(input, output, study):
    """Write the map of one study."""
    summary, recommendation = files.read_csv(input.summary), files.read_json(input.recommendation)
    style.save(maps.draw(summary, recommendation, study), output.map)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
