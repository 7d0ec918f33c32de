"""Batch sizes that are larger than the table: left out where a study varies them, all rows where it fixes one."""

import math


def training_rows(rows: int, test_size: float) -> int:
    """Return how many of a table's rows are for training, as scikit-learn's `train_test_split` counts them."""
    return rows - math.ceil(test_size * rows)


def fitting(trainings: list[dict], vary: list[str], rows: int) -> list[dict]:
    """Return the trainings that are studied: where the batch size varies, those of batches of at most `rows` rows.

    Larger ones would all be the same training, on all rows at each step.
    """
    if "batch_size" not in vary:
        return trainings
    return [training for training in trainings if training["batch_size"] <= rows]


def words(trainings: list[dict], vary: list[str], rows: int) -> str:
    """Return a sentence on the batch sizes beyond the training rows, or nothing where there are none."""
    beyond = sorted({training["batch_size"] for training in trainings if training.get("batch_size", 0) > rows})
    if not beyond:
        return ""
    named = " and ".join(filter(None, [", ".join(map(str, beyond[:-1])), str(beyond[-1])]))
    if "batch_size" not in vary:
        return f"A batch of {named} is more than the {rows} training rows: each step takes all of them."
    several = f"Batch sizes {named} are" if len(beyond) > 1 else f"Batch size {named} is"
    return f"{several} left out, more than the {rows} training rows."
