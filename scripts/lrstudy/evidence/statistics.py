"""Statistics over the seeds of a training: what became of them, where they lie, how sure that is.

Two words are used throughout. A seed's **initial loss** is its validation loss before training; its **final
loss** is its validation loss after the last epoch, the primary metric (accuracy saturates). A final loss is
**capped** at the initial loss, and a non-finite one counts as the initial loss, wherever it enters a mean: a
seed that ends worse than it began has learned nothing, and how far it flew says nothing more.

Nothing here needs pandas or SciPy: the summary of the lecture's study must not wait for their import.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from lrstudy.evidence.histories import METRICS
from lrstudy.files import parquet
from lrstudy.files.errors import StudyError

OUTCOMES = ("non_finite", "diverged", "spiked", "not_learned", "converged")

# Losses are float32 means over hundreds of rows; below this relative difference two of them are equal.
ROUNDING = 1e-5

RESAMPLING_SEED = 20_240_229  # of every bootstrap, so that the same histories give the same intervals

BLOCK = 1_000_000  # counts of a bootstrap held at once, 8 bytes each

# Without a target in the config: the loss at which this share of the best training's improvement is made.
TARGET_IMPROVEMENT = 0.9

# What the columns of `summary.csv` mean, after one column for each setting that the study varies. A pair of
# columns ending in `_low` and `_high` bounds the column before it at the config's confidence: shares by
# Wilson's interval, the rest by the bootstrap.
COLUMNS = {
    "seeds": "number of seeds behind every statistic of the row",
    "non_finite": "seeds with a loss that is NaN or infinite at any epoch",
    "diverged": "seeds whose final loss is above their initial loss",
    "spiked": "seeds whose loss rose above its initial value on the way and recovered",
    "not_learned": "seeds whose test accuracy is no better than the majority class",
    "converged": "all other seeds",
    **{f"{name}_share": f"`{name}` as a fraction of the seeds, with Wilson's interval" for name in OUTCOMES},
    "failed_share": "fraction of seeds that are non-finite or diverged, with Wilson's interval",
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
    "target_loss": "validation loss to reach: the config's, or 90 % of the way to the best training's",
    "reached_share": "fraction of seeds that reached the target by the last epoch, with Wilson's interval",
    "epochs_to_target": "Kaplan–Meier median of the epochs to the target; empty if most seeds never reach it",
    "gap_median": "median training loss of the last epoch above the optimum; logistic network only",
    "gap_q05": "5 % quantile of that gap",
    "gap_q95": "95 % quantile of that gap",
}


@dataclass(frozen=True)
class Training:
    """The histories of one training: `setting` holds the varied settings, the arrays are (seeds, epochs + 1).

    Column 0 of each array is the state before training; the last column the state after the last epoch.
    """

    setting: dict
    loss: np.ndarray
    accuracy: np.ndarray
    val_loss: np.ndarray
    val_accuracy: np.ndarray

    @property
    def seeds(self) -> int:
        return len(self.val_loss)

    @property
    def epochs(self) -> int:
        return self.val_loss.shape[1] - 1


def read(path, settings: dict) -> list[Training]:
    """Return the trainings of a study's `histories.parquet` in the order of the config.

    `settings` needs `vary`, `trainings` and `seeds`. Raises `StudyError` where the file is damaged or has
    other rows than the config's trainings, or where a loss is not finite before training has begun.
    """
    table = parquet.read(path)
    columns = {name: parquet.column(table, name) for name in ("seed", "epoch", *METRICS)}
    trainings, start = [], 0
    for training in settings["trainings"]:
        epochs = int(training["epochs"])
        shape = settings["seeds"], epochs + 1
        rows = slice(start, start + shape[0] * shape[1])
        _check_rows(path, columns["seed"][rows], columns["epoch"][rows], shape, start)
        setting = {name: table[name][start].as_py() for name in settings["vary"]}
        for name, value in setting.items():
            if value != type(value)(training[name]):
                raise StudyError(f"{path}: row {start} has {name} {value}; the config's is {training[name]}")
        curves = (columns[name][rows].reshape(shape) for name in METRICS)
        trainings.append(Training(setting, *curves))
        _check_start(trainings[-1])
        start = rows.stop
    if start != table.num_rows:
        raise StudyError(f"{path}: {table.num_rows} rows; the config's trainings and seeds make {start}")
    return trainings


def _check_rows(path, seeds, epochs, shape, start) -> None:
    expected = np.divmod(np.arange(shape[0] * shape[1]), shape[1])
    if not (np.array_equal(seeds, expected[0]) and np.array_equal(epochs, expected[1] - 1)):
        raise StudyError(
            f"{path}: the rows from {start} on are not seeds 0 to {shape[0] - 1}, each with epochs -1 to "
            f"{shape[1] - 2}; remove the file and run again"
        )


def _check_start(training: Training) -> None:
    wrong = np.flatnonzero(~np.isfinite(training.val_loss[:, 0]))
    if wrong.size:
        raise StudyError(
            f"training {training.setting}: the loss of seed {wrong[0]} is not finite before training has "
            "begun; choose an initializer with smaller weights"
        )


# What became of each seed


def outcomes(training: Training, majority_accuracy: float) -> np.ndarray:
    """Return the outcome of each seed, strings of `OUTCOMES`, shape (seeds,). The first that holds counts:

    - `non_finite`: a training or validation loss is NaN or infinite at any epoch;
    - `diverged`: the final loss is above the initial loss;
    - `not_learned`: the final test accuracy is no better than `majority_accuracy`, that of always answering
      with the majority class;
    - `spiked`: a training or validation loss rose above its own initial value, yet the seed recovered;
    - `converged`: all others.

    "Above" means by more than float32 rounding (`ROUNDING`). No rule here compares with the best loss: near
    a loss of zero any multiple of it is exceeded by nothing.
    """
    failed = failures(training)
    above = (training.loss > _ceiling(training.loss)) | (training.val_loss > _ceiling(training.val_loss))
    return np.select(
        [
            ~_finite(training),
            failed,
            training.val_accuracy[:, -1] <= majority_accuracy + ROUNDING,
            above.any(axis=1),
        ],
        ["non_finite", "diverged", "not_learned", "spiked"],
        "converged",
    )


def failures(training: Training) -> np.ndarray:
    """Return which seeds failed, that is are non-finite or diverged (see `outcomes`), bool (seeds,)."""
    return ~_finite(training) | (training.val_loss > _ceiling(training.val_loss))[:, -1]


def _finite(training: Training) -> np.ndarray:
    return (np.isfinite(training.loss) & np.isfinite(training.val_loss)).all(axis=1)


def _ceiling(losses: np.ndarray) -> np.ndarray:
    return losses[:, :1] * (1 + ROUNDING)


def initial(training: Training) -> np.ndarray:
    """Return each seed's validation loss before training, float64 (seeds,)."""
    return training.val_loss[:, 0].astype(float)


