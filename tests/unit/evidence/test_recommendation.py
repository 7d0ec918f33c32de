"""The answer of a study, against simulated histories whose truth is known and against real banknotes."""

import csv
import io
import json
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.stats
import yaml

import compare
import recommend
from lrstudy.evidence import answer as answers
from lrstudy.evidence import comparisons, edge, histories, plateau, resampling, seeds_needed, stability
from lrstudy.evidence.batch_scaling import batch_scaling
from lrstudy.evidence.sensitivity import sensitivity
from lrstudy.evidence.trainings import Training
from lrstudy.files import parquet
from lrstudy.plan import settings

SIMULATION_SEED = 20_260_102
SIMULATIONS = 1_000
RULES = {"epsilon": 0.01, "failure_limit": 0.05, "confidence": 0.95, "resamples": 2_000, "target_loss": None}
RATES = np.array([0.001, 0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0])
LEVELS = np.array([0.5, 0.3, 0.1, 0.1, 0.1, 0.15, 0.2, 0.4])
FAILING = np.array([0, 0, 0, 0, 0, 0, 0.2, 0.6])


def generator(*number):
    return np.random.Generator(np.random.PCG64([SIMULATION_SEED, *number]))


def trainings_of(final, **setting) -> list[Training]:
    """Return trainings, one for each row of final losses (trainings, seeds), all of which start at a loss of 1.

    `setting` gives each varied setting's values, one for each training.
    """
    made = []
    for place, losses in enumerate(np.asarray(final, np.float32)):
        curves = np.stack([np.ones_like(losses), losses], axis=1)
        values = {name: options[place] for name, options in setting.items()}
        made.append(Training(values, curves, np.full_like(curves, 0.9), curves, np.full_like(curves, 0.9)))
    return made


def simulated(number=0, seeds=100, levels=LEVELS, failing=FAILING, rates=RATES) -> list[Training]:
    """Return a study over rates whose seeds are paired: a common factor, a little noise, some that diverge."""
    random = generator(number)
    common, own = random.normal(0, 0.2, seeds), random.normal(0, 0.02, (len(rates), seeds))
    losses = np.asarray(levels)[:, None] * np.exp(common + own)
    losses[random.random(losses.shape) < np.asarray(failing)[:, None]] = 2
    return trainings_of(losses, learning_rate=rates.tolist())


def study_settings(trainings, **rules):
    return {
        "study": "simulated",
        "title": "Simulated",
        "vary": list(trainings[0].setting),
        "trainings": [{"epochs": one.epochs, "learning_rate": 0.01, **one.setting} for one in trainings],
        "seeds": trainings[0].seeds,
        "statistics": RULES | rules,
        "logistic": ["logistic"],
    }


def answer_of(trainings, **rules):
    return answers.recommend(trainings, study_settings(trainings, **rules))


def write_histories(path, trainings):
    parts = []
    for one in trainings:
        curves = np.stack([getattr(one, name) for name in histories.METRICS], axis=2)
        parts.append(histories.to_table(curves.astype(np.float32), 1000))
    expected = study_settings(trainings)
    parquet.write(path, histories.join(parts, expected["vary"], expected["trainings"]))


# Range, plateau, choice


def test_the_answer_to_a_study_of_known_truth():
    answer = answer_of(simulated())
    assert set(answer) == set(answers.KEYS)
    assert answer["plateau"] == [0.1, 1.0]
    assert answer["plateau_rates"] == [0.1, 0.3, 1.0]
    assert answer["recommended"] == 0.3
    assert answer["recommended_loss"] == pytest.approx(0.1, rel=0.1)
    assert answer["stable_range"] == [0.001, 3.0]
    assert answer["stable_decades"] == pytest.approx(np.log10(3000))
    assert (answer["largest_stable"], answer["largest_stable_interval"]) == (3.0, [3.0, 10.0])
    assert answer["edge_warning"] is None
    assert answer["seeds"] == 100
    assert sum(share for _, share in answer["win_shares"]) == pytest.approx(1)
    assert dict(answer["win_shares"])[0.3] == answer["win_share"]
    assert answer["sensitivity"]["range"] == [0.001, 100.0]
    assert "0.3" in answer["sentence"] and "0.1 to 1 are as good" in answer["sentence"]


