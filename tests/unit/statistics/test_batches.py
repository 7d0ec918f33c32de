"""Batch sizes beyond the training rows."""

import pytest

from lrstudy.statistics import histories


def trainings(*sizes: int) -> list[dict]:
    return [{"batch_size": size} for size in sizes]


@pytest.mark.parametrize(
    ("vary", "sizes", "fitting", "sentence"),
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
def test_batch_sizes_beyond_the_training_rows(vary, sizes, fitting, sentence):
    assert histories.fitting_trainings(trainings(*sizes), vary, 124) == trainings(*fitting)
    assert histories.batch_size_sentence(trainings(*sizes), vary, 124) == sentence
