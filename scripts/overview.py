"""Describe the table and draw its features against each other: summary.json, pairplot.png and provenance.json."""

from lrstudy import io
from lrstudy.data import overviews, tables
from lrstudy.figures import pairplot, style
from lrstudy.job import run

WORDS = ("title", "description", "licence", "citation", "doi")


def main(input, output, settings):
    """Write the description and the pair plot of one dataset, and its provenance with the words of the config."""
    entry = {**settings["entry"], "simulated": settings["simulated"]}
    table = tables.load_table(input.table)
    described = overviews.describe(table, entry)
    io.write_json(output.summary, described)
    style.save(pairplot.draw(overviews.used(table, entry), entry, described["rows_dropped"]), output.pairplot)
    words = {name: entry[name] for name in (*WORDS, "simulated") if name in entry}
    io.write_json(output.provenance, {"dataset": settings["name"], **words, **io.read_json(input.source)})


if "snakemake" in globals():
    run(main, snakemake)
