"""The answer of a study: which learning rate, how sure, and what it costs to be wrong.

Everything here works on two tables with one row for each learning rate (ascending) and one column for each
seed: capped final losses (see `lrstudy.evidence.statistics`) and whether the seed failed. A rate's loss is the mean of
its row. `KEYS` and `PAIR_KEYS` list what `recommendation.json` holds.
"""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from lrstudy.evidence import statistics
from lrstudy.evidence.statistics import Training
from lrstudy.files import labels

FEW_SEEDS = (1, 3, 5, 10, 30)  # sizes of the small studies whose choice is judged
WRONG = 0.10  # a choice is wrong whose true loss is over this share above the best
ROUNDED = 2.5e-3  # the log ratios of a log-spaced grid written with four digits differ by no more

KEYS = {
    "recommended": "the measured rate nearest the plateau's geometric centre, the lower of two equally near",
    "recommended_loss": "its mean loss over all seeds",
    "fastest_safe": "the stable rate whose median seed is first at the target loss; of equals the best",
    "stable_range": "[lowest, highest] of the contiguous rates around the best stable one whose share of "
    "failed seeds is at most the failure limit, even at Wilson's upper bound",
    "stable_decades": "width of the stable range, log10(highest / lowest)",
    "largest_stable": "the highest rate of the stable range",
    "largest_stable_interval": "[a, b]: the rate beyond which more seeds fail than the limit allows lies "
    "between a, the largest rate shown to be stable, and b, the smallest above it shown not to be (Wilson's "
    "lower bound above the limit); b is null where the grid has no such rate",
    "plateau": "[lowest, highest] of the contiguous stable rates around the best stable one whose paired "
    "mean difference to it is within one standard error or epsilon times its loss, whichever is more",
    "plateau_rates": "the measured rates of the plateau",
    "best": "the rate with the lowest mean loss of all, stable or not",
    "best_loss": "that loss",
    "win_share": "share of bootstrap resamples of the seeds in which the recommended rate is the best",
    "win_shares": "the same for every rate: [[rate, share], …]",
    "held_out_loss": "mean loss, on the odd seeds, of the rate that the even seeds alone would choose among the "
    "rates that all seeds show to be stable",
    "held_out": "that rate, the interval of its loss, and the number of seeds on either side",
    "sensitivity": "learning-rate sensitivity over the range [a, b] with its interval, see `statistics`",
    "seeds_needed": "number of seeds: probability that a study of that many picks, by the lowest mean, a "
    "rate whose true loss is over 10 % above the best; null beyond the number of seeds at hand",
    "edge_warning": "null, or what to do about a best rate at the edge of the grid",
    "target_loss": "the validation loss that `fastest_safe` is timed to",
    "seeds": "number of seeds behind all of this",
    "sentence": "the answer in one sentence",
}

# More keys where the study varies a second setting; those above are then the answer for its best value.
PAIR_KEYS = {
    "at": "the best value of the second setting, and the share of resamples in which that value wins",
    "by": "the answer for every value of the second setting",
    "batch_scaling": "for batch sizes: the exponent of best rate ∝ batch size^alpha, see `batch_scaling`",
}

# What `side_by_side` says of each answer, beside the study and the dataset.
SIDE_BY_SIDE = ("recommended", "recommended_loss", "best", "best_loss", "win_share", "seeds", "sentence")


def recommend(trainings: Sequence[Training], settings: dict) -> dict:
    """Return the content of `recommendation.json` for a study that varies the learning rate.

    Where a second setting varies, the answer for each of its values is under `by`, the answer for the best
    pair at the top level, and `at` says which value that is and how often it wins in the bootstrap. A study
    over batch sizes also has `batch_scaling` (see there). Numbers that do not exist are None.
    """
    target = statistics.target_loss(trainings, settings)
    groups = by_other_settings(trainings)
    answers = {label: _answer(group, target, settings) for label, group in groups.items()}
    if len(settings["vary"]) == 1:
        return jsonable(next(iter(answers.values())))
    (other,) = (name for name in settings["vary"] if name != "learning_rate")
    label = min(answers, key=lambda label: _rank(answers[label]))
    resamples = settings["statistics"]["resamples"]
    at = {other: label, "win_share": _label_win_share(groups, label, resamples)}
    answer = {**answers[label], "at": at, "by": answers}
    answer["sentence"] = f"With {other} {label}, {_uncapitalised(answer['sentence'])}"
    if other == "batch_size":
        answer["batch_scaling"] = batch_scaling(groups, resamples, settings["statistics"]["confidence"])
    return jsonable(answer)


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
    """Return, for each value of what varies beside the rate, the place of the training with the lowest mean loss."""
    places = {id(training): place for place, training in enumerate(trainings)}
    groups = by_other_settings(trainings).values()
    return [places[id(min(group, key=lambda each: statistics.capped(each).mean()))] for group in groups]


