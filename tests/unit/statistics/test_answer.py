"""The answer of a study, against simulated histories whose truth is known and against real banknotes."""

import json

import numpy as np
import pytest
import scipy.stats
import yaml

from lrstudy.config import settings
from lrstudy.statistics import answer as answers
from lrstudy.statistics import good_range, grids, new_rows, resampling
from lrstudy.statistics.grids import limit, sensitivity
from lrstudy.statistics.trainings import Training
from made import (
    FAILING,
    LEVELS,
    OPTIONS,
    REFERENCE,
    generator,
    simulated,
    study_settings,
    trainings_of,
)

SIMULATIONS = 1_000
EXAMPLE = study_settings(simulated())


def answer_of(trainings, split="one", reference=REFERENCE, **options):
    return answers.recommend(trainings, reference, study_settings(trainings, split, **options))


# The rate, its range and its cost


def test_the_answer_to_a_study_of_known_truth():
    answer = answer_of(simulated())
    assert set(answer) == set(answers.KEYS)
    assert answer["recommended"] in (0.1, 0.3, 1.0)
    assert answer["good_range"] == [0.1, 1.0]
    assert answer["good_rates"] == [0.1, 0.3, 1.0]
    assert answer["stable_range"] == [0.001, 3.0]
    assert answer["stable_decades"] == pytest.approx(np.log10(3000))
    assert (answer["largest_stable"], answer["largest_stable_interval"]) == (3.0, [3.0, 10.0])
    assert answer["edge"] is answer["longer"] is answer["remedy"] is None
    assert answer["seeds"] == 100
    assert answer["sensitivity"]["range"] == [0.001, 100.0]
    assert answer["sure"] == 1
    assert answer["sentence"].startswith(
        f"On this one split, use a learning rate of {answer['recommended']:g}; 0.1 to 1 hold the best measured rate "
        "(95 % confidence) and neighbours that lose at most 10 %. Another rate costs "
    )


def test_the_right_range_is_found_again_and_again():
    found = [answer_of(simulated(number), resamples=100)["good_range"] for number in range(200)]
    assert np.mean([good == [0.1, 1.0] for good in found]) >= 0.95


def test_the_order_of_the_config_does_not_matter():
    trainings = simulated()
    assert answer_of(trainings[::-1]) == answer_of(trainings)


def test_costs_are_what_the_other_rates_lose():
    losses = np.array([0.4, 0.2, 0.1, 0.15, 0.3])[:, None] * np.exp(generator(20).normal(0, 0.1, 90))
    trainings = trainings_of(losses, learning_rate=[0.1, 0.316, 1.0, 3.16, 10.0])
    for place, training in enumerate(trainings):
        training.val_accuracy[:, -1] = [0.8, 0.85, 0.9, 0.9, 0.7][place]
    trainings[-1].loss[2::9, -1] = np.nan  # three thirds of a ninth: ten of the thirty seeds that report
    answer = answer_of(trainings)
    tenth, third, thrice, tenfold = answer["costs"]
    assert answer["recommended"] == 1
    assert (tenth["learning_rate"], tenth["between"], tenth["loss_ratio"]) == (0.1, [0.1], pytest.approx(4))
    assert tenth["accuracy_points"] == pytest.approx(-10, abs=1e-4)
    share = np.log(1 / 3 / 0.316) / np.log(1 / 0.316)
    assert third["between"] == [0.316, 1.0]
    assert third["loss_ratio"] == pytest.approx(2 - share, rel=1e-3)
    assert third["accuracy_points"] == pytest.approx(-5 * (1 - share), abs=1e-3)
    assert thrice["failed"] == 0
    assert (tenfold["failed"], tenfold["between"]) == (pytest.approx(1 / 3), [10.0])
    assert tenfold["failed_interval"] == pytest.approx(list(map(float, resampling.wilson(10, 30, 0.95))))
    assert "times at ×10 (−20.0, and 33.3 % of the seeds fail)." in answer["sentence"]