def final(training: Training) -> np.ndarray:
    """Return each seed's validation loss after the last epoch, inf for NaN, float64 (seeds,)."""
    return _nan_as_inf(training.val_loss[:, -1])


def capped(training: Training) -> np.ndarray:
    """Return each seed's final loss, or its initial loss if that is lower or the final is NaN, (seeds,)."""
    return np.minimum(final(training), initial(training))


def _nan_as_inf(values: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), np.inf, values.astype(float))


# Centre, spread and their intervals


def wilson(count, seeds: int, confidence: float):
    """Return the bounds of Wilson's score interval for a share of `count` among `seeds`; arrays broadcast.

    With p = count / n and z the normal quantile: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n).
    Wilson, E. B. (1927), Journal of the American Statistical Association 22, 209–212.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    count = np.asarray(count, float)
    share = count / seeds
    centre = share + z**2 / (2 * seeds)
    margin = z * np.sqrt(share * (1 - share) / seeds + z**2 / (4 * seeds**2))
    low, high = (centre - margin) / (1 + z**2 / seeds), (centre + margin) / (1 + z**2 / seeds)
    # Rounding leaves 1e-18 where the formula says 0.
    return np.where(count == 0, 0.0, low), np.where(count == seeds, 1.0, high)


def resample(seeds: int, resamples: int, size: int | None = None) -> Iterator[np.ndarray]:
    """Yield how often each seed is drawn in each bootstrap resample, in blocks of shape (some, seeds), float.

    A resample draws `size` seeds (as many as there are, if None) with replacement. Every call gives the same
    resamples, so that what is paired by seed stays paired across the trainings of a study. In blocks, because
    all at once would be too much memory for many seeds. Efron, B. (1979), Annals of Statistics 7, 1–26.
    """
    generator = np.random.Generator(np.random.PCG64(RESAMPLING_SEED))
    block = max(1, BLOCK // seeds)
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        drawn = generator.integers(seeds, size=(rows, size or seeds)) + np.arange(rows)[:, None] * seeds
        yield np.bincount(drawn.ravel(), minlength=rows * seeds).reshape(rows, seeds).astype(float)


def resampled_means(values: np.ndarray, resamples: int, size: int | None = None) -> np.ndarray:
    """Return the mean of each row of `values` (trainings, seeds) in each resample, (resamples, trainings)."""
    seeds = values.shape[1]
    blocks = resample(seeds, resamples, size)
    return np.concatenate([counts @ values.T for counts in blocks]) / (size or seeds)


def trimmed_mean(values: np.ndarray, cut: int, counts: np.ndarray) -> np.ndarray:
    """Return the mean of `values` (seeds,) without the `cut` lowest and highest, for each row of `counts`.

    With n seeds, a cut of n // 4 is the interquartile mean as Agarwal et al. (2021), "Deep reinforcement
    learning at the edge of the statistical precipice", compute it; (n − 1) // 2 is the median. Infinite
    values are welcome as long as they are cut.
    """
    seeds = len(values)
    order = np.argsort(values)
    upto = np.clip(np.cumsum(counts[:, order], axis=1), cut, seeds - cut)
    kept = np.diff(upto, axis=1, prepend=cut)
    # 0 × inf is NaN, so what is cut must not be multiplied at all.
    products = np.multiply(kept, values[order], out=np.zeros_like(kept), where=kept > 0)
    return products.sum(axis=1) / (seeds - 2 * cut)


def centre(values: np.ndarray, cut: int) -> float:
    """Return the mean of `values` (seeds,) without the `cut` lowest and highest (see `trimmed_mean`)."""
    return float(np.sort(values)[cut : len(values) - cut].mean())


def interval(replicates: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the percentile-bootstrap bounds over the first axis of `replicates`.

    The bounds are replicates themselves, not values between two of them, so that infinite ones do no harm.
    """
    tail = (1 - confidence) / 2
    low, high = np.quantile(replicates, [tail, 1 - tail], axis=0, method="inverted_cdf")
    return low, high


