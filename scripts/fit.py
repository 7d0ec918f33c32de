"""Train one point of the grid by Keras's own `fit` on TensorFlow, one seed after another: history.parquet."""

from lrstudy.data import parquet, prepared
from lrstudy.data.splits import Splits
from lrstudy.job import run
from lrstudy.statistics import histories
from lrstudy.training.engine import Engine


def main(input, output, settings):
    """Write the histories of all seeds of one training."""
    from lrstudy.training import keras_fit  # here, so that what TensorFlow says on import goes to the log

    training = settings["training"]
    splits = Splits(prepared.read(input.prepared), training["split"])
    numbers = {name: training[name] for name in ("epochs", "batch_size", "learning_rate")}
    values = keras_fit.train(
        Engine(input.program, splits), settings["definitions"], range(settings["seeds"]),
        **numbers, callbacks=settings["callbacks"],
    )  # fmt: skip
    parquet.write(output.history, histories.to_table(values, splits.shape["train_rows"]))


if "snakemake" in globals():
    run(main, snakemake)
