"""How far Keras's own fit is from the engine, in numbers and in words."""

import numpy as np
import pytest

from lrstudy.data import parquet  # noqa: F401  # Arrow as the product imports it
from lrstudy.statistics import histories, reference

OURS = np.random.default_rng(0).uniform(0.2, 0.8, (30, 4, 4)).astype(np.float32)


def as_read(**row) -> dict[str, str]:
    return {"network": "mlp", "optimizer": "sgd", **{name: str(value) for name, value in row.items()}}


def test_a_file_of_histories_is_read_by_seed():
    assert (reference.by_seed(histories.to_table(OURS, 96), 3) == OURS).all()


def test_the_largest_difference_of_each_value():
    theirs = OURS[:3].copy()
    theirs[1, 2, 0] += 0.00005
    row = reference.compare(OURS, theirs, random=False)
    assert (row["seeds"], row["val_loss"], row["p_value"]) == (3, 0.0, "")
    assert float(row["loss"]) == pytest.approx(0.00005, rel=0.02)
    assert row["same"] == 3
    assert row.keys() <= reference.COLUMNS.keys()
    said = reference.sentence([as_read(**row)])
    assert (
        "the same histories for 3 seeds of mlp with sgd: losses differ by at most 5e-05, accuracies are equal." in said
    )


def test_seeds_whose_losses_differ_are_counted():
    theirs = OURS[:3].copy()
    theirs[1, 2, 0] += 0.02
    theirs[1, 2, 3] += 0.01
    near, far = (reference.compare(OURS, found, random=False) for found in (OURS[:3], theirs))
    assert (near["same"], far["same"]) == (3, 2)
    said = reference.sentence([as_read(**near), as_read(**{**far, "network": "deep"})])
    assert (
        "gives the same losses, to 0.0001, for 5 of 6 trainings of mlp with sgd, deep with sgd; where they differ "
        in said
    )
    assert "by more, losses do so by at most 0.02 (deep with sgd), accuracies by at most 1 points." in said


def test_what_is_not_finite_is_the_same_where_both_are_so():
    ours, theirs = OURS[:2].copy(), OURS[:2].copy()
    ours[0, 2:, 0] = theirs[0, 2:, 0] = np.nan
    ours[0, 1, 2] = theirs[0, 1, 2] = np.inf
    assert reference.compare(ours, theirs, random=False)["same"] == 2
    theirs[1, 3, 2] = np.nan
    row = reference.compare(ours, theirs, random=False)
    assert (row["same"], row["val_loss"]) == (1, np.inf)
    assert reference.compare(ours, theirs, random=True)["p_value"] > 0.1


def test_of_layers_that_draw_distributions_are_compared():
    near = reference.compare(OURS, OURS[3:27], random=True)
    far = reference.compare(OURS, OURS[3:27] + 0.5, random=True)
    assert float(near["p_value"]) > 0.5 > 0.001 > float(far["p_value"])
    said = reference.sentence([as_read(**near)])
    assert said.startswith("Of mlp with sgd, whose layers draw random numbers, 24 seeds trained by fit")