def test_costs_beyond_the_grid_are_unknown_and_unsaid():
    answer = answer_of(trainings_of(np.array([[0.3], [0.2], [0.1]]) * np.ones(60), learning_rate=[0.1, 0.3, 1.0]))
    assert [cost["loss_ratio"] for cost in answer["costs"][2:]] == [None, None]
    assert "×" not in answer["sentence"]


def test_no_seed_that_chose_a_rate_reports_its_loss():
    losses, reports = np.empty((3, 99)), np.arange(99) % 3 == 2
    losses[:, ~reports] = np.array([[0.1], [0.2], [0.3]])
    losses[:, reports] = np.array([[0.35], [0.2], [0.3]])
    answer = answer_of(trainings_of(losses, learning_rate=[0.1, 1.0, 10.0]), "each")
    assert answer["recommended"] == 0.1
    assert answer["new_rows"]["loss"] == pytest.approx(0.35)
    assert answer["sure"] == 0
    assert answer["regret_bound"] == pytest.approx(0.75)
    assert answer["good_range"] == [0.1, 10.0]  # those that report find 1 the best, and 10 better than the chosen


def test_a_small_table_gives_a_wider_range_and_says_how_far_off_it_may_be():
    trainings = simulated(seeds=60, failing=0 * FAILING)
    for training in trainings:
        noise = np.exp(generator(21, int(1000 * training.setting["learning_rate"])).normal(0, 0.4, 60))
        training.val_loss[:, -1] *= noise
    one, each = (answer_of(trainings, split) for split in ("one", "each"))
    assert len(each["good_rates"]) > len(one["good_rates"])
    assert set(one["good_rates"]) <= set(each["good_rates"])
    assert each["regret_bound"] > 0.1
    assert f"and at most {1 + each['regret_bound']:.2g} times as high (95 % confidence)." in each["sentence"]


def test_seeds_that_share_rows_make_the_interval_wider():
    losses = generator(22).lognormal(-2, 0.3, 300)
    low, high = new_rows.loss_interval(losses, 3 / 7, 0.95)
    spread = (losses / losses.mean()).std(ddof=1) * np.sqrt(1 / 300 + 3 / 7)
    assert np.log(high / losses.mean()) == pytest.approx(scipy.stats.t.ppf(0.975, 299) * spread)
    assert low * high == pytest.approx(losses.mean() ** 2)
    drawn = new_rows.drawn_means(losses[None], 3 / 7, 4_000)
    assert np.log(drawn).std() == pytest.approx(spread, rel=0.05)
    values = generator(23).normal(size=40)
    ours = new_rows.mean_interval(values, 0, 0.9)
    theirs = scipy.stats.ttest_1samp(values, 0).confidence_interval(0.9)
    assert ours == pytest.approx((theirs.low, theirs.high))


def test_draws_are_paired_by_seed_and_the_same_for_every_rate():
    losses = np.exp(generator(24).normal(0, 0.5, 50)) * np.array([[1.0], [1.2]])
    drawn = new_rows.drawn_means(losses, 3 / 7, 500)
    np.testing.assert_allclose(drawn[:, 1] / drawn[:, 0], 1.2)
    np.testing.assert_allclose(drawn[:, :1], new_rows.drawn_means(losses[:1], 3 / 7, 500))


