"""Follow gradient descent on two weights at some forty learning rates: paths.csv, surface.json and descent.png."""

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
DEFINITIONS = {
    "network": {"hidden": []},
    "optimizer": {"class": "SGD", "weight_decay": descent.PENALTY},  # on plain SGD, the gradient of the penalty
    "initializer": {"class": "GlorotUniform"},
}
COLUMNS = ("learning_rate", "step", "first_weight", "second_weight", "bias", "loss")


def one_split(table: np.ndarray, features: list[str]) -> Splits:
    """Return the split whose training rows are all rows of a table; what is tested on is never asked for."""
    rows = np.concatenate([table, table[:1]])
    return Splits(Prepared(features, ["other", "first"], rows, np.arange(len(rows)) < len(table)), "one")


def main(input, output, study):
    """Write the weights of seed 0 after each step over all training rows, and the figure of them."""
    data = prepared.read(input.prepared)
    if len(data.features) < 2:
        atomic.write_text(output.paths, formats.as_csv([], COLUMNS))
        atomic.write_json(output.surface, {"reason": descent.TOO_FEW})
        style.save(figure.none_to_draw(study), output.figure)
        return
    table, names = descent.two_features(data)
    paths = follow(table, names, descent.learning_rates(descent.limit(table, descent.optimum(table))))
    rows = [
        dict(zip(COLUMNS, (rate, step, *map(float, weights), float(loss)), strict=True))
        for rate, path in paths.items()
        for step, (weights, loss) in enumerate(zip(path, descent.losses(table, path.astype(float)), strict=True))
    ]
    facts = descent.describe(table, names, paths, of=len(data.train))
    atomic.write_text(output.paths, formats.as_csv(rows, COLUMNS))
    atomic.write_json(output.surface, facts)
    style.save(figure.draw(facts, paths, study), output.figure)


def follow(table, names, rates):
    """Return the path of a real training of seed 0 at each of `rates`."""
    from lrstudy.training import steps  # here, so that what TensorFlow says on import goes to the log

    batch = {"batch_size": len(table)}
    engine = steps.stepping(DEFINITIONS, one_split(table, names), seeds=1, **batch)
    return {rate: steps.path(engine, rate, steps=STEPS, **batch) for rate in rates}


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
