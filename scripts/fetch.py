"""Fetch a dataset and verify it: table.csv, and where it came from, source.json."""

import datetime
import json
import logging

from lrstudy.data import datasets
from lrstudy.files import atomic, kept
from lrstudy.files.job import job


def main(input, output, settings, digest):
    """Write the verified table of one dataset and what its source was, or the last good ones asked for likewise."""
    if kept.give_back(output, digest):
        logging.info("asked for as when it was last fetched: taken from %s/", kept.FOLDER)
        return
    entry = settings["dataset"]
    if "standin" in entry:
        with open(input.standin[0], encoding="utf-8") as stream:
            entry = {**entry, "standin": json.load(stream)}
    table, source = datasets.fetch(settings["name"], entry)
    retrieved = datetime.datetime.now(datetime.UTC).date().isoformat()
    atomic.write_bytes(output.table, table)
    atomic.write_json(output.source, {**source, "retrieved": retrieved})
    kept.keep(output, digest, "fetch")


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings, snakemake.params.digest)
