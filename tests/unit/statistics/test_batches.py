"""Batch sizes beyond the training rows."""

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from lrstudy.files import batches


def trainings(*sizes: int) -> list[dict]:
    return [{"batch_size": size} for size in sizes]


@pytest.mark.parametrize("rows", [6, 30, 31, 178, 569, 1372])
@pytest.mark.parametrize("test_size", [0.1, 0.25, 0.3, 0.7])
def test_training_rows_are_counted_as_scikit_learn_does(rows, test_size):
    train, _ = train_test_split(np.arange(rows), test_size=test_size)
    assert batches.training_rows(rows, test_size) == len(train)


@pytest.mark.parametrize(
    ("vary", "sizes", "kept", "said"),
    [
        (["batch_size"], [16, 64, 128], [16, 64], "Batch size 128 is left out, more than the 124 training rows."),
        (["batch_size"], [128, 256], [], "Batch sizes 128 and 256 are left out, more than the 124 training rows."),
        (["batch_size"], [124], [124], ""),
        (["learning_rate"], [16, 16], [16, 16], ""),
        (
            ["learning_rate"], [125, 125], [125, 125],
            "A batch of 125 is more than the 124 training rows: each step takes all of them.",
        ),
    ],
)  # fmt: skip
def test_what_is_left_out_and_what_is_said(vary, sizes, kept, said):
    assert batches.fitting(trainings(*sizes), vary, 124) == trainings(*kept)
    assert batches.words(trainings(*sizes), vary, 124) == said
