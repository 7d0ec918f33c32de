"""How far the histories of Keras's own `fit` on TensorFlow are from those of the engine."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from lrstudy.data import parquet
from lrstudy.labels import METRICS

SEEDS = 3  # that both train
SEEDS_OF_RANDOM = 24  # of a network whose layers draw random numbers, which differ between TensorFlow and JAX

# What the columns of `reference.csv` mean.
COLUMNS: dict[str, str] = {
    "network": "the settings of the training that both made",
    "optimizer": "",
    "initializer": "",
    "epochs": "",
    "batch_size": "",
    "learning_rate": "",
    "seeds": "how many seeds `fit` trained",
    **{name: f"largest difference of `{name}` over seeds and epochs; empty where layers draw" for name in METRICS},
    "p_value": "where layers draw random numbers: of a Kolmogorov-Smirnov test of the last `val_loss`; else empty",
}


def by_seed(history: pa.Table, epochs: int) -> np.ndarray:
    """Return a history as float32 of shape (seeds, epochs + 1, 4)."""
    columns = [parquet.column(history, name).reshape(-1, epochs + 1) for name in METRICS]
    return np.stack(columns, axis=2)


def compare(ours: np.ndarray, theirs: np.ndarray, random: bool) -> dict[str, float | int | str]:
    """Return how far two sets of histories, (seeds, epochs + 1, 4), are from each other.

    Seed by seed, or where the layers draw `random` numbers by the distribution of the last validation loss.
    """
    row: dict[str, float | int | str] = {"seeds": len(theirs)}
    if random:
        from scipy.stats import ks_2samp

        test = ks_2samp(ours[:, -1, METRICS.index("val_loss")], theirs[:, -1, METRICS.index("val_loss")])
        return {**row, **dict.fromkeys(METRICS, ""), "p_value": float(f"{test.pvalue:.2g}")}
    differences = np.nanmax(np.abs(ours[: len(theirs)] - theirs), axis=(0, 1))
    most = {name: float(f"{found:.1e}") for name, found in zip(METRICS, differences, strict=True)}
    return {**row, **most, "p_value": ""}


def sentence(rows: Sequence[dict[str, str]]) -> str:
    """Return what the comparisons found."""
    same, drawn = ([row for row in rows if bool(row["p_value"]) == random] for random in (False, True))
    found = []
    if same:
        most = max(float(row[name]) for row in same for name in ("loss", "val_loss"))
        hits = max(float(row[name]) for row in same for name in ("accuracy", "val_accuracy"))
        accuracies = "accuracies are equal" if hits < 1e-5 else f"accuracies differ by at most {100 * hits:.2g} points"
        found.append(
            f"Keras's own fit on TensorFlow, from the same initial weights and in the same order of rows, gives the "
            f"same histories for {same[0]['seeds']} seeds of {_of(same)}: losses differ by at most {most:.1g}, "
            f"{accuracies}."
        )
    if drawn:
        least = min(float(row["p_value"]) for row in drawn)
        found.append(
            f"Of {_of(drawn)}, whose layers draw random numbers, {drawn[0]['seeds']} seeds trained by fit are compared "
            f"with ours by their last losses (Kolmogorov-Smirnov): p is at least {least:.2g}."
        )
    return " ".join(found)


def _of(rows: Sequence[dict[str, str]]) -> str:
    return ", ".join(f"{row['network']} with {row['optimizer']}" for row in rows)
