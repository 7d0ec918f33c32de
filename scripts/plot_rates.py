"""Draw what the learning rate does to the final loss: rates.png."""

import csv
import json

from lrstudy import rates, style
from lrstudy.job import job


def main(input, output, study):
    """Write the figure of one study."""
    with open(input.summary, newline="", encoding="utf-8") as stream:
        summary = list(csv.DictReader(stream))
    with open(input.recommendation, encoding="utf-8") as stream:
        recommendation = json.load(stream)
    style.save(rates.draw(summary, recommendation, study), output.rates)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
