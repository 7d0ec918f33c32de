"""What became of each seed."""

import numpy as np

from lrstudy.evidence.trainings import Training

OUTCOMES = ("non_finite", "diverged", "spiked", "not_learned", "converged")

# Losses are float32 means over hundreds of rows; below this relative difference two of them are equal.
ROUNDING = 1e-5


def outcomes(training: Training, majority_accuracy: float) -> np.ndarray:
    """Return the outcome of each seed, strings of `OUTCOMES`, shape (seeds,). The first that holds counts:

    - `non_finite`: a training or validation loss is NaN or infinite at any epoch;
    - `diverged`: the final loss is above the initial loss;
    - `not_learned`: the final test accuracy is no better than `majority_accuracy`, that of always answering
      with the majority class;
    - `spiked`: a training or validation loss rose above its own initial value, yet the seed recovered;
    - `converged`: all others.

    "Above" means by more than float32 rounding (`ROUNDING`). No rule here compares with the best loss: near
    a loss of zero any multiple of it is exceeded by nothing.
    """
    failed = failures(training)
    above = (training.loss > _ceiling(training.loss)) | (training.val_loss > _ceiling(training.val_loss))
    return np.select(
        [
            ~_finite(training),
            failed,
            training.val_accuracy[:, -1] <= majority_accuracy + ROUNDING,
            above.any(axis=1),
        ],
        ["non_finite", "diverged", "not_learned", "spiked"],
        "converged",
    )


def failures(training: Training) -> np.ndarray:
    """Return which seeds failed, that is are non-finite or diverged (see `outcomes`), bool (seeds,)."""
    return ~_finite(training) | (training.val_loss > _ceiling(training.val_loss))[:, -1]


def _finite(training: Training) -> np.ndarray:
    return (np.isfinite(training.loss) & np.isfinite(training.val_loss)).all(axis=1)


def _ceiling(losses: np.ndarray) -> np.ndarray:
    return losses[:, :1] * (1 + ROUNDING)
