"""The best rate after each epoch, on made histories of known truth."""

import numpy as np
import pytest

from lrstudy.statistics.answer import recommend
from lrstudy.statistics.budget import COLUMNS, budget
from lrstudy.statistics.trainings import Training
from made import REFERENCE, generator, study_settings

RATES = (0.01, 0.1, 1.0)
# The largest rate is first down and stays at 0.3, the middle one arrives later and lower, the smallest last.
CURVES = np.array([[1, 0.8, 0.6, 0.4, 0.2], [1, 0.6, 0.25, 0.22, 0.21], [1, 0.35, 0.3, 0.3, 0.3]])


def made(seeds=30, **setting) -> list[Training]:
    noise = np.exp(generator(30).normal(0, 0.05, (seeds, 1)))
    return [
        Training({**setting, "learning_rate": rate}, losses, np.full_like(losses, 0.9), losses, losses)
        for rate, curve in zip(RATES, CURVES, strict=True)
        for losses in [curve * np.concatenate([np.ones((seeds, 1)), np.tile(noise, 4)], axis=1)]
    ]


def settings_of(trainings, split="one") -> dict:
    """Return the settings of a study whose rates are enough for a budget."""
    return {**study_settings(trainings, split), "ranges": True}


def test_the_best_rate_after_each_epoch_is_that_of_a_training_that_ends_there():
    trainings = made()
    rows = budget(trainings, REFERENCE, 0.0, settings_of(trainings))
    assert list(rows[0]) == list(COLUMNS)
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4]
    assert [row["best"] for row in rows] == [1.0, 0.1, 0.1, 0.01]
    assert [(row["low"], row["high"]) for row in rows] == [(1, 1), (0.1, 0.1), (0.1, 0.1), (0.01, 0.1)]
    last = recommend(trainings, REFERENCE, study_settings(trainings, "each"))
    (*_, row) = budget(trainings, REFERENCE, 3 / 7, settings_of(trainings, "each"))
    assert [row["best"], row["loss"]] == [last["recommended"], last["new_rows"]["loss"]]
    assert [row["loss_low"], row["loss_high"]] == last["new_rows"]["interval"]


def test_the_answer_says_where_a_longer_training_would_choose_another_rate():
    trainings = made()
    for training, end in zip(trainings, (0.1, 0.2, 0.3), strict=True):
        training.val_loss[:, -1] = end
    answer = recommend(trainings, REFERENCE, study_settings(trainings))
    assert answer["longer"] == {"epochs": 2, "best": 0.1, "direction": "lower"}
    assert "; with 2 epochs the best was 0.1, so a longer training would want a lower rate" in answer["sentence"]
    nearly = recommend(made(), REFERENCE, study_settings(made()))
    assert nearly["longer"] is None  # 0.1 is nearly as good at the end as well


def test_each_value_of_a_second_setting_has_rows_of_its_own():
    trainings = [*made(optimizer="sgd"), *made(optimizer="adam")]
    rows = budget(trainings, REFERENCE, 0.0, settings_of(trainings))
    assert [(row["optimizer"], row["epoch"]) for row in rows] == [
        (name, epoch) for name in ("sgd", "adam") for epoch in (1, 2, 3, 4)
    ]


@pytest.mark.parametrize("seeds", [1, 5])
def test_too_few_seeds_have_no_budget(seeds):
    trainings = made(seeds)
    assert budget(trainings, REFERENCE, 0.0, settings_of(trainings)) == []


def test_few_rates_have_no_budget():
    trainings = made()
    assert budget(trainings, REFERENCE, 0.0, study_settings(trainings)) == []