def test_half_of_the_orders_noise_is_left_out_of_what_is_said_of_new_rows():
    """Losses that a seed's rows move by 10 % in all epochs, and its order by another 20 % in each."""
    rows, order = generator(26).normal(0, 0.1, (4_000, 1)), generator(27).normal(0, 0.2, (4_000, 3))
    curves = np.column_stack([np.full(4_000, 9.0), 0.2 * (1 + rows + order)])
    training = Training({"learning_rate": 0.1}, curves, curves, curves, curves)
    seeds = np.arange(4_000) % 2 == 0
    for test_train_ratio, spread in ((3 / 7, np.sqrt(0.1**2 + 0.2**2 / 2)), (0, np.sqrt(0.1**2 + 0.2**2))):
        (found,) = grids.steadied([training], seeds, test_train_ratio)
        assert found.mean() == pytest.approx(curves[seeds, -1].mean())
        assert found.std() / found.mean() == pytest.approx(spread, rel=0.05)
    short = Training({"learning_rate": 0.1}, *[curves[:, :2]] * 4)
    np.testing.assert_allclose(grids.steadied([short], seeds, 3 / 7)[0], curves[seeds, 1])


def test_few_seeds_draw_as_widely_as_students_t():
    losses = np.exp(generator(28).normal(0, 0.01, (1, 4)))
    logs = np.log(new_rows.drawn_means(losses, 0.5, 20_000)[:, 0])
    low, high = np.log(new_rows.loss_interval(losses, 0.5, 0.95))
    assert np.quantile(logs, [0.025, 0.975]) == pytest.approx([low[0], high[0]], rel=0.1)


def test_one_split_says_nothing_of_new_rows():
    one, each = answer_of(simulated()), answer_of(simulated(), "each")
    assert one["new_rows"] is None and one["split"] == "one"
    assert "which says nothing of other rows" in one["sentence"]
    assert each["new_rows"]["interval"][0] < each["new_rows"]["loss"] < each["new_rows"]["interval"][1]
    assert "On new rows expect a loss of" in each["sentence"]


# What fails, and what is stable


def test_two_failed_seeds_of_a_hundred_do_not_rule_a_rate_out():
    """Of a hundred seeds 2 diverge at the better rate; at the other one nobody learns anything."""
    better, worse = trainings_of([[0.1] * 98 + [2.0] * 2, [0.69] * 100], learning_rate=[0.1, 0.001])
    worse.accuracy[:, -1] = 0.5
    answer = answer_of([better, worse])
    assert answer["recommended"] == 0.1
    assert answer["stable_range"] == [0.1, 0.1]


def test_a_rate_at_which_most_seeds_learn_nothing_is_not_stable():
    trainings = simulated(failing=0 * FAILING)
    trainings[0].accuracy[:65, -1], trainings[0].loss[:, -1] = 0.5, 0.8
    assert answer_of(trainings)["stable_range"] == [0.01, 100.0]


def test_the_stable_range_is_unbroken():
    failing = [0, 0, 0.5, 0, 0, 0, 0, 0.5]
    assert answer_of(simulated(failing=failing))["stable_range"] == [0.3, 10.0]


def test_a_lower_loss_where_too_many_fail_is_passed_over():
    losses = np.array([[0.5] * 100, [0.3] * 100, [0.1] * 80 + [2.0] * 20])
    answer = answer_of(trainings_of(losses, learning_rate=[0.01, 0.1, 1.0]))
    assert (answer["recommended"], answer["best"]) == (0.1, 1.0)
    json.dumps(answer, allow_nan=False)


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
    counts = generator(1).binomial(500, share, (SIMULATIONS, len(rates)))
    held = []
    for failed in counts[:, :, None] > np.arange(500):
        low, high = grids.stability(rates, failed, 0, OPTIONS)["largest_stable_interval"]
        held.append(low <= 1 <= high)
    assert np.mean(held) >= 0.93  # conservative: between two rates of a grid nothing is told apart


def test_the_fastest_safe_rate_is_first_at_the_target():
    curves = np.array([[1, 0.6, 0.3, 0.1], [1, 0.15, 0.15, 0.15], [1, 0.15, 0.14, 0.12], [1, 0.05, 2, 2]])
    trainings = [
        Training({"learning_rate": rate}, losses, np.full_like(losses, 0.9), losses, losses)
        for rate, losses in zip([0.1, 0.2, 0.4, 0.8], np.tile(curves[:, None], (1, 100, 1)), strict=True)
    ]
    assert answer_of(trainings, target_loss=0.16)["fastest_safe"] == 0.4
    assert answer_of(trainings, target_loss=0.11)["fastest_safe"] == 0.1
    assert answer_of(trainings, target_loss=0.01)["fastest_safe"] is None


