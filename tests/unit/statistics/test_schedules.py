"""Schedules whose end is far from a training's are said."""

import pytest

from lrstudy.labels import in_steps
from lrstudy.statistics import schedules

ROWS = 960  # of training: 60 steps an epoch at batch size 16


def said(schedule: dict, *sizes: int, epochs: int = 10) -> str:
    trainings = [{"optimizer": "mine", "batch_size": size, "epochs": epochs} for size in sizes or (16,)]
    return schedules.sentences(
        {"mine": {"class": "SGD", "schedule": schedule}, "sgd": {"class": "SGD"}}, trainings, ROWS
    )


def cosine(**more) -> dict:
    return {"class": "CosineDecay", **more}


@pytest.mark.parametrize(
    ("schedule", "sentence"),
    [
        (cosine(decay_steps=60), "The schedule of mine ends after 1 of 10 epochs."),
        (cosine(decay_steps=6000), "The schedule of mine ends only after 100 epochs, and 10 are trained."),
        (cosine(decay_steps=540, warmup_steps=60, warmup_target=1), ""),
        (cosine(decay_epochs=10), ""),
        (cosine(decay_epochs=2.5), "The schedule of mine ends after 2.5 of 10 epochs."),
        ({"class": "PiecewiseConstantDecay", "boundary_epochs": [3, 30], "values": [1, 0.5, 0.1]},
         "The schedule of mine ends only after 30 epochs, and 10 are trained."),
        ({"class": "PolynomialDecay", "decay_steps": 100, "cycle": True}, ""),
        ({"class": "ExponentialDecay", "decay_steps": 10, "decay_rate": 0.9}, ""),
    ],
)  # fmt: skip
def test_an_end_far_from_the_trainings_is_said(schedule, sentence):
    assert said(schedule) == sentence


def test_of_several_batch_sizes_those_that_do_not_fit_are_named():
    found = said(cosine(decay_steps=100), 8, 64, 96)
    assert found == "The schedule of mine ends after 0.83 of 10 epochs with batch size 8. " + (
        "The schedule of mine ends after 6.7 of 10 epochs with batch size 64."
    )
    assert said(cosine(decay_epochs=10), 8, 64, 96) == ""


def test_epochs_are_steps_of_the_training():
    written = {"class": "CosineDecay", "decay_epochs": 2.5, "warmup_epochs": 1, "alpha": 0.1}
    assert in_steps(written, 60) == {"class": "CosineDecay", "decay_steps": 150, "warmup_steps": 60, "alpha": 0.1}
    assert in_steps({"boundary_epochs": [1, 2]}, 15) == {"boundaries": [15, 30]}
