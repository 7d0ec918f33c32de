"""Scale the features and split the rows: prepared.parquet, and what programs are compiled for, shape.json."""

from lrstudy import io
from lrstudy.data import parquet, preparation, prepared, tables
from lrstudy.data.splits import Splits
from lrstudy.job import run


def main(input, output, settings):
    """Write the prepared table of one dataset, and its shape."""
    table = tables.load_table(input.table)
    fit_on = settings["scaling"]["fit_on"]
    parquet.write(output.prepared, preparation.prepare(table, settings["entry"], fit_on=fit_on, **settings["split"]))
    io.write_json(output.shape, Splits(prepared.read(output.prepared), "each").shape)


if "snakemake" in globals():
    run(main, snakemake)
