"""What became of each seed.

A seed has **failed** if its losses are not finite, or if its training got nowhere or worse. One that answers well and
is ever more sure of its few mistakes has not failed: its validation loss rises while its training loss falls. It is
**overconfident**.
"""

import numpy as np

from lrstudy.statistics.trainings import Training

OUTCOMES = ("non_finite", "diverged", "not_learned", "overconfident", "spiked", "converged")
FAILED = OUTCOMES[:3]

# Losses are float32 means over hundreds of rows; below this relative difference two of them are equal.
ROUNDING = 1e-5
NOTHING = 0.001  # a loss less than this share below that of guessing is no better
CLEARLY = 0.01  # a loss that is higher than it began by less than this share has not risen


def outcomes(training: Training, reference: dict) -> np.ndarray:
    """Return the outcome of each seed, strings of `OUTCOMES`, shape (seeds,). The first that holds counts:

    - `non_finite`: a training or validation loss is NaN or infinite at any epoch;
    - `diverged`: the training loss of the last epoch is above that before training;
    - `not_learned`: that loss and that epoch's accuracy are no better than those of always answering with the
      classes' shares and with the majority class, `entropy` and `majority_share` of `reference`;
    - `overconfident`: the final validation loss is above the initial one by more than 1 % (`CLEARLY`);
    - `spiked`: a training or validation loss rose as far above its own initial value, yet the seed recovered;
    - `converged`: all others.

    "Above" alone means by more than float32 rounding (`ROUNDING`). No rule here compares with the best loss: near
    a loss of zero any multiple of it is exceeded by nothing.
    """
    above = (_above_start(training.loss, CLEARLY) | _above_start(training.val_loss, CLEARLY)).any(axis=1)
    return np.select(
        [
            ~_finite(training),
            _above_start(training.loss, ROUNDING)[:, -1],
            _no_better_than_guessing(training, reference),
            _above_start(training.val_loss, CLEARLY)[:, -1],
            above,
        ],
        ["non_finite", "diverged", "not_learned", "overconfident", "spiked"],
        "converged",
    )


def failures(training: Training, reference: dict) -> np.ndarray:
    """Return which seeds failed, that is are non-finite, diverged or have not learned, bool (seeds,)."""
    return np.isin(outcomes(training, reference), FAILED)


def _no_better_than_guessing(training: Training, reference: dict) -> np.ndarray:
    """Return which seeds answer with the majority class and are no surer than guessing, bool (seeds,).

    The majority's share of a seed's own training rows is up to two standard errors above the table's. It is the
    accuracy of a seed that always guesses it; the loss of guessing is the entropy of the classes with that share, the
    others' as they are.
    """
    share, train, test = reference["majority_share"], reference["train_rows"], reference["test_rows"]
    error = np.sqrt(share * (1 - share) / train * test / (train + test))
    own = np.clip(training.accuracy[:, -1].astype(float), share, 1 - 1e-9)
    others = (reference["entropy"] - _entropy(share)) / (1 - share)
    guessing = _entropy(own) + (1 - own) * others
    return (own <= share + 2 * error + ROUNDING) & (training.loss[:, -1] >= (1 - NOTHING) * guessing)


def _entropy(share: float | np.ndarray) -> float | np.ndarray:
    return -share * np.log(share) - (1 - share) * np.log(1 - share)


def _finite(training: Training) -> np.ndarray:
    return (np.isfinite(training.loss) & np.isfinite(training.val_loss)).all(axis=1)


def _above_start(losses: np.ndarray, share: float) -> np.ndarray:
    return losses > losses[:, :1] * (1 + share)
