"""A study's trainings as tables over the learning rate, one for each value of what else varies, and what these tell.

Where training is stable, how much the choice of the rate matters, how many seeds a study needs, what theory says of
the largest rate, and how to extend a grid whose best rate lies at its edge. Sets of rates are arrays of ascending row
numbers.
"""

from collections.abc import Sequence

import numpy as np

from lrstudy import labels
from lrstudy.statistics.good_range import parts, run_around
from lrstudy.statistics.new_rows import deviations, drawn_means
from lrstudy.statistics.resampling import interval, resampled_means, wilson
from lrstudy.statistics.trainings import Training, capped, initial, nan_as_inf


def by_other_settings(trainings: Sequence[Training]) -> dict[str, list[Training]]:
    """Return the trainings by the text of their settings but the rate, each group by ascending rate."""
    groups: dict[str, list[Training]] = {}
    for training in trainings:
        others = [str(value) for name, value in training.setting.items() if name != "learning_rate"]
        groups.setdefault(", ".join(others), []).append(training)
    for members in groups.values():
        members.sort(key=lambda training: training.setting.get("learning_rate", 0))
    return groups


def best_of_each(trainings: Sequence[Training]) -> list[int]:
    """Return, for each value of what varies beside the rate, the place of the training that the answer recommends.

    That is the one with the lowest mean loss on the seeds that choose; one that fails too often is not told apart here.
    """
    places = {id(training): place for place, training in enumerate(trainings)}
    groups = by_other_settings(trainings).values()
    chooses, _ = parts(trainings[0].seeds)
    return [places[id(min(group, key=lambda each: capped(each)[chooses].mean()))] for group in groups]


def tables(trainings: Sequence[Training]) -> tuple[np.ndarray, np.ndarray]:
    """Return rates (rates,) and capped losses (rates, seeds)."""
    rates = np.array([training.setting["learning_rate"] for training in trainings])
    return rates, np.stack([capped(training) for training in trainings])


def steadied(trainings: Sequence[Training], seeds: np.ndarray, test_train_ratio: float) -> np.ndarray:
    """Return the capped losses of some `seeds`, bool (all seeds,), without half of the order's noise, (rates, seeds).

    Their means are those after the last epoch, their deviations from these those of the mean of the last two epochs.
    From one epoch to the next a seed's rows stay and its order changes; for new rows (see `new_rows`) it is the rows
    that count. Where `test_train_ratio` is 0 all seeds have the same rows, and losses are as they are.
    """
    _, losses = tables(trainings)
    losses = losses[:, seeds]
    if not test_train_ratio:
        return losses
    ends = [nan_as_inf(training.val_loss[:, 1:][:, -2:][seeds]) for training in trainings]
    both = [np.minimum(end, initial(one)[seeds, None]).mean(axis=1) for end, one in zip(ends, trainings, strict=True)]
    return losses.mean(axis=1, keepdims=True) * (1 + deviations(np.stack(both))[1])


def stability(rates: np.ndarray, failed: np.ndarray, chosen: int, options: dict) -> dict:
    """Return what `answer.KEYS` says of the stable range, and between which rates it ends.

    `failed` (rates, seeds) says which seeds failed; a rate is stable where at most the failure limit of them did.
    """
    seeds, limit = failed.shape[1], options["failure_limit"]
    lower, upper = wilson(failed.sum(axis=1), seeds, options["confidence"])
    stable = run_around(chosen, failed.mean(axis=1) <= limit)
    shown = run_around(chosen, upper <= limit)[-1] if upper[chosen] <= limit else None
    unstable = np.flatnonzero((lower > limit) & (np.arange(len(rates)) > chosen))
    return {
        "stable_range": rates[[stable[0], stable[-1]]],
        "stable_decades": np.log10(rates[stable[-1]] / rates[stable[0]]),
        "largest_stable": rates[stable[-1]],
        "largest_stable_interval": [
            None if shown is None else rates[shown],
            rates[unstable[0]] if unstable.size else None,
        ],
    }


