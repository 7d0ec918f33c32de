"""Say how much of the loss's variance comes from split, weights and order: variance.csv and variance.png."""

import numpy as np

from lrstudy import io
from lrstudy.data import prepared
from lrstudy.data.splits import Splits
from lrstudy.figures import style
from lrstudy.figures import variance as figure
from lrstudy.job import run
from lrstudy.statistics import variance
from lrstudy.statistics.comparisons import COMMON_RATE
from lrstudy.statistics.trainings import Training, capped
from lrstudy.training.engine import Engine


def main(input, output, settings):
    """Train a crossed design at the recommended rate and at the lecture's; write its shares, and the figure of them."""
    engine = Engine(input.program, Splits(prepared.read(input.prepared), "each"))
    recommended = io.read_json(input.recommendation)["recommended"]
    rates = {COMMON_RATE, COMMON_RATE if recommended is None else recommended}
    rows = []
    for rate in sorted(rates, reverse=True):
        epochs = settings["trainings"][0]["epochs"]
        curves = engine.train_crossed(*variance.design(), epochs=epochs, learning_rate=rate)
        losses = capped(Training({}, *np.moveaxis(curves, 2, 0)))
        losses = losses.reshape(variance.SPLITS, variance.WEIGHTS, variance.ORDERS)
        rows += variance.variance(rate, losses, settings["statistics"])
    io.write_text(output.variance, io.as_csv(rows, list(variance.COLUMNS)))
    style.save(figure.draw(rows, settings), output.figure)


if "snakemake" in globals():
    run(main, snakemake)
