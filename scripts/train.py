"""Train one point of the grid with all seeds at once: histories.parquet."""

from lrstudy.data import prepared
from lrstudy.data.splits import Splits
from lrstudy.evidence import histories
from lrstudy.files import parquet
from lrstudy.files.job import job
from lrstudy.files.kept import kept
from lrstudy.training.engine import Engine


def main(input, output, settings):
    """Write the histories of all seeds of one training."""
    run = dict(settings)
    splits = Splits(prepared.read(input.prepared), run.pop("split"))
    values = Engine(input.program, splits).train(**run)
    parquet.write(output.history, histories.to_table(values, splits.shape["train_rows"]))


if "snakemake" in globals():
    with job(snakemake), kept(snakemake) as back:
        back or main(snakemake.input, snakemake.output, snakemake.params.settings)
