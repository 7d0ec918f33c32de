"""The summary of a study: a row of statistics over the seeds for each training."""

from collections.abc import Sequence

import numpy as np

from lrstudy.statistics import new_rows
from lrstudy.statistics.grids import is_logistic
from lrstudy.statistics.outcomes import FAILED, OUTCOMES, outcomes
from lrstudy.statistics.resampling import centre, interval, resample, trimmed_mean, wilson
from lrstudy.statistics.times import epochs_to, median_time, target_loss
from lrstudy.statistics.trainings import Training, capped, final, initial, nan_as_inf

AT_ONCE = 1_000_000  # losses, or resamples, of trainings that are resampled together: some 100 bytes each

# What the columns of `summary.csv` mean, after one column for each setting that the study varies. A pair of
# columns ending in `_low` and `_high` bounds the column before it at the config's confidence: shares by
# Wilson's interval, the rest by the bootstrap.
COLUMNS = {
    "seeds": "number of seeds behind every statistic of the row",
    "non_finite": "seeds with a loss that is NaN or infinite at any epoch",
    "diverged": "seeds whose training loss ends above its initial value",
    "not_learned": "seeds whose training loss and accuracy end no better than the classes' shares and the majority "
    "class",
    "overconfident": "seeds that have learned and whose final loss is above their initial loss all the same: sure of "
    "their mistakes",
    "spiked": "seeds whose loss rose above its initial value on the way and recovered",
    "converged": "all other seeds",
    **{f"{name}_share": f"`{name}` as a fraction of the seeds, with Wilson's interval" for name in OUTCOMES},
    "failed_share": "fraction of seeds that are non-finite, diverged or have not learned, with Wilson's interval",
    "capped_share": "fraction of seeds whose loss is capped where it enters a mean",
    "initial_loss_median": "median validation loss before training",
    "val_loss_q05": "5 % quantile of the final loss, an observed value, not capped",
    "val_loss_q95": "95 % quantile of the final loss, an observed value, not capped",
    "val_accuracy_q05": "5 % quantile of the test accuracy after the last epoch, an observed value",
    "val_accuracy_q95": "95 % quantile of that accuracy, an observed value",
    "val_accuracy_median": "median of that accuracy",
    "val_loss_median": "median final loss, not capped; inf where half the seeds are not finite",
    "val_loss_iqm": "interquartile mean of the capped final loss",
    "val_loss_mean": "mean of the capped final loss",
    "val_loss_new_rows": "the mean again, with its interval for new rows from the same source, see `new_rows`; empty "
    "where all seeds have one split",
    "target_loss": "validation loss to reach: the config's, or 90 % of the way to the best training's",
    "reached_share": "fraction of seeds that reached the target by the last epoch, with Wilson's interval",
    "epochs_to_target": "epochs after which half the seeds are at the target; empty if most never reach it",
    "gap_median": "median training loss of the last epoch above the optimum; logistic network only",
    "gap_q05": "5 % quantile of that gap",
    "gap_q95": "95 % quantile of that gap",
}


def summarise(trainings: Sequence[Training], reference: dict, settings: dict) -> list[dict]:
    """Return one row for each training with the columns that `COLUMNS` explains; None is an empty cell.

    `reference` holds the values of reference.json: `train_loss` is the optimum of a logistic network, one without
    hidden layers. Intervals are over seeds, on their splits. With one seed, bootstrap intervals are empty: one value
    says nothing about its spread.
    """
    options = settings["statistics"]
    target, test_train_ratio = target_loss(trainings, settings), new_rows.test_train_ratio(reference, settings)
    bounds = _bounds(trainings, options)
    rows = []
    for index, (training, definition) in enumerate(zip(trainings, settings["trainings"], strict=True)):
        optimum = reference["train_loss"] if is_logistic(definition["network"], settings) else None
        rows.append(
            {
                **training.setting,
                "seeds": training.seeds,
                **_outcome_columns(training, reference, options["confidence"]),
                **_loss_columns(training, bounds[index]),
                **_new_rows_columns(training, test_train_ratio, options["confidence"]),
                **_target_columns(training, target, options["confidence"]),
                **_gap_columns(training, optimum),
            }
        )
    return rows


