"""Follow gradient descent on two weights at three learning rates: paths.csv and descent.png."""

import numpy as np

from lrstudy.data import prepared
from lrstudy.data.prepared import Prepared
from lrstudy.data.splits import Splits
from lrstudy.evidence import descent
from lrstudy.figures import descent as figure
from lrstudy.figures import style
from lrstudy.files import atomic, formats
from lrstudy.files.job import job

STEPS = 40
DEFINITIONS = {"network": {"hidden": []}, "optimizer": {"class": "SGD"}, "initializer": {"class": "GlorotUniform"}}


def one_split(table: np.ndarray, features: list[str]) -> Splits:
    """Return the split whose training rows are all rows of a table; what is tested on is never asked for."""
    rows = np.concatenate([table, table[:1]])
    return Splits(Prepared(features, ["other", "first"], rows, np.arange(len(rows)) < len(table)), "one")


def main(input, output, study):
    """Write the weights of seed 0 after each step over all training rows, and the figure of them."""
    from lrstudy.training import steps  # here, so that what TensorFlow says on import goes to the log

    data = prepared.read(input.prepared)
    table, features = descent.two_features(data)
    batch = {"batch_size": len(table)}
    engine = steps.stepping(DEFINITIONS, one_split(table, features), seeds=1, **batch)
    rates = descent.learning_rates(table)
    paths = {rate: steps.path(engine, rate, steps=STEPS, **batch) for rate in rates}
    names = ("learning_rate", "step", "first_weight", "second_weight", "bias")
    rows = [
        dict(zip(names, (rate, step, *map(float, weights)), strict=True))
        for rate, path in paths.items()
        for step, weights in enumerate(path)
    ]
    atomic.write_text(output.paths, formats.as_csv(rows, names))
    style.save(figure.draw(data, paths, study), output.figure)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