# Theory beside measurement


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        ({"class": "SGD"}, 4),
        ({"class": "SGD", "momentum": 0.5}, 6),
        ({"class": "SGD", "momentum": 0.5, "nesterov": True}, 3),
        ({"class": "SGD", "clipnorm": 1.0}, None),
        ({"class": "Adam"}, None),
    ],
)
def test_the_limit_is_where_gradient_descent_leaves_a_parabola(optimizer, expected):
    """On a loss of curvature 0.5, Keras's own steps shrink just below the limit and grow just above it."""
    named = {**EXAMPLE, "definitions": {**EXAMPLE["definitions"], "optimizer": {"it": optimizer}}}
    found = limit({"network": "logistic", "optimizer": "it"}, REFERENCE, named)
    assert found == expected
    if expected is None:
        return
    for share, grows in ((0.99, False), (1.01, True)):
        weight, velocity = 1.0, 0.0
        momentum, rate = optimizer.get("momentum", 0), share * found
        for _ in range(4_000):
            gradient = 0.5 * weight
            velocity = momentum * velocity - rate * gradient
            weight += momentum * velocity - rate * gradient if optimizer.get("nesterov") else velocity
        assert (abs(weight) > 1) == grows


def test_hidden_layers_and_separable_classes_have_no_limit():
    assert limit({"network": "mlp", "optimizer": "sgd"}, REFERENCE, EXAMPLE) is None
    assert limit({"network": "logistic", "optimizer": "sgd"}, REFERENCE | {"curvature": None}, EXAMPLE) is None


# How many seeds


def test_seeds_needed_is_the_probability_that_the_normal_distribution_gives():
    difference, spread = 0.2, 0.6
    noise = generator(4).normal(0, spread, 5_000)
    losses = np.stack([np.full(5_000, 1.0), 1.0 + difference + noise - noise.mean()])
    shares = grids.seeds_needed(losses, OPTIONS)
    for seeds in grids.FEW_SEEDS:
        expected = scipy.stats.norm.cdf(-difference * np.sqrt(seeds) / spread)
        assert shares[str(seeds)] == pytest.approx(expected, abs=0.03)
    assert grids.seeds_needed(losses[:, :7], OPTIONS)["10"] is None


@pytest.mark.parametrize(("excess", "wrong"), [(0.09, 0.0), (0.11, 0.5)])
def test_a_choice_is_wrong_if_over_ten_per_cent_worse(excess, wrong):
    worse = np.tile([0.5 + excess, 1.5 + excess], 50)  # on half the seeds the better rate by far
    losses = np.stack([np.tile([1.5, 0.5], 50), worse])
    assert grids.seeds_needed(losses, OPTIONS)["1"] == pytest.approx(wrong, abs=0.05)


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


@pytest.mark.parametrize("seeds", [1, 2, 3, 5])
def test_hardly_any_seeds_give_no_answer_and_what_would(seeds):
    answer = answer_of(simulated(seeds=seeds))
    assert answer["recommended"] is answer["good_range"] is answer["costs"] is None
    assert "cannot tell a good rate from a lucky one" in answer["sentence"]
    assert (
        "For an answer, run more of them: snakemake --cores all --config seeds=100 -- simulated." in answer["sentence"]
    )
    json.dumps(answer, allow_nan=False)


def test_six_seeds_are_the_fewest_that_answer():
    assert answer_of(simulated(seeds=6, failing=0 * FAILING))["recommended"] in (0.1, 0.3, 1.0)


