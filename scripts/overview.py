"""Describe the table and draw its features against each other: summary.json, pairplot.png and provenance.json."""

from lrstudy.data import overviews, tables
from lrstudy.figures import pairplot, style
from lrstudy.files import atomic
from lrstudy.files.job import job


def main(input, output, settings):
    """Write the description and the pair plot of one dataset, and its provenance with the words of the config."""
    entry = settings["dataset"]
    table = tables.load_table(input.table)
    described = overviews.describe(table, entry)
    atomic.write_json(output.summary, described)
    style.save(pairplot.draw(overviews.used(table, entry), entry, described["rows_dropped"]), output.pairplot)
    provenance = {"dataset": settings["name"], **settings["words"], **atomic.read_json(input.source)}
    atomic.write_json(output.provenance, provenance)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
