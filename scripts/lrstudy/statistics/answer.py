"""The answer of a study: which learning rate, how sure, and what it costs to be wrong.

Two thirds of the seeds choose the rate, every third one reports on it: its loss, the rates nearly as good, what others
cost. Everything works on tables with one row for each learning rate (ascending) and one column for each seed. A rate's
loss is the mean over seeds of the capped final loss (see `lrstudy.statistics.trainings`). docs/method.md explains every
number of the answer; `KEYS` and `PAIR_KEYS` list them.
"""

from collections.abc import Sequence

import numpy as np

from lrstudy.io import jsonable
from lrstudy.statistics import good_range, new_rows
from lrstudy.statistics.batch_scaling import batch_scaling
from lrstudy.statistics.budget import longer
from lrstudy.statistics.grids import (
    by_other_settings,
    edge,
    limit,
    seeds_needed,
    sensitivity_of_study,
    stability,
    steadied,
    tables,
)
from lrstudy.statistics.outcomes import failures
from lrstudy.statistics.sentence import no_answer, sentence, uncapitalised, value_phrase
from lrstudy.statistics.times import fastest, target_loss
from lrstudy.statistics.trainings import Training, capped

KEYS = {
    "recommended": "the measured rate with the lowest mean loss over the seeds that choose, two of three, among those "
    "not shown to fail in more seeds than the failure limit allows",
    "good_range": "[lowest, highest] of the rates that hold the best one, at the confidence, and those nearly as good "
    "(a loss at most epsilon, 10 %, above the recommended rate's) on the seeds that report, see `good_range`",
    "good_rates": "the measured rates of that range",
    "costs": "for 0.1, 1/3, 3 and 10 times the recommended rate: `factor`, `learning_rate`, `loss_ratio` (the loss as "
    "a multiple of the recommended rate's), `accuracy_points` (test accuracy above the recommended rate's, in "
    "percentage points) and `failed` (share of seeds), each with an interval; `between` is the measured rate or the "
    "two neighbours that the numbers are interpolated from, linear in the log rate. All null beyond the grid",
    "new_rows": "the recommended rate's `loss` on the test rows of the seeds that report, `interval` for the loss on "
    "new rows from the same source at the `confidence`, by the `method`; null where all seeds have one split, which "
    "says nothing of other rows",
    "seed_spread": "5 %, 50 % and 95 % quantiles of that loss over those seeds: what one training may give",
    "accuracy": "the mean test accuracy at the recommended rate over those seeds",
    "sure": "share of draws of those seeds, and of rows where seeds have splits of their own, in which the recommended "
    "rate is nearly as good as the best: its loss at most epsilon above the lowest, also of rates that fail too often",
    "regret_bound": "how far above the lowest loss the recommended rate's may be: the quantile, at the confidence, "
    "over those draws; 0.1 is 10 %",
    "edge": "null, or for a recommended rate at the edge of the grid: its `side`, and the `file`, `line` and what to "
    "`write` there to extend the grid",
    "longer": "null, or where the best rate moves with the epochs: best rate at half the `epochs` and whether a longer "
    "training would choose a `lower` or `higher` one, see `budget`",
    "split": "`each`: every seed has a split of its own; `one`: all seeds share one, and the answer holds on it",
    "remedy": "null, or what would give an answer where there is none",
    "failed": "share of all seeds that fail at the recommended rate",
    "fastest_safe": "the stable rate whose median seed is first at the target loss; of equals the best",
    "stable_range": "[lowest, highest] of the unbroken run of rates around the recommended one at which the share of "
    "failed seeds is at most the failure limit",
    "stable_decades": "width of the stable range, log10(highest / lowest)",
    "largest_stable": "the highest rate of the stable range",
    "largest_stable_interval": "[a, b]: the rate beyond which more seeds fail than the limit allows lies between a, "
    "the highest up to which all are shown to be stable (Wilson's upper bound within the limit), and b, the lowest "
    "above it shown not to be (his lower bound above the limit); null where the grid has no such rate",
    "best": "the rate with the lowest mean loss over all seeds, whether or not it fails too often",
    "best_loss": "that loss",
    "sensitivity": "learning-rate sensitivity over the `range` [a, b] with its interval, see `sensitivity`",
    "seeds_needed": "number of seeds: probability that a study of that many picks, by the lowest mean, a "
    "rate whose true loss is over epsilon above the best; null beyond the number of seeds at hand",
    "target_loss": "the validation loss that `fastest_safe` is timed to",
    "limit": "null, or theory beside measurement: the rate beyond which gradient descent over all rows at once leaves "
    "the optimum, for a network without hidden layers, see `limits`",
    "seeds": "number of seeds behind all of this",
    "sentence": "the answer in a few sentences",
}

