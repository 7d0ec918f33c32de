"""A study's trainings as tables over the learning rate, one for each value of what else varies."""

from collections.abc import Sequence

import numpy as np

from lrstudy.evidence.good_range import parts
from lrstudy.evidence.trainings import Training, capped


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
