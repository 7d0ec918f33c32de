"""Fetch a dataset and verify it: table.csv, and where it came from, source.json."""

import datetime
from pathlib import Path

from lrstudy import io
from lrstudy.data import datasets
from lrstudy.job import run


def main(input, output, settings):
    """Write the verified table of one dataset, and what its source was; downloads stay beside them."""
    entry = settings["entry"]
    if "standin" in entry:
        entry = {**entry, "standin": io.read_json(input.own[0])}
    table, source = datasets.fetch(settings["name"], entry, cache=Path(output.table).with_name("downloads"))
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    when = {} if "standin" in entry else {"retrieved": today}  # what is drawn is the same on any day
    io.write_bytes(output.table, table)
    io.write_json(output.source, {**source, **when})


if "snakemake" in globals():
    run(main, snakemake)