def test_the_right_plateau_is_found_again_and_again():
    found = [answer_of(simulated(number), resamples=100)["plateau"] for number in range(200)]
    assert np.mean([plateau == [0.1, 1.0] for plateau in found]) >= 0.95


def test_the_order_of_the_config_does_not_matter():
    trainings = simulated()
    assert answer_of(trainings[::-1]) == answer_of(trainings)


def test_a_certain_but_tiny_difference_is_forgiven_by_epsilon_alone():
    trainings = simulated(seeds=2_000, levels=LEVELS * [1, 1, 1, 1.005, 1, 1, 1, 1])
    assert answer_of(trainings)["plateau"] == [0.1, 1.0]
    assert answer_of(trainings, epsilon=0)["plateau"] != [0.1, 1.0]


def test_a_difference_within_one_standard_error_is_forgiven():
    difference = np.array([0.5, -0.3] * 50)  # mean 0.1, standard error 0.0402
    losses = np.stack([np.full(100, 0.2), 0.2 + 0.39 * difference, 0.2 + 0.41 * difference])
    rates, stable = np.array([1, 2, 4]), np.arange(3)
    shifted = losses - np.array([0, 0.39 * 0.1, 0.41 * 0.1])[:, None]
    error = 0.4 / np.sqrt(99)
    assert (losses[1] - losses[0]).std(ddof=1) / 10 == pytest.approx(0.39 * error)
    shifted[1] += 0.38 * error
    shifted[2] += 0.42 * error
    assert plateau.plateau_rates(shifted, stable, 0).tolist() == [0, 1]
    assert plateau.nearest_centre(rates, np.array([0, 1])) == 0


def test_the_stable_range_is_unbroken():
    failing = [0, 0, 0.5, 0, 0, 0, 0, 0.5]
    assert answer_of(simulated(failing=failing))["stable_range"] == [0.3, 10.0]


def test_seeds_that_are_not_finite_have_failed():
    losses = np.full((3, 100), 0.2)
    losses[1], losses[2, :20] = 0.1, np.nan
    answer = answer_of(trainings_of(losses, learning_rate=[0.1, 1.0, 10.0]))
    assert answer["stable_range"] == [0.1, 1.0]
    json.dumps(answer, allow_nan=False)


def test_the_interval_of_the_largest_stable_rate_covers_the_truth():
    """The share of failed seeds grows with the rate and is 5 % at a rate of 1, between two rates of the grid."""
    rates = np.logspace(-2, 2, 18)
    share = scipy.special.expit(np.log(0.05 / 0.95) + 3 * np.log10(rates))
    failed = generator(1).binomial(500, share, (SIMULATIONS, len(rates)))
    losses = np.ones((len(rates), 1))
    held = []
    for counts in failed:
        stable = stability.stable_rates(losses, counts, 500, RULES)
        low, high = stability.stability(rates, counts, stable, 500, RULES)["largest_stable_interval"]
        held.append(low <= 1 <= high)
    assert np.mean(held) >= 0.93  # conservative: between two rates of a grid nothing is told apart


def test_the_fastest_safe_rate_is_first_at_the_target():
    curves = np.array([[1, 0.6, 0.3, 0.1], [1, 0.15, 0.15, 0.15], [1, 0.15, 0.14, 0.12], [1, 0.05, 2, 2]])
    trainings = [
        Training({"learning_rate": rate}, *[np.tile(curve, (100, 1))] * 4)
        for rate, curve in zip([0.1, 0.2, 0.4, 0.8], curves, strict=True)
    ]
    assert answer_of(trainings, target_loss=0.16)["fastest_safe"] == 0.4
    assert answer_of(trainings, target_loss=0.11)["fastest_safe"] == 0.1
    assert answer_of(trainings, target_loss=0.01)["fastest_safe"] is None


# How sure


def test_win_shares_are_those_of_a_plain_bootstrap():
    losses = generator(2).normal([[0.50], [0.49], [0.52]], 0.05, (3, 100))
    answer = answer_of(trainings_of(losses, learning_rate=[0.1, 1.0, 10.0]))
    random = generator(3)
    winners = [losses[:, random.integers(100, size=100)].mean(axis=1).argmin() for _ in range(4_000)]
    expected = np.bincount(winners, minlength=3) / 4_000
    assert [share for _, share in answer["win_shares"]] == pytest.approx(expected, abs=0.04)


