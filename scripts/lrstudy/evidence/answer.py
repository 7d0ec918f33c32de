"""The answer of a study: which learning rate, how sure, and what it costs to be wrong.

Everything here works on two tables with one row for each learning rate (ascending) and one column for each
seed: capped final losses (see `lrstudy.evidence.trainings`) and whether the seed failed. A rate's loss is the mean of
its row. `KEYS` and `PAIR_KEYS` list what `recommendation.json` holds.
"""

from collections.abc import Sequence

import numpy as np

from lrstudy.evidence.batch_scaling import batch_scaling
from lrstudy.evidence.edge import edge_warning
from lrstudy.evidence.grids import by_other_settings, tables
from lrstudy.evidence.outcomes import failures
from lrstudy.evidence.plateau import nearest_centre, plateau_rates
from lrstudy.evidence.resampling import interval, resampled_means
from lrstudy.evidence.seeds_needed import seeds_needed
from lrstudy.evidence.sensitivity import sensitivity_of_study
from lrstudy.evidence.sentence import no_answer, sentence, uncapitalised
from lrstudy.evidence.stability import stability, stable_rates
from lrstudy.evidence.times import epochs_to, median_time, target_loss
from lrstudy.evidence.trainings import Training
from lrstudy.files.formats import jsonable

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
    target = target_loss(trainings, settings)
    groups = by_other_settings(trainings)
    answers = {label: _answer(group, target, settings) for label, group in groups.items()}
    if len(settings["vary"]) == 1:
        return jsonable(next(iter(answers.values())))
    (other,) = (name for name in settings["vary"] if name != "learning_rate")
    label = min(answers, key=lambda label: _rank(answers[label]))
    resamples = settings["statistics"]["resamples"]
    at = {other: label, "win_share": _label_win_share(groups, label, resamples)}
    answer = {**answers[label], "at": at, "by": answers}
    answer["sentence"] = f"With {other} {label}, {uncapitalised(answer['sentence'])}"
    if other == "batch_size":
        answer["batch_scaling"] = batch_scaling(groups, resamples, settings["statistics"]["confidence"])
    return jsonable(answer)


def _rank(answer: dict) -> tuple:
    """Order answers: those with a recommendation first, then by the loss it brings."""
    if answer["recommended"] is None:
        return True, answer["best_loss"]
    return False, answer["recommended_loss"]


def _label_win_share(groups: dict, label: str, resamples: int) -> float:
    means = (resampled_means(tables(group)[1], resamples) for group in groups.values())
    lowest = [mean.min(axis=1) for mean in means]
    return float((np.argmin(lowest, axis=0) == list(groups).index(label)).mean())


def _answer(trainings: Sequence[Training], target: float, settings: dict) -> dict:
    """Return the answer for trainings that differ in nothing but the learning rate."""
    rules = settings["statistics"]
    rates, losses = tables(trainings)
    failed = np.array([failures(training).sum() for training in trainings])
    seeds = losses.shape[1]
    means = resampled_means(losses, rules["resamples"])
    wins = np.bincount(means.argmin(axis=1), minlength=len(rates)) / len(means)
    best = int(losses.mean(axis=1).argmin())
    stable = stable_rates(losses, failed, seeds, rules)
    reason = no_answer(rates, failed, stable, rules, seeds)
    answer = {
        **dict.fromkeys(KEYS),
        "best": rates[best],
        "best_loss": losses[best].mean(),
        "win_shares": np.stack([rates, wins], axis=1),
        "sensitivity": sensitivity_of_study(rates, losses, means, rules["confidence"]),
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
    answer["sentence"] = sentence(answer, reason, rules)
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


def _fastest(trainings, stable, losses, target) -> float | None:
    times = {row: median_time(*epochs_to(trainings[row], target)) for row in stable}
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
    replicates = resampled_means(reports[[chosen]], rules["resamples"])[:, 0]
    several = reports.shape[1] > 1
    return {
        "held_out_loss": reports[chosen].mean(),
        "held_out": {
            "learning_rate": rates[chosen],
            "interval": interval(replicates, rules["confidence"]) if several else None,
            "seeds_choosing": chooses.shape[1],
            "seeds_reporting": reports.shape[1],
        },
    }
