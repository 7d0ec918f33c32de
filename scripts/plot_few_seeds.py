"""Draw how likely a study of few seeds chooses wrong: few_seeds.png."""

import json
from pathlib import Path

from lrstudy import few_seeds, style
from lrstudy.job import job


def main(input, output, study):
    """Write the figure of one study."""
    recommendation = json.loads(Path(input.recommendation).read_text(encoding="utf-8"))
    style.save(few_seeds.draw(recommendation, study), output.few_seeds)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
