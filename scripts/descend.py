"""Follow gradient descent on two weights at some forty learning rates: paths.csv, surface.json and descent.png."""

from lrstudy import io
from lrstudy.data import prepared
from lrstudy.figures import descent as figure
from lrstudy.figures import style
from lrstudy.job import run
from lrstudy.statistics import descent

COLUMNS = ("learning_rate", "step", "first_weight", "second_weight", "bias", "loss")


def main(input, output, settings):
    """Write the weights and the loss after each step over all training rows, and the figure of them."""
    data = prepared.read(input.prepared)
    if len(data.features) < 2:
        io.write_text(output.paths, io.as_csv([], COLUMNS))
        io.write_json(output.surface, {"reason": descent.TOO_FEW})
        style.save(figure.none_to_draw(settings), output.figure)
        return
    table, names = descent.two_features(data)
    paths = descent.follow(table, descent.learning_rates(descent.limit(table, descent.optimum(table))))
    rows = [
        dict(zip(COLUMNS, (rate, step, *_rounded(*weights, loss)), strict=True))
        for rate, path in paths.items()
        for step, (weights, loss) in enumerate(zip(path, descent.losses(table, path), strict=True))
    ]
    facts = descent.describe(table, names, paths, of=len(data.train))
    io.write_text(output.paths, io.as_csv(rows, COLUMNS))
    io.write_json(output.surface, facts)
    style.save(figure.draw(facts, paths, settings), output.figure)


def _rounded(*values):
    """Return numbers without the digits in which processors differ."""
    return [float(f"{value:.6g}") for value in values]


if "snakemake" in globals():
    run(main, snakemake)
