"""Follow gradient descent on two weights at some forty learning rates: paths.csv, surface.json and descent.png."""

from lrstudy.data import prepared
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


def main(input, output, study):
    """Write the weights of seed 0 after each step over all training rows, and the figure of them."""
    data = prepared.read(input.prepared)
    if len(data.features) < 2:
        atomic.write_text(output.paths, formats.as_csv([], COLUMNS))
        atomic.write_json(output.surface, {"reason": descent.TOO_FEW})
        style.save(figure.none_to_draw(study), output.figure)
        return
    table, names = descent.two_features(data)
    paths = follow(table, descent.learning_rates(descent.limit(table, descent.optimum(table))))
    rows = [
        dict(zip(COLUMNS, (rate, step, *map(float, weights), float(loss)), strict=True))
        for rate, path in paths.items()
        for step, (weights, loss) in enumerate(zip(path, descent.losses(table, path.astype(float)), strict=True))
    ]
    facts = descent.describe(table, names, paths)
    atomic.write_text(output.paths, formats.as_csv(rows, COLUMNS))
    atomic.write_json(output.surface, facts)
    style.save(figure.draw(facts, paths, study), output.figure)


def follow(table, rates):
    """Return the path of a real training of seed 0 at each of `rates`."""
    from lrstudy.training import steps  # here, so that what TensorFlow says on import goes to the log

    batch = {"batch_size": len(table)}
    engine = steps.stepping(DEFINITIONS, table, table[:1], classes=2, seeds=1, **batch)
    return {rate: steps.path(engine, rate, steps=STEPS, **batch) for rate in rates}


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