# Two things compared


def improvement(first: np.ndarray, second: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the probability that a run of `first` ends with a lower loss than a run of `second`.

    Over all pairs of runs, ties counting half: the Mann–Whitney statistic divided by the number of pairs, as
    Agarwal et al. (2021) define the probability of improvement. Both arrays have shape (seeds,); there is one
    probability for each row of `counts` (resamples, seeds); a row of ones is the sample itself.
    """
    seeds = len(first)
    order = np.argsort(second)
    upto = np.cumsum(np.pad(counts[:, order], [(0, 0), (1, 0)]), axis=1)
    below, not_above = (np.searchsorted(second[order], first, side) for side in ("left", "right"))
    better = seeds - (upto[:, below] + upto[:, not_above]) / 2
    return (counts * better).sum(axis=1) / seeds**2


# Epochs to a target loss


def target_loss(trainings: Sequence[Training], settings: dict) -> float:
    """Return the config's target loss or, without one, the loss where 90 % of the best improvement is made.

    The improvement is that of the training with the lowest mean capped loss, from its mean initial loss.
    """
    if settings["statistics"]["target_loss"] is not None:
        return float(settings["statistics"]["target_loss"])
    best = min(trainings, key=lambda training: capped(training).mean())
    before, after = initial(best).mean(), capped(best).mean()
    return float(before - TARGET_IMPROVEMENT * (before - after))


def epochs_to(training: Training, target: float) -> tuple[np.ndarray, np.ndarray]:
    """Return when each seed's validation loss was first at most `target`, and whether it ever was, (seeds,).

    The time is in epochs trained (0: before training). A seed that never got there is censored: its time is
    the last epoch, which only says that it takes longer than that.
    """
    below = training.val_loss <= target
    reached = below.any(axis=1)
    return np.where(reached, below.argmax(axis=1), training.epochs), reached


def kaplan_meier(times: np.ndarray, reached: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct times and the share of seeds not yet there after each, by the product-limit rule.

    The share after time t is the product over t' ≤ t of 1 − (events at t') / (seeds still on the way at t').
    Kaplan, E. L. and Meier, P. (1958), Journal of the American Statistical Association 53, 457–481.
    """
    steps, where = np.unique(times, return_inverse=True)
    events = np.bincount(where, weights=reached)
    leaving = np.bincount(where)
    on_the_way = len(times) - np.cumsum(leaving) + leaving
    return steps, np.cumprod(1 - events / on_the_way)


def median_time(times: np.ndarray, reached: np.ndarray) -> float | None:
    """Return the Kaplan–Meier median: the first time by which half the seeds are there, or None."""
    steps, waiting = kaplan_meier(times, reached)
    there = np.flatnonzero(waiting <= 0.5 + 1e-12)
    return float(steps[there[0]]) if there.size else None


# Learning rates


def sensitivity(rates: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Return the learning-rate sensitivity over the range from the lowest to the highest of `rates`.

    The mean over log-uniform rates η of min(ℓ(η), ℓ0) − min ℓ, after Wortsman et al. (2023), "Small-scale
    proxies for large-scale Transformer training instabilities". `losses` (..., rates) are means of capped
    losses at ascending rates; between two of them the loss is taken as linear in log η.
    """
    excess = losses - losses.min(axis=-1, keepdims=True)
    decades = np.log10(rates)
    return np.trapezoid(excess, decades, axis=-1) / (decades[-1] - decades[0])


# The summary of a study


def summarise(trainings: Sequence[Training], floor: dict, settings: dict) -> list[dict]:
    """Return one row for each training with the columns that `COLUMNS` explains; None is an empty cell.

    `floor` is the baseline's: `train_loss` (the optimum of a logistic network, one without hidden layers; their
    names are `settings["logistic"]`) and `majority_accuracy`.
    With one seed, bootstrap intervals are empty: one value says nothing about its spread.
    """
    rules = settings["statistics"]
    target = target_loss(trainings, settings)
    lows, highs = interval(_resampled_centres(trainings, rules["resamples"]), rules["confidence"])
    rows = []
    for index, (training, definition) in enumerate(zip(trainings, settings["trainings"], strict=True)):
        optimum = floor["train_loss"] if definition["network"] in settings["logistic"] else None
        rows.append(
            {
                **training.setting,
                "seeds": training.seeds,
                **_outcome_columns(training, floor["majority_accuracy"], rules["confidence"]),
                **_loss_columns(training, lows[index], highs[index]),
                **_target_columns(training, target, rules["confidence"]),
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


def _resampled_centres(trainings: Sequence[Training], resamples: int) -> np.ndarray:
    """Return every measure of the centre in every resample, (resamples, trainings, measures)."""
    measures = [(losses, cut) for training in trainings for _, losses, cut in _centres(training)]
    blocks = [
        np.stack([trimmed_mean(losses, cut, counts) for losses, cut in measures], axis=1)
        for counts in resample(trainings[0].seeds, resamples)
    ]
    return np.concatenate(blocks).reshape(resamples, len(trainings), -1)


def _outcome_columns(training: Training, majority_accuracy: float, confidence: float) -> dict:
    found = outcomes(training, majority_accuracy)
    counts = {name: int((found == name).sum()) for name in OUTCOMES}
    columns = dict(counts)
    for name, count in (*counts.items(), ("failed", counts["non_finite"] + counts["diverged"])):
        columns |= _share(f"{name}_share", count, training.seeds, confidence)
    return columns


def _share(name: str, count: int, seeds: int, confidence: float) -> dict:
    low, high = wilson(count, seeds, confidence)
    return {name: count / seeds, f"{name}_low": float(low), f"{name}_high": float(high)}


def _loss_columns(training: Training, lows: np.ndarray, highs: np.ndarray) -> dict:
    losses, accuracies = final(training), training.val_accuracy[:, -1].astype(float)
    columns = {
        "capped_share": float((losses > initial(training)).mean()),
        "initial_loss_median": float(np.median(initial(training))),
        **_spread("val_loss", losses),
        **_spread("val_accuracy", accuracies),
        "val_accuracy_median": float(np.median(accuracies)),
    }
    known = training.seeds > 1
    for (name, values, cut), low, high in zip(_centres(training), lows, highs, strict=True):
        columns |= {
            name: centre(values, cut),
            f"{name}_low": float(low) if known else None,
            f"{name}_high": float(high) if known else None,
        }
    return columns


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
    gaps = _nan_as_inf(training.loss[:, -1]) - optimum
    return {"gap_median": float(np.median(gaps)), **_spread("gap", gaps)}


def as_csv(rows: Iterable[dict], columns: Sequence[str]) -> str:
    """Return rows as CSV text with the header `columns`; floats as Python's repr, None as an empty cell."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
