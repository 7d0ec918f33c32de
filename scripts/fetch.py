"""Fetch a dataset and verify it: table.csv, and where it came from, source.json."""

import datetime
import json

from lrstudy.data import datasets
from lrstudy.files import atomic
from lrstudy.files.job import job
from lrstudy.files.kept import kept


def main(input, output, settings):
    """Write the verified table of one dataset, and what its source was."""
    entry = settings["dataset"]
    if "standin" in entry:
        with open(input.standin[0], encoding="utf-8") as stream:
            entry = {**entry, "standin": json.load(stream)}
    table, source = datasets.fetch(settings["name"], entry)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    when = {} if "standin" in entry else {"retrieved": today}  # what is drawn is the same on any day
    atomic.write_bytes(output.table, table)
    atomic.write_json(output.source, {**source, **when})


if "snakemake" in globals():
    with job(snakemake), kept(snakemake) as back:
        back or main(snakemake.input, snakemake.output, snakemake.params.settings)
