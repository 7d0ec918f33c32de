"""Put every seed through Smith's range test: range_test.parquet."""

from lrstudy.data import parquet, prepared
from lrstudy.data.splits import Splits
from lrstudy.job import run
from lrstudy.training import range_tests
from lrstudy.training.engine import Engine


def main(input, output, settings):
    """Write the loss of each step of each seed, as the learning rate grows."""
    training = settings["training"]
    engine = Engine(input.program, Splits(prepared.read(input.prepared), training["split"]))
    rates = range_tests.growing_rates(*settings["rates"])
    losses = range_tests.losses(engine, rates, seeds=settings["seeds"])
    parquet.write(output.losses, range_tests.to_table(rates, losses))


if "snakemake" in globals():
    run(main, snakemake)
