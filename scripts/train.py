"""Train one point of the grid with all seeds at once: histories.parquet."""

from lrstudy.data import prepared
from lrstudy.evidence import histories
from lrstudy.files import parquet
from lrstudy.files.job import job
from lrstudy.files.kept import kept
from lrstudy.training.engine import Engine, check_batch_size


def main(input, output, settings):
    """Write the histories of all seeds of one training."""
    data = prepared.read(input.prepared)
    check_batch_size(settings["batch_size"], len(data.train))
    values = Engine(input.program, data.train, data.test).train(**settings)
    parquet.write(output.history, histories.to_table(values))


if "snakemake" in globals():
    with job(snakemake), kept(snakemake) as back:
        back or main(snakemake.input, snakemake.output, snakemake.params.settings)
