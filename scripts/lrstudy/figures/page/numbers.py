"""The numbers behind the page's charts, small enough to travel within it.

They are half-precision floats (three digits, 6e-8 to 65504) in base64: 2.7 characters a number.
"""

import base64
from collections.abc import Sequence

import numpy as np

from lrstudy.labels import METRICS
from lrstudy.statistics import resampling
from lrstudy.statistics.trainings import Training

SMALLEST = 6e-8  # the smallest positive half-precision float: a logarithmic axis has no place for 0
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
FIELDS = ("mean", "low", "high", "q05", "q25", "q50", "q75", "q95")
MOST_EPOCHS = 60  # of longer trainings, so many are shown
MOST_SEEDS = 100  # whose own curves are shown
BYTES = 8 / 3  # in base64, of a number


def epochs_shown(longest: int, trainings: int, room: int) -> list[int]:
    """Return the numbers of epochs after which the charts show the trainings: all, or fewer, evenly; 0 is before."""
    each = trainings * len(METRICS) * len(FIELDS) * BYTES
    most = int(np.clip(room / each - 1, 1, MOST_EPOCHS))
    if longest <= most:
        return list(range(longest + 1))
    return sorted({0, *np.linspace(1, longest, most).round().astype(int).tolist()} | {longest})


def statistics_of(trainings: Sequence[Training], epochs: list[int], options: dict) -> np.ndarray:
    """Return `FIELDS` of each metric, training and epoch, (metrics, trainings, epochs, fields); NaN for none.

    A loss is capped at its seed's own before training where it enters the mean, as in `summary.csv`; the quantiles
    are not capped. `low` and `high` bound the mean at the config's confidence by the bootstrap over seeds.
    """
    found = np.full((len(METRICS), len(trainings), len(epochs), len(FIELDS)), np.nan)
    for place, training in enumerate(trainings):
        there = [epoch for epoch in epochs if epoch <= training.epochs]
        curves = [_finite(getattr(training, name)[:, there], name) for name in METRICS]
        capped = [
            np.minimum(each, each[:, :1]) if "loss" in name else each
            for each, name in zip(curves, METRICS, strict=True)
        ]
        found[:, place, : len(there), 0] = np.mean(capped, axis=1)
        found[:, place, : len(there), 1:3] = _interval(np.array(capped), options)
        spread = np.quantile(curves, QUANTILES, axis=1, method="inverted_cdf")
        found[:, place, : len(there), 3:] = np.moveaxis(spread, 0, -1)
    return found


def _finite(values: np.ndarray, name: str) -> np.ndarray:
    """Return `values` with the worst there is where they are not numbers."""
    return np.where(np.isfinite(values), values.astype(float), np.inf if "loss" in name else 0)


def _interval(values: np.ndarray, options: dict) -> np.ndarray:
    """Return the bounds of the mean over seeds of `values` (metrics, seeds, epochs), (metrics, epochs, 2)."""
    metrics, seeds, epochs = values.shape
    if seeds == 1:
        return np.full((metrics, epochs, 2), np.nan)
    columns = np.moveaxis(values, 1, -1).reshape(-1, seeds)
    bounds = resampling.interval(resampling.resampled_means(columns, options["resamples"]), options["confidence"])
    return np.stack(bounds, axis=-1).reshape(metrics, epochs, 2)


def seeds_of(trainings: Sequence[Training], epochs: list[int], room: int) -> np.ndarray:
    """Return the curves of the first seeds, as many as there is `room` for: (metrics, trainings, epochs, seeds)."""
    each = len(METRICS) * len(trainings) * len(epochs) * BYTES
    shown = int(min(trainings[0].seeds, MOST_SEEDS, max(room, 0) / each))
    found = np.full((len(METRICS), len(trainings), len(epochs), shown), np.nan)
    for place, training in enumerate(trainings):
        there = [epoch for epoch in epochs if epoch <= training.epochs]
        for metric, name in enumerate(METRICS):
            found[metric, place, : len(there)] = getattr(training, name)[:shown, there].T
    return found


def packed(values: np.ndarray) -> str:
    """Return an array as half-precision floats, little end first, in base64; what is larger than they hold is inf."""
    with np.errstate(over="ignore"):
        halves = np.where(values == 0, 0, np.maximum(values, SMALLEST)).astype("<f2")
    return base64.b64encode(halves.tobytes()).decode()
