"""Draw how likely a study of few seeds chooses wrong: few_seeds.png."""

from lrstudy.figures import few_seeds, style
from lrstudy.files import atomic
from lrstudy.files.job import job


def main(input, output, study):
    """Write the figure of one study."""
    style.save(few_seeds.draw(atomic.read_json(input.recommendation), study), output.few_seeds)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
