"""How far Keras's own fit is from the engine, in numbers and in words."""

import numpy as np

from lrstudy.data import parquet  # noqa: F401  # Arrow as the product imports it
from lrstudy.statistics import histories, reference

OURS = np.random.default_rng(0).uniform(0.2, 0.8, (30, 4, 4)).astype(np.float32)


def as_read(**row) -> dict[str, str]:
    return {"network": "mlp", "optimizer": "sgd", **{name: str(value) for name, value in row.items()}}


def test_a_file_of_histories_is_read_by_seed():
    assert (reference.by_seed(histories.to_table(OURS, 96), 3) == OURS).all()


def test_the_largest_difference_of_each_value():
    theirs = OURS[:3].copy()
    theirs[1, 2, 0] += 0.001
    row = reference.compare(OURS, theirs, random=False)
    assert (row["seeds"], row["val_loss"], row["p_value"]) == (3, 0.0, "")
    assert abs(float(row["loss"]) - 0.001) < 1e-5
    assert row.keys() <= reference.COLUMNS.keys()
    said = reference.sentence([as_read(**row)])
    assert (
        "the same histories for 3 seeds of mlp with sgd: losses differ by at most 0.001, accuracies are equal." in said
    )


def test_of_layers_that_draw_distributions_are_compared():
    near = reference.compare(OURS, OURS[3:27], random=True)
    far = reference.compare(OURS, OURS[3:27] + 0.5, random=True)
    assert float(near["p_value"]) > 0.5 > 0.001 > float(far["p_value"])
    said = reference.sentence([as_read(**near)])
    assert said.startswith("Of mlp with sgd, whose layers draw random numbers, 24 seeds trained by fit")
