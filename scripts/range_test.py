"""Put every seed through Smith's range test: range_test.parquet."""

import numpy as np

from lrstudy.data import prepared
from lrstudy.data.splits import Splits
from lrstudy.files import parquet
from lrstudy.files.job import job
from lrstudy.training import range_tests
from lrstudy.training.engine import Engine


def main(input, output, settings):
    """Write the loss of each step of each seed, as the learning rate grows."""
    engine = Engine(input.program, Splits(prepared.read(input.prepared), settings["split"]))
    rates = range_tests.growing_rates(*settings["range"])
    losses = range_tests.losses(engine, rates, seeds=settings["seeds"], batch_size=settings["batch_size"])
    seeds, steps = losses.shape
    columns = {
        "seed": np.repeat(np.arange(seeds, dtype=np.int32), steps),
        "step": np.tile(np.arange(steps, dtype=np.int32), seeds),
        "learning_rate": np.tile(rates, seeds),
        "loss": losses.ravel(),
    }
    parquet.write(output.losses, parquet.table(columns))


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
