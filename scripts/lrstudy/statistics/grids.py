"""A study's trainings as tables over the learning rate, one for each value of what else varies."""

from collections.abc import Sequence

import numpy as np

from lrstudy.evidence.good_range import parts
from lrstudy.evidence.new_rows import deviations
from lrstudy.evidence.trainings import Training, capped, initial, nan_as_inf


def by_other_settings(trainings: Sequence[Training]) -> dict[str, list[Training]]:
    """Return the trainings by the text of their settings but the rate, each group by ascending rate."""
    groups: dict[str, list[Training]] = {}
    for training in trainings:
        others = [str(value) for name, value in training.setting.items() if name != "learning_rate"]
        groups.setdefault(", ".join(others), []).append(training)
    for members in groups.values():
        members.sort(key=lambda training: training.setting.get("learning_rate", 0))
    return groups


def best_of_each(trainings: Sequence[Training]) -> list[int]:
    """Return, for each value of what varies beside the rate, the place of the training that the answer recommends.

    That is the one with the lowest mean loss on the seeds that choose; one that fails too often is not told apart here.
    """
    places = {id(training): place for place, training in enumerate(trainings)}
    groups = by_other_settings(trainings).values()
    chooses, _ = parts(trainings[0].seeds)
    return [places[id(min(group, key=lambda each: capped(each)[chooses].mean()))] for group in groups]


def tables(trainings: Sequence[Training]) -> tuple[np.ndarray, np.ndarray]:
    """Return rates (rates,) and capped losses (rates, seeds)."""
    rates = np.array([training.setting["learning_rate"] for training in trainings])
    return rates, np.stack([capped(training) for training in trainings])


def steadied(trainings: Sequence[Training], seeds: np.ndarray, shared: float) -> np.ndarray:
    """Return the capped losses of some `seeds`, bool (all seeds,), without half of the order's noise, (rates, seeds).

    Their means are those after the last epoch, their deviations from these those of the mean of the last two epochs.
    From one epoch to the next a seed's rows stay and its order changes; for new rows (see `new_rows`) it is the rows
    that count. Where `shared` is 0 all seeds have the same rows, and losses are as they are.
    """
    _, losses = tables(trainings)
    losses = losses[:, seeds]
    if not shared:
        return losses
    ends = [nan_as_inf(training.val_loss[:, 1:][:, -2:][seeds]) for training in trainings]
    both = [np.minimum(end, initial(one)[seeds, None]).mean(axis=1) for end, one in zip(ends, trainings, strict=True)]
    return losses.mean(axis=1, keepdims=True) * (1 + deviations(np.stack(both))[1])