def sensitivity(rates: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Return the learning-rate sensitivity over the range from the lowest to the highest of `rates`.

    The mean over log-uniform rates η of min(ℓ(η), ℓ0) − min ℓ, after Wortsman et al. (2023), "Small-scale
    proxies for large-scale Transformer training instabilities". `losses` (..., rates) are means of capped
    losses at ascending rates; between two of them the loss is taken as linear in log η.
    """
    excess = losses - losses.min(axis=-1, keepdims=True)
    decades = np.log10(rates)
    return np.trapezoid(excess, decades, axis=-1) / (decades[-1] - decades[0])


def sensitivity_of_study(rates: np.ndarray, losses: np.ndarray, test_train_ratio: float, options: dict) -> dict | None:
    """Return the sensitivity to `rates` of `losses` (rates, seeds), its interval (see `new_rows`) and the range."""
    if len(rates) == 1:
        return None
    several = losses.shape[1] > 1
    drawn = sensitivity(rates, drawn_means(losses, test_train_ratio, options["resamples"])) if several else None
    return {
        "value": sensitivity(rates, losses.mean(axis=1)),
        "interval": interval(drawn, options["confidence"]) if drawn is not None else None,
        "range": rates[[0, -1]],
    }


FEW_SEEDS = (1, 3, 5, 10, 30)  # sizes of the small studies whose choice is judged


def seeds_needed(losses: np.ndarray, options: dict) -> dict:
    """Return, for each number in `FEW_SEEDS`, how likely a study of so many seeds goes wrong.

    Such a study is a draw of that many of the seeds, each with its split, with replacement; it picks the rate with the
    lowest mean. It goes wrong where that rate's mean over all seeds, taken as the truth, is over epsilon
    above the best. None for numbers beyond that of the seeds, and for a single seed or rate.
    """
    rates, seeds = losses.shape
    truth = losses.mean(axis=1)
    wrong = truth > (1 + options["epsilon"]) * truth.min()
    shares = {}
    for size in FEW_SEEDS:
        known = rates > 1 and 1 < seeds >= size
        picked = resampled_means(losses, options["resamples"], size).argmin(axis=1) if known else None
        shares[str(size)] = wrong[picked].mean() if known else None
    return shares


PLAIN = {"class", "momentum", "nesterov"}  # arguments of Keras's SGD that the formulas know


def limit(training: dict, reference: dict, settings: dict) -> float | None:
    """Return the learning rate beyond which gradient descent leaves the optimum, or None where theory has none.

    With λ the largest eigenvalue of the loss's Hessian at the optimum, `reference["curvature"]`: 2/λ; with momentum β
    2(1 + β)/λ; with Nesterov's 2(1 + β)/((1 + 2β)λ). Cohen et al. (2021), "Gradient descent on neural networks
    typically occurs at the edge of stability", appendix B. Exact for batches of all training rows; smaller batches,
    whose own curvature varies about the table's, grow unsteady below it. None for networks with hidden layers,
    optimizers that scale each weight's steps or change the rate, and separable classes, which have no optimum.

    `training` names the network and the optimizer, which the `definitions` of `settings` define.
    """
    optimizer = settings["definitions"]["optimizer"][training["optimizer"]]
    known = optimizer["class"] == "SGD" and set(optimizer) <= PLAIN
    if not is_logistic(training["network"], settings) or not known or reference["curvature"] is None:
        return None
    momentum = optimizer.get("momentum", 0.0)
    shrunk = 1 + 2 * momentum if optimizer.get("nesterov") else 1
    return 2 * (1 + momentum) / (shrunk * reference["curvature"])


def is_logistic(network: str, settings: dict) -> bool:
    """Return whether a network has no hidden layers, by its definition in the study's `definitions`."""
    return settings["definitions"]["network"][network].get("hidden") == []


ROUNDED = 2.5e-3  # the log ratios of a log-spaced grid written with four digits differ by no more


def edge(rates: np.ndarray, best: int, settings: dict) -> dict | None:
    """Return None for a best rate inside the grid, else which end it is and the config line that extends the grid.

    `settings` may have `file` and `line`: where the study says its learning rates.
    """
    lower, upper = best == 0, best == len(rates) - 1
    if not (lower or upper):
        return None
    return {
        "side": "only" if lower and upper else "lowest" if lower else "highest",
        "file": settings.get("file", f"config/studies/{settings['study']}.yaml"),
        "line": settings.get("line"),
        "write": f"learning_rate: {extended(rates, lower, upper)}",
    }


def how_to_extend(found: dict) -> str:
    """Return where to write what, to extend the grid."""
    where = f"{found['file']}, " + (f"line {found['line']}" if found["line"] else "under vary")
    return f"in {where}, write {found['write']}"


def extended(rates: np.ndarray, lower: bool, upper: bool) -> str:
    """Return the config text of a grid one decade longer at the chosen ends.

    A grid of at least three evenly log-spaced rates is written as `{log: [from, to, number]}`; any other as a
    list whose last step, a doubling at least, is repeated until it has covered a decade.
    """
    ratios = rates[1:] / rates[:-1] if len(rates) > 1 else np.array([10.0])
    even = len(rates) > 2 and np.ptp(np.log(ratios)) <= ROUNDED
    # The mean ratio of an even grid is free of the rounding of its rates.
    first, last = [ratios.prod() ** (1 / len(ratios))] * 2 if even else np.maximum(ratios[[0, -1]], 2)
    below = _further(rates[0], 1 / first) if lower else []
    above = _further(rates[-1], last) if upper else []
    written = [labels.plain(rate).removesuffix(".0") for rate in rates.tolist()]
    # With all their digits, since the rates between the ends of an even grid depend on them: the old ones stay.
    text = exact if even else short
    texts = [*map(text, reversed(below)), *written, *map(text, above)]
    return f"{{log: [{texts[0]}, {texts[-1]}, {len(texts)}]}}" if even else f"[{', '.join(texts)}]"


def _further(rate: float, ratio: float) -> list[float]:
    steps = int(np.ceil(1 / abs(np.log10(ratio)) - 1e-3))
    return [rate * ratio**step for step in range(1, steps + 1)]


def exact(number: float) -> str:
    """Write a number with ten digits, without zeros at the end and without an exponent."""
    return np.format_float_positional(number, precision=10, fractional=False, trim="-")


def short(number: float) -> str:
    """Write a number with at most four digits and no exponent: YAML would read 1e-05 as text."""
    return np.format_float_positional(number, precision=4, fractional=False, trim="-")
