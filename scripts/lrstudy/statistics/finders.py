"""The known rules that read a learning rate off a range test, and how far each misses.

Smith's range test (Smith 2017, "Cyclical learning rates for training neural networks") is one training
whose learning rate grows by the same factor at every step. Libraries read a rate off its curve of training
losses by simple rules. The four rules here, the smoothing of the curve and the way it is cut are those of
fastai 2 (`fastai/callback/schedule.py`; Howard and Gugger 2020, "fastai: a layered API for deep learning"),
so that what is audited is what people use.
"""

import numpy as np

SMOOTHING = 0.98  # share of the past in the moving average of the losses
DIVERGED = 4  # the test ends where the smoothed loss is above this multiple of its lowest value so far
SKIPPED_LAST = 5  # steps dropped at the end; at the start it is a tenth of all

SLIDE_WIDTH = 15  # steps between the two ends of the sliding interval
SLIDE_THRESHOLD = 0.005  # difference of their gradients, loss per step, at which the interval rests


def smooth(losses: np.ndarray) -> np.ndarray:
    """Return the exponential moving average of `losses` (steps,), unbiased by dividing by 1 − 0.98^step."""
    averages = np.empty(len(losses))
    average = 0.0
    for step, loss in enumerate(losses):
        average = SMOOTHING * average + (1 - SMOOTHING) * loss
        averages[step] = average / (1 - SMOOTHING ** (step + 1))
    return averages


def usable(rates: np.ndarray, losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the part of a range test, rates and smoothed losses, that the rules look at.

    The test ends with the first smoothed loss above four times the lowest before it. Then a tenth of the
    planned steps go at the start and five at the end, and whatever follows the first NaN.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        smoothed = smooth(losses)
        diverged = smoothed > DIVERGED * np.fmin.accumulate(smoothed)
    end = diverged.argmax() + 1 if diverged.any() else len(losses)
    kept = slice(len(losses) // 10, max(end - SKIPPED_LAST, 0))
    rates, smoothed = rates[kept], smoothed[kept]
    finite = np.isfinite(smoothed)
    stop = len(smoothed) if finite.all() else finite.argmin()
    return rates[:stop], smoothed[:stop]


# The rules: each takes ascending rates and smoothed losses, (steps,) both, and returns a rate; NaN where the
# curve is too short for it.


def steepest(rates: np.ndarray, losses: np.ndarray) -> float:
    """Return the rate at which the loss falls fastest per unit of log rate."""
    if len(rates) < 2:
        return np.nan
    return float(rates[np.argmin(np.diff(losses) / np.diff(np.log(rates)))])


def minimum(rates: np.ndarray, losses: np.ndarray) -> float:
    """Return a tenth of the rate with the lowest loss."""
    return float(rates[np.argmin(losses)] / 10) if len(rates) else np.nan


def valley(rates: np.ndarray, losses: np.ndarray) -> float:
    """Return the rate half-way through the second third of the longest valley.

    The valley ends with the longest falling subsequence of losses and counts as many steps back as that
    subsequence has members.
    """
    if len(rates) < 2:
        return np.nan
    lengths = np.ones(len(losses), int)
    for step in range(1, len(losses)):
        lengths[step] += lengths[:step].max(initial=0, where=losses[:step] > losses[step])
    end = int(lengths.argmax())
    start = end - lengths[end] if lengths[end] > 1 else end
    third = (end - start) / 3
    return float(rates[start + int(third) + int(third / 2)])


def slide(rates: np.ndarray, losses: np.ndarray) -> float:
    """Return the rate at which an interval sliding down from the highest rate comes to rest.

    The interval spans 15 steps. It rests where the loss gradients at its two ends differ by no more than
    0.005; the suggestion is the rate at its lower end one step before that.
    """
    if len(rates) <= SLIDE_WIDTH:
        return np.nan
    gradients = np.gradient(losses)
    moving = np.abs(gradients[SLIDE_WIDTH:] - gradients[:-SLIDE_WIDTH]) > SLIDE_THRESHOLD
    moves = int(np.argmin(moving[::-1])) if not moving.all() else len(moving)
    return float(rates[len(moving) - max(moves, 1)])


RULES = {"steepest": steepest, "minimum": minimum, "valley": valley, "slide": slide}


def suggestions(rates: np.ndarray, losses: np.ndarray) -> dict[str, np.ndarray]:
    """Return the suggested rate of each rule for each seed, (seeds,).

    `rates` (steps,) ascend; `losses` are the training losses of each step, (seeds, steps) or (steps,) for one
    seed, as measured: neither smoothed nor cut, NaN and infinity where training overflowed.
    """
    rates = np.asarray(rates, float)
    curves = (usable(rates, curve.astype(float)) for curve in np.atleast_2d(losses))
    found = np.array([[rule(*curve) for rule in RULES.values()] for curve in curves])
    return dict(zip(RULES, found.T, strict=True))


def regret(suggested: np.ndarray, measured_rates: np.ndarray, measured_losses: np.ndarray) -> np.ndarray:
    """Return how much higher than its minimum the measured curve is at each suggested rate; NaN stays NaN.

    Between measured rates (ascending) the loss is linear in log rate; beyond them it is that of the nearest.
    """
    at = np.interp(np.log(suggested), np.log(measured_rates), measured_losses)
    return at - np.min(measured_losses)


def audit(rates: np.ndarray, losses: np.ndarray, measured_rates: np.ndarray, measured_losses: np.ndarray) -> list[dict]:
    """Return a row for each seed's suggestion by each rule, and what following it would cost.

    `rates` and `losses` are those of the range test (see `suggestions`); `measured_rates` (ascending) and
    `measured_losses`, (rates,) both, the mean final loss of real trainings at constant rates. Keys: `seed`,
    `rule`, `learning_rate` and `regret` (in units of the loss), both None where the curve was too short.
    """
    rows = []
    for rule, suggested in suggestions(rates, losses).items():
        costs = regret(suggested, measured_rates, measured_losses)
        for seed, (rate, cost) in enumerate(zip(suggested, costs, strict=True)):
            known = np.isfinite(rate)
            numbers = (
                {"learning_rate": float(rate), "regret": float(cost)}
                if known
                else {"learning_rate": None, "regret": None}
            )
            rows.append({"seed": seed, "rule": rule, **numbers})
    return rows