def test_the_held_out_loss_is_not_that_of_the_choosing_seeds():
    losses = np.empty((3, 100))
    losses[:, ::2] = np.array([[0.1], [0.2], [0.3]])
    losses[:, 1::2] = np.array([[0.35], [0.2], [0.3]])
    answer = answer_of(trainings_of(losses, learning_rate=[0.1, 1.0, 10.0]))
    assert answer["held_out_loss"] == pytest.approx(0.35)
    assert answer["held_out"]["learning_rate"] == 0.1
    assert (answer["held_out"]["seeds_choosing"], answer["held_out"]["seeds_reporting"]) == (50, 50)


def test_seeds_needed_is_the_probability_that_the_normal_distribution_gives():
    difference, spread = 0.2, 0.6
    noise = generator(4).normal(0, spread, 5_000)
    losses = np.stack([np.full(5_000, 1.0), 1.0 + difference + noise - noise.mean()])
    shares = seeds_needed.seeds_needed(losses, 2_000)
    for seeds in seeds_needed.FEW_SEEDS:
        expected = scipy.stats.norm.cdf(-difference * np.sqrt(seeds) / spread)
        assert shares[str(seeds)] == pytest.approx(expected, abs=0.03)
    assert seeds_needed.seeds_needed(losses[:, :7], 100)["10"] is None


@pytest.mark.parametrize(("excess", "wrong"), [(0.09, 0.0), (0.11, 0.5)])
def test_a_choice_is_wrong_if_over_ten_per_cent_worse(excess, wrong):
    worse = np.tile([0.5 + excess, 1.5 + excess], 50)  # on half the seeds the better rate by far
    losses = np.stack([np.tile([1.5, 0.5], 50), worse])
    assert seeds_needed.seeds_needed(losses, 2_000)["1"] == pytest.approx(wrong, abs=0.05)


def test_the_interval_of_the_sensitivity_covers_the_truth():
    rates, levels = np.logspace(-2, 2, 5), np.array([0.6, 0.4, 0.2, 0.3, 0.5])
    truth = sensitivity(rates, levels)
    held = []
    for number in range(SIMULATIONS):
        losses = levels[:, None] + generator(5, number).gumbel(-0.05772, 0.1, (5, 100))
        replicates = sensitivity(rates, resampling.resampled_means(losses, 1_000))
        low, high = resampling.interval(replicates, 0.95)
        held.append(low <= truth <= high)
    assert 0.93 <= np.mean(held) <= 0.97, np.mean(held)


# Where there is no answer


def test_too_few_seeds_to_call_anything_stable():
    answer = answer_of(simulated(seeds=72, failing=0 * FAILING))
    assert answer["recommended"] is answer["stable_range"] is answer["held_out_loss"] is None
    assert answer["best"] in (0.1, 0.3, 1.0)
    assert "73 seeds can show it" in answer["sentence"]
    assert answer_of(simulated(seeds=73, failing=0 * FAILING))["recommended"] == 0.3


def test_nothing_stable():
    answer = answer_of(simulated(failing=np.full(8, 0.5)))
    assert answer["recommended"] is answer["plateau"] is answer["fastest_safe"] is None
    assert answer["sentence"].startswith("No learning rate is recommended: no rate is stable")


@pytest.mark.parametrize("losses", [[[0.1] * 100], [[0.1], [0.2], [0.3]], [[np.nan]], [[np.nan, 0.3], [0.1, np.inf]]])
def test_one_rate_or_hardly_any_seed_gives_an_honest_answer(losses):
    answer = answer_of(trainings_of(losses, learning_rate=[0.1, 0.2, 0.4][: len(losses)]))
    assert answer["recommended"] is None
    assert answer["sentence"].startswith("No learning rate is recommended: ")
    json.dumps(answer, allow_nan=False)


# The edge of the grid