def tables(trainings: Sequence[Training]) -> tuple[np.ndarray, np.ndarray]:
    """Return rates (rates,) and capped losses (rates, seeds)."""
    rates = np.array([training.setting["learning_rate"] for training in trainings])
    return rates, np.stack([statistics.capped(training) for training in trainings])


def _rank(answer: dict) -> tuple:
    """Order answers: those with a recommendation first, then by the loss it brings."""
    if answer["recommended"] is None:
        return True, answer["best_loss"]
    return False, answer["recommended_loss"]


def _label_win_share(groups: dict, label: str, resamples: int) -> float:
    means = (statistics.resampled_means(tables(group)[1], resamples) for group in groups.values())
    lowest = [mean.min(axis=1) for mean in means]
    return float((np.argmin(lowest, axis=0) == list(groups).index(label)).mean())


def _answer(trainings: Sequence[Training], target: float, settings: dict) -> dict:
    """Return the answer for trainings that differ in nothing but the learning rate."""
    rules = settings["statistics"]
    rates, losses = tables(trainings)
    failed = np.array([statistics.failures(training).sum() for training in trainings])
    seeds = losses.shape[1]
    means = statistics.resampled_means(losses, rules["resamples"])
    wins = np.bincount(means.argmin(axis=1), minlength=len(rates)) / len(means)
    best = int(losses.mean(axis=1).argmin())
    stable = stable_rates(losses, failed, seeds, rules)
    reason = _no_answer(rates, failed, stable, rules, seeds)
    answer = {
        **dict.fromkeys(KEYS),
        "best": rates[best],
        "best_loss": losses[best].mean(),
        "win_shares": np.stack([rates, wins], axis=1),
        "sensitivity": _sensitivity(rates, losses, means, rules["confidence"]),
        "seeds_needed": seeds_needed(losses, rules["resamples"]),
        "edge_warning": edge_warning(rates, best, settings["study"]),
        "target_loss": target,
        "seeds": seeds,
    }
    if stable.size:
        answer |= stability(rates, failed, stable, seeds, rules)
    if reason is None:
        plateau = plateau_rates(losses, stable, rules["epsilon"])
        chosen = nearest_centre(rates, plateau)
        answer |= {
            "recommended": rates[chosen],
            "recommended_loss": losses[chosen].mean(),
            "fastest_safe": _fastest(trainings, stable, losses, target),
            "plateau": rates[[plateau[0], plateau[-1]]],
            "plateau_rates": rates[plateau],
            "win_share": wins[chosen],
            **_held_out(rates, losses, stable, rules),
        }
    answer["sentence"] = _sentence(answer, reason, rules)
    return answer


def side_by_side(answers: Sequence[dict], asked: Sequence[dict]) -> list[dict]:
    """Return a row for each answer: what was `asked` (study, dataset, …), then ranges and `SIDE_BY_SIDE`.

    Numbers that do not exist are None, as they are in the answers.
    """
    rows = []
    for answer, question in zip(answers, asked, strict=True):
        low, high = answer["stable_range"] or (None, None)
        first, last = answer["plateau"] or (None, None)
        ranges = {"stable_low": low, "stable_high": high, "as_good_low": first, "as_good_high": last}
        rows.append({**question, **{name: answer[name] for name in SIDE_BY_SIDE}, **ranges})
    return rows


# The stable range, the plateau and the choice. Sets of rates are arrays of ascending row numbers.


