"""Train some seeds of one training by Keras's own `fit`, and compare them with the engine's: differences.csv."""

from lrstudy import io, labels
from lrstudy.data import parquet, prepared
from lrstudy.data.splits import Splits
from lrstudy.job import run
from lrstudy.statistics import reference
from lrstudy.training.engine import Engine


def main(input, output, settings):
    """Write by how much both differ at most."""
    from lrstudy.training import keras_fit  # here, so that what TensorFlow says on import goes to the log

    training = settings["training"]
    engine = Engine(input.program, Splits(prepared.read(input.prepared), training["split"]))
    ours = reference.by_seed(parquet.read(input.history), training["epochs"])
    seeds = min(reference.SEEDS_OF_RANDOM if engine.random else reference.SEEDS, len(ours))
    numbers = {name: training[name] for name in ("epochs", "batch_size", "learning_rate")}
    theirs = keras_fit.train(engine, settings["definitions"], range(seeds), **numbers)
    row = {name: training[name] for name in labels.SETTINGS} | reference.compare(ours, theirs, engine.random)
    io.write_text(output.differences, io.as_csv([row], reference.COLUMNS))


if "snakemake" in globals():
    run(main, snakemake)
