"""Train one point of the grid with all seeds at once: history.parquet."""

from lrstudy.data import parquet, prepared
from lrstudy.data.splits import Splits
from lrstudy.job import run
from lrstudy.statistics import histories
from lrstudy.training.engine import Engine


def main(input, output, settings):
    """Write the histories of all seeds of one training."""
    training = settings["training"]
    splits = Splits(prepared.read(input.prepared), training["split"])
    numbers = {name: training[name] for name in ("epochs", "learning_rate")}
    values = Engine(input.program, splits).train(settings["seeds"], **numbers)
    parquet.write(output.history, histories.to_table(values, splits.shape["train_rows"]))


if "snakemake" in globals():
    run(main, snakemake)
