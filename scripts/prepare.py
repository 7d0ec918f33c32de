"""Scale the features and split the rows: prepared.parquet, and what programs are compiled for, shape.json."""

from lrstudy.data import preparation, prepared, tables
from lrstudy.data.splits import Splits
from lrstudy.files import atomic, parquet
from lrstudy.files.job import run


def main(input, output, settings):
    """Write the prepared table of one dataset, and its shape."""
    table = tables.load_table(input.table)
    fit_on = settings["scaling"]["fit_on"]
    parquet.write(output.prepared, preparation.prepare(table, settings["entry"], fit_on=fit_on, **settings["split"]))
    atomic.write_json(output.shape, Splits(prepared.read(output.prepared), "each").shape)


if "snakemake" in globals():
    run(main, snakemake)
