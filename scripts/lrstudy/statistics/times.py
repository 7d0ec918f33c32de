"""How many epochs the seeds of a training need to reach a target loss."""

from collections.abc import Sequence

import numpy as np

from lrstudy.statistics.trainings import Training, capped, initial

# Without a target in the config: the loss at which this share of the best training's improvement is made.
TARGET_IMPROVEMENT = 0.9


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

    The time is in epochs trained (0: before training); of a seed that never got there it is the last epoch.
    """
    below = training.val_loss <= target
    reached = np.any(below, axis=1)
    return np.where(reached, below.argmax(axis=1), training.epochs), reached


def shares_there(times: np.ndarray, reached: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct times and the share of seeds that are there by each.

    All seeds are watched to the last epoch, so that this plain share is also Kaplan and Meier's estimate.
    """
    steps, where = np.unique(times, return_inverse=True)
    return steps, np.cumsum(np.bincount(where, weights=reached)) / len(times)


def median_time(times: np.ndarray, reached: np.ndarray) -> float | None:
    """Return the first time by which half the seeds are there, or None."""
    steps, there = shares_there(times, reached)
    half = np.flatnonzero(there >= 0.5)
    return float(steps[half[0]]) if half.size else None


def fastest(trainings: Sequence[Training], target: float) -> float | None:
    """Return the learning rate whose median seed is first at the target, of equals that of the lowest loss, or None."""
    times = [(median_time(*epochs_to(training, target)), training) for training in trainings]
    arrived = [(time, capped(training).mean(), training) for time, training in times if time is not None]
    return min(arrived, key=lambda each: each[:2])[2].setting["learning_rate"] if arrived else None