@pytest.mark.parametrize(
    ("rates", "best", "expected"),
    [
        ([0.01, 0.05, 0.1, 0.5], 3, "[0.01, 0.05, 0.1, 0.5, 2.5, 12.5]"),
        ([0.01, 0.05, 0.1, 0.5], 0, "[0.0004, 0.002, 0.01, 0.05, 0.1, 0.5]"),
        ([0.1, 0.2], 1, "[0.1, 0.2, 0.4, 0.8, 1.6, 3.2]"),
        ([0.1, 0.2, 0.21], 2, "[0.1, 0.2, 0.21, 0.42, 0.84, 1.68, 3.36]"),
        ([0.00001], 0, "[0.000001, 0.00001, 0.0001]"),
        ([0.001, 0.003162, 0.01], 2, "{log: [0.001, 0.1, 5]}"),
        (settings.spell_out({"log": [0.0001, 100, 25]}), 24, "{log: [0.0001, 1000, 29]}"),
        (settings.spell_out({"log": [0.0001, 100, 25]}), 0, "{log: [0.00001, 100, 29]}"),
    ],
)
def test_the_warning_names_the_line_that_extends_the_grid(rates, best, expected):
    warning = edge.edge_warning(np.array(rates), best, "mine")
    assert f"config/studies/mine.yaml, under vary, write learning_rate: {expected}" in warning
    longer = settings.spell_out(yaml.safe_load(expected))
    assert set(rates) < set(longer)
    assert min(longer) <= min(rates) / 9.9 or max(longer) >= max(rates) * 9.9


def test_no_warning_inside_the_grid():
    assert edge.edge_warning(np.array([0.1, 0.2, 0.4]), 1, "mine") is None


