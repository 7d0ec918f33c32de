"""Train one point of the grid with all seeds at once: history.parquet."""

from lrstudy import history, parquet, prepared
from lrstudy.engine import Engine, check_batch_size
from lrstudy.job import job


def main(input, output, settings):
    """Write the histories of all seeds of one training."""
    data = prepared.read(input.prepared)
    check_batch_size(settings["batch_size"], len(data.train))
    values = Engine(input.program, data.train, data.test).train(**settings)
    parquet.write(output.history, history.to_table(values))


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
