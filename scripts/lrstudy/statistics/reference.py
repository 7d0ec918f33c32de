"""How far the histories of Keras's own `fit` on TensorFlow are from those of the engine."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from lrstudy.data import parquet
from lrstudy.labels import METRICS

LOSSES = ("loss", "val_loss")

SEEDS = 3  # that both train
SAME = 1e-4  # losses that differ by no more are the same; above a loss of 1 it is a share of the loss
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
    "same": "of how many of these no loss differs by more than 0.0001; empty where layers draw random numbers",
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

        last = [np.nan_to_num(found[:, -1, METRICS.index("val_loss")], nan=np.inf) for found in (ours, theirs)]
        return {**row, "same": "", **dict.fromkeys(METRICS, ""), "p_value": float(f"{ks_2samp(*last).pvalue:.2g}")}
    differences = _differences(ours[: len(theirs)], theirs)
    losses = (differences / np.fmax(1, np.abs(theirs)))[:, :, [METRICS.index(name) for name in LOSSES]]
    row["same"] = int(np.sum(np.all(losses <= SAME, axis=(1, 2))))
    most = {name: float(f"{found:.1e}") for name, found in zip(METRICS, differences.max(axis=(0, 1)), strict=True)}
    return {**row, **most, "p_value": ""}


def _differences(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Return absolute differences: 0 where both are infinite or NaN alike, infinite where one alone is."""
    with np.errstate(invalid="ignore"):
        found = np.abs(ours - theirs)
    found[(ours == theirs) | (np.isnan(ours) & np.isnan(theirs))] = 0
    return np.nan_to_num(found, nan=np.inf, posinf=np.inf)


def sentence(rows: Sequence[dict[str, str]]) -> str:
    """Return what the comparisons found."""
    compared, drawn = ([row for row in rows if bool(row["p_value"]) == random] for random in (False, True))
    found = []
    if compared:
        seeds, same = (sum(int(row[name]) for row in compared) for name in ("seeds", "same"))
        worst = max(compared, key=lambda row: _most(row, LOSSES))
        hits = max(_most(row, ("accuracy", "val_accuracy")) for row in compared)
        accuracies = "accuracies are equal" if hits < 1e-5 else f"accuracies by at most {100 * hits:.2g} points"
        begin = "Keras's own fit on TensorFlow, from the same initial weights and in the same order of rows, gives "
        if same == seeds:
            found.append(
                f"{begin}the same histories for {compared[0]['seeds']} seeds of {_of(compared)}: losses differ by at "
                f"most {_most(worst, LOSSES):.1g}, {accuracies}."
            )
        else:
            found.append(
                f"{begin}the same losses, to {SAME:g}, for {same} of {seeds} trainings of {_of(compared)}; where they "
                f"differ by more, losses do so by at most {_most(worst, LOSSES):.1g} ({_of([worst])}), {accuracies}."
            )
    if drawn:
        least = min(float(row["p_value"]) for row in drawn)
        found.append(
            f"Of {_of(drawn)}, whose layers draw random numbers, {drawn[0]['seeds']} seeds trained by fit are compared "
            f"with ours by their last losses (Kolmogorov-Smirnov): p is at least {least:.2g}."
        )
    return " ".join(found)


def _most(row: dict[str, str], names: Sequence[str]) -> float:
    return max(float(row[name]) for name in names)


def _of(rows: Sequence[dict[str, str]]) -> str:
    return ", ".join(f"{row['network']} with {row['optimizer']}" for row in rows)