# More keys where the study varies a second setting; those above are then the answer for its best value.
PAIR_KEYS = {
    "at": "the value of the second setting that the seeds that choose find best at its recommended rate; `sure`, the "
    "share of draws of the others in which it is nearly as good as any value at its own; `not_worse`, the values that "
    "are not shown to be worse: their interval of `own_best` in comparisons.csv does not lie on that side of zero",
    "by": "the answer for every value of the second setting",
    "batch_scaling": "for batch sizes: the exponent of best rate ∝ batch size^alpha at equal epochs, and at equal "
    "steps",
}

# The keys of each answer that `side_by_side` shows, beside the study and the dataset.
SIDE_BY_SIDE = ("recommended", "split", "sure", "regret_bound", "seeds", "sentence")


NO_RATES = "The study does not vary the learning rate, so it recommends none."


def recommend(trainings: Sequence[Training], reference: dict, settings: dict) -> dict:
    """Return the content of `recommendation.json` for a study that varies the learning rate.

    `reference` holds the values of reference.json. For a study that does not vary the rate there is only the `reason`
    why it has no answer. Where a second setting varies, the answer for each of its values is under `by`, the answer
    for the best pair at the top level, and `at` gives that value and how sure it is. A study over batch sizes also
    has `batch_scaling` (see there). Numbers that do not exist are None.
    """
    if not settings["answers"]:
        return {"recommended": None, "reason": NO_RATES}
    answer = jsonable(_recommendation(trainings, reference, settings))
    answer["sentence"] = f"{answer['sentence']} {settings['left_out']}".rstrip()
    return answer


def _recommendation(trainings: Sequence[Training], reference: dict, settings: dict) -> dict:
    test_train_ratio = new_rows.test_train_ratio(reference, settings)
    groups = by_other_settings(trainings)
    target = target_loss(trainings, settings)
    definitions = dict(zip(map(id, trainings), settings["trainings"], strict=True))
    answers = {
        label: _answer(group, definitions[id(group[0])], target, reference, settings) for label, group in groups.items()
    }
    if len(settings["vary"]) == 1:
        return next(iter(answers.values()))
    (other,) = (name for name in settings["vary"] if name != "learning_rate")
    label = _best_value(groups, answers)
    against = _against_others(groups, answers, label, test_train_ratio, settings["statistics"])
    answer = {**answers[label], "at": {other: label, **against}}
    answer["by"] = answers
    beginning = value_phrase(other.replace("_", " "), label, against["not_worse"], len(groups) - 1)
    answer["sentence"] = f"{beginning}, {uncapitalised(answer['sentence'])}"
    if other == "batch_size":
        train_rows = reference["train_rows"]
        answer["batch_scaling"] = batch_scaling(groups, train_rows, test_train_ratio, settings["statistics"])
    return answer


def _answer(trainings: Sequence[Training], definition: dict, target: float, reference: dict, settings: dict) -> dict:
    """Return the answer for trainings that differ in nothing but the learning rate; `definition` is the first's."""
    options, test_train_ratio = settings["statistics"], new_rows.test_train_ratio(reference, settings)
    rates, losses = tables(trainings)
    failed = np.stack([failures(training, reference) for training in trainings])
    seeds, best = losses.shape[1], int(losses.mean(axis=1).argmin())
    chosen, allowed = good_range.recommended(losses, failed, options)
    reason, remedy = no_answer(rates, failed, allowed, best, settings) or (None, None)
    answer = {
        **dict.fromkeys(KEYS),
        "split": definition["split"],
        "limit": limit(definition, reference, settings),
        "best": rates[best],
        "best_loss": losses[best].mean(),
        "sensitivity": sensitivity_of_study(rates, losses, test_train_ratio, options),
        "seeds_needed": seeds_needed(losses, options),
        "target_loss": target,
        "seeds": seeds,
        "remedy": remedy,
    }
    rivals = False
    if reason is None and chosen is not None:
        answer |= stability(rates, failed, chosen, options)
        stable = [each for each in trainings if answer["stable_range"][0] <= _rate(each) <= answer["stable_range"][1]]
        reported, rivals = _reported(trainings, failed, chosen, allowed, test_train_ratio, options)
        answer |= {
            "recommended": rates[chosen],
            "failed": failed[chosen].mean(),
            **reported,
            "fastest_safe": fastest(stable, target),
            "edge": edge(rates, chosen, settings),
            "longer": longer(trainings, allowed, test_train_ratio, options),
        }
    answer["sentence"] = sentence(answer, reason, rivals, options)
    return answer


