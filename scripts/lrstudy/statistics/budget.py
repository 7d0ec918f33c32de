"""What would a shorter training have chosen? The best rate after each epoch, from the same histories.

After epoch e a training of e epochs ends, if its learning rate is constant: nothing in it knows how long it will last.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lrstudy.statistics import good_range, new_rows
from lrstudy.statistics.grids import by_other_settings, steadied, tables
from lrstudy.statistics.outcomes import failures
from lrstudy.statistics.trainings import Training

# What the columns of `budget.csv` mean, after one column for what the study varies beside the learning rate.
COLUMNS = {
    "epoch": "epochs trained, from 1 to the last",
    "best": "the rate that a study of so many epochs recommends",
    "low": "the lowest of the rates nearly as good, see `good_range` in `answer`",
    "high": "the highest of them",
    "loss": "mean loss at the best rate over the seeds that did not choose it",
    "loss_low": "lower bound of its interval, for new rows where seeds have splits of their own",
    "loss_high": "upper bound",
}


def budget(trainings: Sequence[Training], reference: dict, test_train_ratio: float, settings: dict) -> list[dict]:
    """Return a row with the columns of `COLUMNS` for each epoch, and each value of what else the study varies.

    There are no rows for a study of few rates, or without seeds enough to choose and to report. Rates that fail too
    often after the last epoch are left out throughout, as in the answer.
    """
    options = settings["statistics"]
    rows: list[dict] = []
    if not settings["ranges"] or good_range.parts(settings["seeds"])[1].sum() < 2:
        return rows
    others = [name for name in settings["vary"] if name != "learning_rate"]
    for group in by_other_settings(trainings).values():
        failed = np.stack([failures(training, reference) for training in group])
        allowed = good_range.candidates(failed[:, good_range.parts(settings["seeds"])[0]], options)
        for epoch in range(1, group[0].epochs + 1) if allowed.size else ():
            named = {name: group[0].setting[name] for name in others}
            rows.append({**named, "epoch": epoch, **_after(group, epoch, allowed, test_train_ratio, options)})
    return rows


def from_csv(rows: Sequence[dict[str, str]]) -> list[dict]:
    """Return the rows of budget.csv with their numbers as numbers."""
    return [{name: float(cell) if name in COLUMNS else cell for name, cell in row.items()} for row in rows]


def _after(group: Sequence[Training], epoch: int, allowed: np.ndarray, test_train_ratio: float, options: dict) -> dict:
    """Return the columns of one epoch but the first."""
    group = [shortened(training, epoch) for training in group]
    rates, losses = tables(group)
    chooses, reports = good_range.parts(losses.shape[1])
    best = good_range.choose(losses[:, chooses], allowed)
    losses = steadied(group, reports, test_train_ratio)
    good = good_range.good_rates(losses, best, allowed, test_train_ratio, options)
    low, high = new_rows.loss_interval(losses[best], test_train_ratio, options["confidence"])
    values = rates[best], rates[good[0]], rates[good[-1]], losses[best].mean(), low, high
    return dict(zip(list(COLUMNS)[1:], map(float, values), strict=True))


def shortened(training: Training, epochs: int) -> Training:
    """Return a training as it was after so many epochs."""
    curves = ("loss", "accuracy", "val_loss", "val_accuracy")
    return replace(training, **{name: getattr(training, name)[:, : epochs + 1] for name in curves})


def longer(group: Sequence[Training], allowed: np.ndarray, test_train_ratio: float, options: dict) -> dict | None:
    """Return whether a longer training would choose another rate, judged by what a training half as long chooses.

    None unless each of the two best rates lies outside the rates that are nearly as good after the other's epochs.
    """
    epochs = group[0].epochs
    half, now = (_after(group, epoch, allowed, test_train_ratio, options) for epoch in (max(1, epochs // 2), epochs))
    apart = not half["low"] <= now["best"] <= half["high"] and not now["low"] <= half["best"] <= now["high"]
    if epochs < 2 or not apart:
        return None
    return {
        "epochs": epochs // 2,
        "best": half["best"],
        "direction": "lower" if now["best"] < half["best"] else "higher",
    }
