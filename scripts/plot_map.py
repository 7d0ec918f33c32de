"""Draw the stability map of learning rate and batch size: map.png."""

import csv
import json
from pathlib import Path

from lrstudy import maps, style
from lrstudy.job import job


def main(input, output, study):
    """Write the map of one study."""
    with open(input.summary, newline="", encoding="utf-8") as stream:
        summary = list(csv.DictReader(stream))
    recommendation = json.loads(Path(input.recommendation).read_text(encoding="utf-8"))
    style.save(maps.draw(summary, recommendation, study), output.map)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