def stable_rates(losses: np.ndarray, failed: np.ndarray, seeds: int, rules: dict) -> np.ndarray:
    """Return the rows of the stable range; none where no rate is stable.

    A rate is stable where the upper bound of Wilson's interval on its share of `failed` seeds (rates,) is at
    most the failure limit. The range is the contiguous run of them that holds the lowest loss of any.
    """
    _, upper = statistics.wilson(failed, seeds, rules["confidence"])
    return _run_around_best(losses.mean(axis=1), upper <= rules["failure_limit"])


def _run_around_best(losses: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Return the unbroken run of `allowed` rows around the one with the lowest loss."""
    if not allowed.any():
        return np.array([], int)
    best = np.where(allowed, losses, np.inf).argmin()
    blocked = np.flatnonzero(~allowed)
    first = blocked[blocked < best].max(initial=-1) + 1
    last = blocked[blocked > best].min(initial=len(allowed))
    return np.arange(first, last)


def plateau_rates(losses: np.ndarray, stable: np.ndarray, epsilon: float) -> np.ndarray:
    """Return the rows within `stable` that are as good as the best of them.

    As good means: the mean over seeds of the paired difference to the best is at most one standard error of
    that mean, or at most `epsilon` times the best's mean loss if that is more. With many seeds the standard
    error goes to zero; epsilon is the difference that would not matter even if it were certain.
    """
    means = losses.mean(axis=1)
    best = stable[means[stable].argmin()]
    differences = losses - losses[best]
    error = differences.std(axis=1, ddof=1) / np.sqrt(losses.shape[1])
    near = differences.mean(axis=1) <= np.maximum(error, epsilon * means[best])
    return _run_around_best(means, near & np.isin(np.arange(len(means)), stable))


def nearest_centre(rates: np.ndarray, plateau: np.ndarray) -> int:
    """Return the row in `plateau` whose log rate is nearest that of the centre √(lowest × highest)."""
    logs = np.log10(rates[plateau])
    distances = np.abs(logs - (logs[0] + logs[-1]) / 2)
    return int(plateau[np.flatnonzero(distances <= distances.min() + 1e-9)[0]])


def stability(rates: np.ndarray, failed: np.ndarray, stable: np.ndarray, seeds: int, rules: dict) -> dict:
    """Return what `KEYS` says of the stable range, its width, its end and the interval of that."""
    lower, _ = statistics.wilson(failed, seeds, rules["confidence"])
    highest = stable[-1]
    unstable = np.flatnonzero((lower > rules["failure_limit"]) & (np.arange(len(rates)) > highest))
    return {
        "stable_range": rates[[stable[0], highest]],
        "stable_decades": np.log10(rates[highest] / rates[stable[0]]),
        "largest_stable": rates[highest],
        "largest_stable_interval": [rates[highest], rates[unstable[0]] if unstable.size else None],
    }


def _fastest(trainings, stable, losses, target) -> float | None:
    times = {row: statistics.median_time(*statistics.epochs_to(trainings[row], target)) for row in stable}
    arrived = [row for row in stable if times[row] is not None]
    if not arrived:
        return None
    fastest = min(arrived, key=lambda row: (times[row], losses[row].mean()))
    return trainings[fastest].setting["learning_rate"]


def _held_out(rates, losses, stable, rules) -> dict:
    """Choose on the even seeds, measure on the odd ones, so that no seed vouches for its own choice.

    What is stable is known from all seeds: half of them could seldom show a small share of failures.
    """
    chooses, reports = losses[:, ::2], losses[:, 1::2]
    if chooses.shape[1] < 2:
        return {}
    chosen = nearest_centre(rates, plateau_rates(chooses, stable, rules["epsilon"]))
    replicates = statistics.resampled_means(reports[[chosen]], rules["resamples"])[:, 0]
    several = reports.shape[1] > 1
    return {
        "held_out_loss": reports[chosen].mean(),
        "held_out": {
            "learning_rate": rates[chosen],
            "interval": statistics.interval(replicates, rules["confidence"]) if several else None,
            "seeds_choosing": chooses.shape[1],
            "seeds_reporting": reports.shape[1],
        },
    }


def _sensitivity(rates, losses, means, confidence) -> dict | None:
    if len(rates) == 1:
        return None
    bounds = statistics.interval(statistics.sensitivity(rates, means), confidence)
    return {
        "value": statistics.sensitivity(rates, losses.mean(axis=1)),
        "interval": bounds if losses.shape[1] > 1 else None,
        "range": rates[[0, -1]],
    }


def seeds_needed(losses: np.ndarray, resamples: int) -> dict:
    """Return, for each number in `FEW_SEEDS`, how likely a study of so many seeds goes wrong.

    Such a study is a draw of that many of the seeds, with replacement; it picks the rate with the lowest
    mean. It goes wrong where that rate's mean over all seeds, taken as the truth, is over 10 % (`WRONG`)
    above the best. None for numbers beyond that of the seeds, and for a single seed or rate.
    """
    rates, seeds = losses.shape
    truth = losses.mean(axis=1)
    wrong = truth > (1 + WRONG) * truth.min()
    shares = {}
    for size in FEW_SEEDS:
        known = rates > 1 and 1 < seeds >= size
        picked = statistics.resampled_means(losses, resamples, size).argmin(axis=1) if known else None
        shares[str(size)] = wrong[picked].mean() if known else None
    return shares


# The edge of the grid


def edge_warning(rates: np.ndarray, best: int, study: str) -> str | None:
    """Return None for a best rate inside the grid, else a warning with the config line that extends it."""
    lower, upper = best == 0, best == len(rates) - 1
    if not (lower or upper):
        return None
    where = "the only rate" if lower and upper else "the lowest rate" if lower else "the highest rate"
    longer = extended(rates, lower, upper)
    return (
        f"the best learning rate, {_short(rates[best])}, is {where} of the grid, so a better one may lie "
        f"beyond; in config/studies/{study}.yaml, under vary, write learning_rate: {longer}"
    )


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
    texts = [*map(_short, reversed(below)), *written, *map(_short, above)]
    return f"{{log: [{texts[0]}, {texts[-1]}, {len(texts)}]}}" if even else f"[{', '.join(texts)}]"


def _further(rate: float, ratio: float) -> list[float]:
    steps = int(np.ceil(1 / abs(np.log10(ratio)) - 1e-3))
    return [rate * ratio**step for step in range(1, steps + 1)]


def _short(number: float) -> str:
    """Write a number with at most four digits and no exponent: YAML would read 1e-05 as text."""
    return np.format_float_positional(number, precision=4, fractional=False, trim="-")


# Batch sizes


def batch_scaling(groups: dict[str, list[Training]], resamples: int, confidence: float) -> dict:
    """Return the exponent α in best rate ∝ batch size^α, with its bootstrap interval.

    α is the least-squares slope of log best rate on log batch size. The best rate of a batch size is the
    vertex of the parabola, in log rate, through the lowest mean loss and its two neighbours. A batch size
    whose lowest loss is at the edge of the grid has no such rate and is left out, in each resample anew;
    fewer than three batch sizes give no exponent. `linear` (α = 1: Goyal et al. 2017, "Accurate, large
    minibatch SGD") and `square_root` (α = ½: Krizhevsky 2014, "One weird trick for parallelizing
    convolutional neural networks") say whether the interval holds the rule's exponent; `resamples_without`
    is the share of resamples that give none.
    """
    batches = np.array([float(label) for label in groups])
    observed, replicates = [], []
    for group in groups.values():
        rates, losses = tables(group)
        observed.append(_vertex(rates, losses.mean(axis=1)[None])[0])
        replicates.append(_vertex(rates, statistics.resampled_means(losses, resamples)))
    alpha = _slope(np.log10(batches), np.array(observed)[None])[0]
    slopes = _slope(np.log10(batches), np.stack(replicates, axis=1))
    slopes = slopes[np.isfinite(slopes)]
    several = losses.shape[1] > 1 and np.isfinite(alpha) and slopes.size > 0
    low, high = statistics.interval(slopes, confidence) if several else (None, None)
    return {
        "alpha": alpha,
        "interval": [low, high] if several else None,
        "linear": bool(low <= 1 <= high) if several else None,
        "square_root": bool(low <= 0.5 <= high) if several else None,
        "best_rates": [[int(batch), 10**rate] for batch, rate in zip(batches, observed, strict=True)],
        "resamples_without": float(1 - len(slopes) / resamples),
    }


def _vertex(rates: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Return log10 of the best rate for each row of `losses` (rows, rates); NaN where it is at the edge."""
    if len(rates) < 3:
        return np.full(len(losses), np.nan)
    logs = np.log10(rates)
    best = losses.argmin(axis=1)
    inside = np.clip(best, 1, len(rates) - 2)
    rows = np.arange(len(losses))
    left, right = logs[inside] - logs[inside - 1], logs[inside] - logs[inside + 1]
    with_left = losses[rows, inside] - losses[rows, inside + 1]
    with_right = losses[rows, inside] - losses[rows, inside - 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = (left**2 * with_left - right**2 * with_right) / (left * with_left - right * with_right) / 2
    vertex = logs[inside] - np.where(np.isfinite(shift), shift, 0)  # three equal losses have no vertex
    return np.where(best == inside, vertex, np.nan)


def _slope(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the least-squares slope on `x` of each row of `y` (rows, points) with three points or more.

    NaN in `y` is a point left out; NaN is the slope of too few.
    """
    known = np.isfinite(y)
    number = known.sum(axis=1)
    weights = known / np.maximum(number, 1)[:, None]
    spread = x - (weights @ x)[:, None]
    values = np.where(known, y, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (weights * spread * values).sum(axis=1) / (weights * spread**2).sum(axis=1)
    return np.where(number >= 3, slope, np.nan)


# The sentence


def _no_answer(rates, failed, stable, rules, seeds) -> str | None:
    """Return why no rate can be recommended, or None where one can."""
    if len(rates) < 2:
        return "with a single learning rate there is nothing to choose from"
    if seeds < 2:
        return "a single seed cannot tell a good rate from a lucky one"
    if stable.size:
        return None
    limit = _percent(rules["failure_limit"])
    _, upper = statistics.wilson(0, seeds, rules["confidence"])
    if failed.min() == 0:
        return (
            f"{seeds} seeds are too few to call a rate stable: though none failed, up to {_percent(upper)} "
            f"might, and the limit is {limit}; {_seeds_for_stability(rules)} seeds can show it"
        )
    return (
        f"no rate is stable: at every one of them at least {failed.min()} of {seeds} seeds failed, "
        f"too many to show a share of at most {limit}"
    )


def _seeds_for_stability(rules: dict) -> int:
    """Return the fewest seeds that, none failing, bring Wilson's upper bound z² / (n + z²) to the limit."""
    z = NormalDist().inv_cdf((1 + rules["confidence"]) / 2)
    return int(np.ceil(z**2 * (1 - rules["failure_limit"]) / rules["failure_limit"]))


def _sentence(answer: dict, reason: str | None, rules: dict) -> str:
    if reason is not None:
        return (
            f"No learning rate is recommended: {reason}; "
            f"the lowest mean loss was {answer['best_loss']:.3g}, at {_short(answer['best'])}."
        )
    low, high = (_short(rate) for rate in answer["plateau"])
    stable_low, stable_high = (_short(rate) for rate in answer["stable_range"])
    wins = _percent(answer["win_share"])
    best_is_stable = answer["stable_range"][0] <= answer["best"] <= answer["stable_range"][1]
    kind = "measured" if best_is_stable else "stable"
    plateau = f"no other {kind} rate is as good" if low == high else f"{low} to {high} are as good"
    unstable = "" if best_is_stable else f"; {_short(answer['best'])} had a lower loss and is not stable"
    edge = "" if answer["edge_warning"] is None else "; but the best lies at the edge of the grid: extend it"
    return (
        f"Use a learning rate of {_short(answer['recommended'])}: {plateau}, {stable_low} to {stable_high} "
        f"are stable, and it was the best in {wins} of {rules['resamples']} resamples of {answer['seeds']} "
        f"seeds{unstable}{edge}."
    )


def _percent(share: float) -> str:
    return f"{100 * float(share):.3g} %"


def _uncapitalised(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def jsonable(value):
    """Return `value` with NumPy's numbers and arrays as Python's, and None for what is not finite."""
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [jsonable(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