def _lecture_histories(table, rates, seeds=80, epochs=10, batch=16):
    """Return the lecture's logistic regression trained on real banknotes by plain gradient descent in NumPy."""
    features, target = table[:, :-1], table[:, -1]
    features = (features - features.mean(axis=0)) / features.std(axis=0)
    order = generator(6).permutation(len(table))
    rows, test = order[: len(order) * 7 // 10], order[len(order) * 7 // 10 :]
    start = generator(7).uniform(-1.1, 1.1, (4, seeds))

    def measure(weights, chosen):
        logits = features[chosen] @ weights[:-1] + weights[-1]
        return np.mean(np.logaddexp(0, logits) - target[chosen, None] * logits, axis=0), np.mean(
            (logits > 0) == target[chosen, None], axis=0
        )

    trainings = []
    for rate in rates:
        random = generator(8)
        weights = np.vstack([start, np.zeros(seeds)])
        curves = [[*measure(weights, rows), *measure(weights, test)]]
        for _ in range(epochs):
            shuffled = random.permutation(rows)
            for first in range(0, len(rows), batch):
                chosen = shuffled[first : first + batch]
                inputs = np.hstack([features[chosen], np.ones((len(chosen), 1))])
                errors = scipy.special.expit(inputs @ weights) - target[chosen, None]
                weights = weights - rate * inputs.T @ errors / len(chosen)
            curves.append([*measure(weights, rows), *measure(weights, test)])
        values = np.array(curves).transpose(1, 2, 0)
        trainings.append(Training({"learning_rate": rate}, *values))
    return trainings


@pytest.mark.skipif(
    not Path(os.environ.get("DATA_MIRROR", "")).joinpath("data_banknote_authentication.txt").is_file(),
    reason="DATA_MIRROR names no folder with the banknotes",
)
def test_the_lectures_own_four_rates_end_at_the_edge(tmp_path):
    table = np.loadtxt(Path(os.environ["DATA_MIRROR"], "data_banknote_authentication.txt"), delimiter=",")
    trainings = _lecture_histories(table, [0.01, 0.05, 0.1, 0.5])
    write_histories(tmp_path / "histories.parquet", trainings)
    path = tmp_path / "recommendation.json"
    recommend.main(
        SimpleNamespace(histories=tmp_path / "histories.parquet"),
        SimpleNamespace(recommendation=path),
        study_settings(trainings),
    )
    answer = json.loads(path.read_text())
    assert answer["recommended"] == answer["best"] == 0.5
    assert answer["win_share"] == 1
    assert "0.5, 2.5, 12.5]" in answer["edge_warning"]
    assert "extend it" in answer["sentence"]


# Two settings


def test_two_settings_have_an_answer_each_and_the_best_of_all_on_top():
    first, second = simulated(1), simulated(2, levels=LEVELS * 0.8, failing=0 * FAILING)
    for one in first:
        one.setting["optimizer"] = "sgd"
    for one in second:
        one.setting["optimizer"] = "adam"
    answer = answer_of(first + second)
    assert set(answer) == set(answers.KEYS) | {"at", "by"}
    assert answer["at"] == {"optimizer": "adam", "win_share": 1.0}
    assert answer["by"]["sgd"]["stable_range"] == [0.001, 3.0]
    assert answer["by"]["adam"]["stable_range"] == answer["stable_range"] == [0.001, 100.0]
    assert answer["sentence"].startswith("With optimizer adam, use a learning rate of 0.3")
    json.dumps(answer, allow_nan=False)


BATCHES = (16, 32, 64, 128, 256)


def scaled(alpha, number, seeds=100, lowest=0.02):
    """Return a study whose best rate is `lowest` × batch^alpha, shifted by something of each seed's own."""
    random, rates = generator(9, number), np.logspace(-2, 1, 13)
    groups = {}
    for batch in BATCHES:
        shift = random.normal(0, 0.1, seeds)
        away = np.log10(rates)[:, None] - np.log10(lowest * batch**alpha) - shift
        losses = 0.1 * np.exp(away**2 / 2) + random.normal(0, 0.003, away.shape)
        groups[str(batch)] = trainings_of(losses, learning_rate=rates.tolist(), batch_size=[batch] * 13)
    return groups


@pytest.mark.parametrize(("alpha", "linear", "square_root"), [(1.0, True, False), (0.5, False, True)])
def test_the_exponent_of_batch_scaling_is_recovered(alpha, linear, square_root):
    trainings = [one for group in scaled(alpha, 0, lowest=0.012).values() for one in group]
    scaling = answer_of(trainings)["batch_scaling"]
    assert scaling["alpha"] == pytest.approx(alpha, abs=0.05)
    assert (scaling["linear"], scaling["square_root"]) == (linear, square_root)
    assert [batch for batch, _ in scaling["best_rates"]] == list(BATCHES)


def test_the_interval_of_the_exponent_covers_the_truth():
    held = []
    for number in range(SIMULATIONS):
        low, high = batch_scaling(scaled(0.6, number), 300, 0.95)["interval"]
        held.append(low <= 0.6 <= high)
    assert 0.93 <= np.mean(held) <= 0.97, np.mean(held)


def test_best_rates_at_the_edge_take_no_part_in_batch_scaling():
    scaling = batch_scaling(scaled(1.0, 0, lowest=0.06), 200, 0.95)
    assert [rate is None or bool(np.isfinite(rate)) for _, rate in scaling["best_rates"]][:3] == [True] * 3
    assert not np.isfinite(scaling["best_rates"][-1][1])  # 0.06 × 256 is beyond the highest rate, 10
    assert scaling["alpha"] == pytest.approx(1, abs=0.1)
    all_at_the_edge = batch_scaling(scaled(1.0, 0, lowest=1000), 200, 0.95)
    assert np.isnan(all_at_the_edge["alpha"]) and all_at_the_edge["interval"] is None
    assert all_at_the_edge["resamples_without"] == 1


# Pairs


def _compared(folder, trainings):
    write_histories(folder / "histories.parquet", trainings)
    compare.main(
        SimpleNamespace(histories=folder / "histories.parquet"),
        SimpleNamespace(comparisons=folder / "comparisons.csv"),
        study_settings(trainings),
    )
    return list(csv.DictReader(io.StringIO((folder / "comparisons.csv").read_text())))


def test_pairs_at_one_rate(tmp_path):
    losses = generator(10).normal([[0.5], [0.5], [0.4]], 0.05, (3, 100)).astype(np.float32)
    rows = _compared(tmp_path, trainings_of(losses, optimizer=["sgd", "adam", "rmsprop"]))
    assert [(row["first"], row["second"], row["rates"]) for row in rows] == [
        ("sgd", "adam", "same"),
        ("sgd", "rmsprop", "same"),
        ("adam", "rmsprop", "same"),
    ]
    assert list(rows[0]) == list(comparisons.COLUMNS)
    pairs = [(0, 1), (0, 2), (1, 2)]
    expected = [scipy.stats.ttest_rel(losses[a].astype(float), losses[b].astype(float)) for a, b in pairs]
    assert [float(row["p_value"]) for row in rows] == pytest.approx([test.pvalue for test in expected])
    ordered = sorted(test.pvalue for test in expected)
    assert sorted(float(row["p_holm"]) for row in rows) == pytest.approx(
        [3 * ordered[0], max(3 * ordered[0], 2 * ordered[1]), max(2 * ordered[1], ordered[2])]
    )
    for row, (a, b), test in zip(rows, pairs, expected, strict=True):
        normal = test.confidence_interval(0.95)
        assert float(row["difference"]) == pytest.approx(losses[a].mean() - losses[b].mean(), abs=1e-6)
        assert float(row["difference_low"]) == pytest.approx(normal.low, abs=0.002)
        assert float(row["difference_high"]) == pytest.approx(normal.high, abs=0.002)
        assert float(row["learning_rate_first"]) == 0.01


def test_rankings_that_flip_with_tuning(tmp_path):
    """One is better at 0.01, the other at its best; the even seeds choose, the odd ones compare."""
    losses = np.array([[0.3, 0.25, 0.4], [0.5, 0.2, 0.1]]).reshape(6, 1) + generator(11).normal(0, 0.01, (6, 100))
    losses[2, 1::2] += 0.05
    trainings = trainings_of(losses, optimizer=["sgd"] * 3 + ["adam"] * 3, learning_rate=[0.01, 0.1, 1.0] * 2)
    own, same = _compared(tmp_path, trainings)
    assert (own["rates"], float(own["learning_rate_first"]), float(own["learning_rate_second"])) == ("own_best", 0.1, 1)
    assert (float(own["improvement"]), own["seeds"]) == (0, "50")
    assert float(own["difference_low"]) > 0.1
    assert (same["rates"], float(same["learning_rate_first"]), float(same["improvement"])) == ("same", 0.01, 1)
    assert float(same["p_holm"]) < 0.001


def test_equal_pairs_and_single_seeds_have_no_significance(tmp_path):
    (equal,) = _compared(tmp_path, trainings_of(np.full((2, 5), 0.3), batch_size=[16, 32]))
    assert (float(equal["p_value"]), float(equal["p_holm"]), float(equal["improvement"])) == (1, 1, 0.5)
    (single,) = _compared(tmp_path, trainings_of([[0.3], [0.2]], batch_size=[16, 32]))
    assert (single["p_value"], single["p_holm"], single["difference_low"], single["improvement"]) == ("", "", "", "0.0")


def test_intervals_of_pairs_cover_the_truth():
    """Paired differences of skewed losses, and the probability of improvement of correlated normal ones."""
    differences, improvements = [], []
    truth = scipy.stats.norm.cdf(0.3 / np.sqrt(2))
    for number in range(SIMULATIONS):
        random = generator(12, number)
        common, first, second = random.normal(size=(3, 100))
        a, b = np.sqrt(0.5) * (common + first), 0.3 + np.sqrt(0.5) * (common + second)
        difference, improvement = comparisons.resampled(a, b, 500)
        low, high = resampling.interval(difference, 0.95)
        differences.append(low <= -0.3 <= high)
        low, high = resampling.interval(improvement, 0.95)
        improvements.append(low <= truth <= high)
    coverage = np.mean(differences), np.mean(improvements)
    assert all(0.93 <= share <= 0.97 for share in coverage), coverage


def test_a_lower_loss_at_a_rate_that_is_not_stable_is_said():
    losses = np.array([[0.5] * 100, [0.3] * 100, [0.1] * 80 + [2.0] * 20])
    answer = answer_of(trainings_of(losses, learning_rate=[0.01, 0.1, 1.0]))
    assert (answer["recommended"], answer["best"]) == (0.1, 1.0)
    assert answer["sentence"].startswith("Use a learning rate of 0.1: no other stable rate is as good, 0.01 to 0.1 are")
    assert "of 100 seeds; 1 had a lower loss and is not stable; but the best lies at the edge" in answer["sentence"]


def test_one_seed_that_reports_has_no_interval():
    held_out = answer_of(simulated(seeds=3), failure_limit=0.9)["held_out"]
    assert (held_out["seeds_choosing"], held_out["seeds_reporting"], held_out["interval"]) == (2, 1, None)
