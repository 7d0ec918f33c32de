"""Fetch a dataset and verify it: table.csv and provenance.json."""

import datetime
import json

from lrstudy.data import datasets
from lrstudy.files import atomic
from lrstudy.files.job import job


def main(input, output, settings):
    """Write the verified table of one dataset, and where it came from."""
    entry = settings["dataset"]
    if "standin" in entry:
        with open(input.standin[0], encoding="utf-8") as stream:
            entry = {**entry, "standin": json.load(stream)}
    table, provenance = datasets.fetch(settings["name"], entry)
    retrieved = datetime.datetime.now(datetime.UTC).date().isoformat()
    atomic.write_bytes(output.table, table)
    atomic.write_json(output.provenance, {"dataset": settings["name"], **provenance, "retrieved": retrieved})


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
