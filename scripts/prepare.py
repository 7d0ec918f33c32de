"""Scale the features and split the rows: prepared.parquet."""

from lrstudy.data import preparation, tables
from lrstudy.files import parquet
from lrstudy.files.job import job


def main(input, output, settings):
    """Write the prepared table of one dataset."""
    table = tables.load_table(input.table)
    prepared = preparation.prepare(
        table, settings["dataset"], fit_on=settings["scaling"]["fit_on"], **settings["split"]
    )
    parquet.write(output.prepared, prepared)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