def test_too_many_seeds_fail_at_every_rate():
    answer = answer_of(simulated(failing=np.full(8, 0.5)))
    assert answer["recommended"] is answer["good_range"] is answer["fastest_safe"] is None
    assert answer["sentence"].startswith(
        "No learning rate is recommended: at every rate too many seeds fail, at least "
    )
    assert "snakemake --cores all simulated" in answer["remedy"]


def test_where_seeds_fail_least_at_the_edge_a_wider_grid_is_what_helps():
    answer = answer_of(simulated(failing=[0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1]))
    assert "in config/studies/simulated.yaml, under vary, write learning_rate: [0.0001, 0.001, " in answer["remedy"]


@pytest.mark.parametrize("losses", [[[0.1] * 100], [[0.1], [0.2], [0.3]], [[np.nan]], [[np.nan, 0.3], [0.1, np.inf]]])
def test_one_rate_or_hardly_any_seed_gives_an_honest_answer(losses):
    trainings = trainings_of(losses, learning_rate=[0.1, 0.2, 0.4][: len(losses)])
    answer = answers.recommend(trainings, REFERENCE, {**study_settings(trainings), "answers": True})
    assert answer["recommended"] is None
    assert answer["sentence"].startswith("No learning rate is recommended: ")
    assert answer["remedy"] in answer["sentence"]
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
    found = grids.edge(np.array(rates), best, {"study": "mine"})
    assert grids.how_to_extend(found) == f"in config/studies/mine.yaml, under vary, write learning_rate: {expected}"
    longer = settings.spell_out(yaml.safe_load(expected))
    assert set(rates) < set(longer)
    assert min(longer) <= min(rates) / 9.9 or max(longer) >= max(rates) * 9.9


def test_no_warning_inside_the_grid():
    assert grids.edge(np.array([0.1, 0.2, 0.4]), 1, {"study": "mine"}) is None


def test_the_edge_names_file_and_line_where_they_are_known():
    trainings = trainings_of(np.array([[0.3], [0.2], [0.1]]) * np.ones(60), learning_rate=[0.1, 0.3, 1.0])
    known = {**study_settings(trainings), "file": "mine/rates.yaml", "line": 4}
    answer = answers.recommend(trainings, REFERENCE, known)
    assert answer["edge"]["side"] == "highest"
    assert "beyond: in mine/rates.yaml, line 4, write learning_rate: [0.1, 0.3, 1, 3.333, 11.11]." in answer["sentence"]


# Two settings


def test_two_settings_have_an_answer_each_and_the_best_of_all_on_top():
    first, second = simulated(1), simulated(2, levels=LEVELS * 0.8, failing=0 * FAILING)
    for one in first:
        one.setting["optimizer"] = "sgd"
    for one in second:
        one.setting["optimizer"] = "adam"
    answer = answer_of(first + second)
    assert set(answer) == set(answers.KEYS) | {"at", "by"}
    assert answer["at"] == {"optimizer": "adam", "sure": 1.0, "not_worse": []}
    assert answer["by"]["sgd"]["stable_range"] == [0.001, 3.0]
    assert answer["by"]["adam"]["stable_range"] == answer["stable_range"] == [0.001, 100.0]
    assert (answer["by"]["sgd"]["limit"], answer["limit"]) == (4, None)
    assert answer["sentence"].startswith("With optimizer adam, on this one split, use a learning rate of ")
    json.dumps(answer, allow_nan=False)


def test_the_chosen_rate_is_among_those_that_are_good():
    for number in range(20):
        losses = np.exp(generator(25, number).normal(0, 1, (6, 60)))
        chooses, reports = good_range.parts(60)
        chosen = good_range.choose(losses[:, chooses], np.arange(6))
        good = good_range.good_rates(losses[:, reports], chosen, np.arange(6), 3 / 7, OPTIONS)
        assert chosen in good
        assert (np.diff(good) == 1).all()