def _centres(training: Training) -> list[tuple[str, np.ndarray, int]]:
    """Return name, losses and cut of each measure of the centre (see `trimmed_mean`)."""
    seeds = training.seeds
    return [
        ("val_loss_median", final(training), (seeds - 1) // 2),
        ("val_loss_iqm", capped(training), seeds // 4),
        ("val_loss_mean", capped(training), 0),
    ]


def _bounds(trainings: Sequence[Training], options: dict) -> np.ndarray:
    """Return the bootstrap bounds of every measure of the centre, (trainings, measures, 2), of some at a time."""
    step = max(1, AT_ONCE // max(trainings[0].seeds, options["resamples"]))
    parts = [trainings[first : first + step] for first in range(0, len(trainings), step)]
    found = [interval(_resampled_centres(part, options["resamples"]), options["confidence"]) for part in parts]
    return np.stack([np.concatenate(ends) for ends in zip(*found, strict=True)], axis=-1)


def _resampled_centres(trainings: Sequence[Training], resamples: int) -> np.ndarray:
    """Return every measure of the centre in every resample, (resamples, trainings, measures)."""
    measures = [(losses, cut) for training in trainings for _, losses, cut in _centres(training)]
    ordered = [(np.argsort(losses), np.sort(losses), cut) for losses, cut in measures]
    blocks = [
        np.stack([trimmed_mean(losses, cut, counts.take(order, axis=1)) for order, losses, cut in ordered], axis=1)
        for counts in resample(trainings[0].seeds, resamples)
    ]
    return np.concatenate(blocks).reshape(resamples, len(trainings), -1)


def _outcome_columns(training: Training, reference: dict, confidence: float) -> dict:
    found = outcomes(training, reference)
    counts = {name: int((found == name).sum()) for name in OUTCOMES}
    columns = dict(counts)
    for name, count in (*counts.items(), ("failed", sum(counts[name] for name in FAILED))):
        columns |= _share(f"{name}_share", count, training.seeds, confidence)
    return columns


def _share(name: str, count: int, seeds: int, confidence: float) -> dict:
    low, high = wilson(count, seeds, confidence)
    return {name: count / seeds, f"{name}_low": float(low), f"{name}_high": float(high)}


def _loss_columns(training: Training, bounds: np.ndarray) -> dict:
    losses, accuracies = final(training), training.val_accuracy[:, -1].astype(float)
    columns = {
        "capped_share": float((losses > initial(training)).mean()),
        "initial_loss_median": float(np.median(initial(training))),
        **_spread("val_loss", losses),
        **_spread("val_accuracy", accuracies),
        "val_accuracy_median": float(np.median(accuracies)),
    }
    known = training.seeds > 1
    for (name, values, cut), (low, high) in zip(_centres(training), bounds, strict=True):
        columns |= {
            name: centre(values, cut),
            f"{name}_low": float(low) if known else None,
            f"{name}_high": float(high) if known else None,
        }
    return columns


def _new_rows_columns(training: Training, test_train_ratio: float, confidence: float) -> dict:
    names = ("val_loss_new_rows", "val_loss_new_rows_low", "val_loss_new_rows_high")
    if not test_train_ratio or training.seeds < 2:
        return dict.fromkeys(names)
    losses = capped(training)
    values = (losses.mean(), *new_rows.loss_interval(losses, test_train_ratio, confidence))
    return dict(zip(names, map(float, values), strict=True))


def _spread(name: str, values: np.ndarray) -> dict:
    low, high = np.quantile(values, [0.05, 0.95], method="inverted_cdf")
    return {f"{name}_q05": float(low), f"{name}_q95": float(high)}


def _target_columns(training: Training, target: float, confidence: float) -> dict:
    times, reached = epochs_to(training, target)
    return {
        "target_loss": target,
        **_share("reached_share", int(reached.sum()), training.seeds, confidence),
        "epochs_to_target": median_time(times, reached),
    }


def _gap_columns(training: Training, optimum: float | None) -> dict:
    if optimum is None:
        return dict.fromkeys(("gap_median", "gap_q05", "gap_q95"))
    gaps = nan_as_inf(training.loss[:, -1]) - optimum
    return {"gap_median": float(np.median(gaps)), **_spread("gap", gaps)}