def _rate(training: Training) -> float:
    return training.setting["learning_rate"]


def _reported(
    trainings: Sequence[Training],
    failed: np.ndarray,
    chosen: int,
    allowed: np.ndarray,
    test_train_ratio: float,
    options: dict,
) -> tuple[dict, bool]:
    """Return the part of the answer that the reporting seeds give: the chosen rate and those beside it.

    And whether a rate that fails too often may be as good as the chosen one: its loss is nearly as low, or the lowest
    in any draw.
    """
    rates, losses = tables(trainings)
    _, reports = good_range.parts(losses.shape[1])
    spread = np.quantile(losses[chosen, reports], [0.05, 0.5, 0.95], method="inverted_cdf")
    losses = steadied(trainings, reports, test_train_ratio)
    accuracies = np.stack([training.val_accuracy[reports, -1].astype(float) for training in trainings])
    measured = {"losses": losses, "accuracies": accuracies, "failed": failed[:, reports]}
    good = good_range.good_rates(losses, chosen, allowed, test_train_ratio, options)
    interval = new_rows.loss_interval(losses[chosen], test_train_ratio, options["confidence"])
    method = "Nadeau and Bengio's corrected variance over the last two epochs, Student's t on the loss's logarithm"
    on_new_rows = {"interval": interval, "confidence": options["confidence"], "method": method}
    regrets, lowest = good_range.regrets(losses, chosen, test_train_ratio, options)
    means, passed_over = losses.mean(axis=1), np.delete(np.arange(len(rates)), allowed)
    near = means[passed_over] <= (1 + options["epsilon"]) * means[chosen]
    reported = {
        "good_range": rates[[good[0], good[-1]]],
        "good_rates": rates[good],
        "costs": good_range.costs(rates, measured, chosen, test_train_ratio, options),
        "new_rows": {"loss": losses[chosen].mean(), **on_new_rows} if test_train_ratio else None,
        "seed_spread": spread,
        "accuracy": accuracies[chosen].mean(),
        "sure": (regrets <= options["epsilon"]).mean(),
        "regret_bound": np.quantile(regrets, options["confidence"], method="inverted_cdf"),
    }
    return reported, bool(near.any() or np.isin(lowest, passed_over).any())


def _best_value(groups: dict, answers: dict) -> str:
    """Return the value of the second setting whose recommended rate has the lowest loss, on the seeds that chose it."""

    def rank(label: str) -> tuple:
        rates, losses = tables(groups[label])
        recommended, chooses = answers[label]["recommended"], good_range.parts(losses.shape[1])[0]
        means = losses[:, chooses].mean(axis=1)
        return (True, means.min()) if recommended is None else (False, means[rates == recommended][0])

    return min(answers, key=rank)


def _against_others(groups: dict, answers: dict, label: str, test_train_ratio: float, options: dict) -> dict:
    """Return how the chosen value compares with the others on the reporting seeds, each at its recommended rate."""
    losses, steady = {}, {}
    for name, group in groups.items():
        if (recommended := answers[name]["recommended"]) is not None:
            best = [training for training in group if _rate(training) == recommended]
            _, reports = good_range.parts(best[0].seeds)
            losses[name], steady[name] = capped(best[0])[reports], steadied(best, reports, test_train_ratio)[0]
    if label not in losses:
        return {"sure": None, "not_worse": None}
    drawn = new_rows.drawn_means(np.stack(list(steady.values())), test_train_ratio, options["resamples"])
    near = drawn[:, list(steady).index(label)] <= (1 + options["epsilon"]) * drawn.min(axis=1)
    excess = {name: one - losses[label] for name, one in losses.items()}
    confidence = options["confidence"]
    lowest = {name: new_rows.mean_interval(one, test_train_ratio, confidence)[0] for name, one in excess.items()}
    return {"sure": near.mean(), "not_worse": [name for name in losses if name != label and lowest[name] <= 0]}


def side_by_side(answers: Sequence[dict], asked: Sequence[dict]) -> list[dict]:
    """Return a row for each answer: what was `asked` (study, dataset, …), then ranges and `SIDE_BY_SIDE`.

    Numbers that do not exist are None, as they are in the answers.
    """
    rows = []
    for answer, question in zip(answers, asked, strict=True):
        row = dict(question)
        for name, key in (("good", "good_range"), ("stable", "stable_range")):
            row[f"{name}_low"], row[f"{name}_high"] = answer[key] or (None, None)
        found = answer["new_rows"] or {}
        row["loss"] = found.get("loss")
        row["loss_low"], row["loss_high"] = found.get("interval") or (None, None)
        rows.append({**row, **{name: answer[name] for name in SIDE_BY_SIDE}})
    return rows
