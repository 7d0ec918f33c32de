"""The answer's sentence, over made studies of every kind: two or three sentences that never contradict its numbers."""

import json
import re

import numpy as np
import pytest

from lrstudy.statistics import answer as answers
from lrstudy.statistics import comparisons
from lrstudy.statistics.sentence import percent, value_phrase
from made import REFERENCE, generator, study_settings, trainings_of

SIGNS = {"0.1": "÷10", "1/3": "÷3", "3": "×3", "10": "×10"}


def hostile(number):
    """Return trainings over rates: few or many of each, ties, seeds that fail, that are not finite, and both splits."""
    random = generator(40, number)
    seeds, rates = int(random.choice([1, 2, 3, 6, 7, 9, 20, 100])), int(random.choice([1, 2, 3, 8, 12]))
    levels = np.exp(random.normal(0, random.choice([0, 0.05, 1, 6]), rates)) / 10
    losses = levels[:, None] * np.exp(random.normal(0, random.choice([0, 0.02, 0.5, 2]), seeds))
    losses = losses * np.exp(random.normal(0, random.choice([0, 0.02, 0.5, 2]), (rates, seeds)))
    failing = random.choice([0, 0.02, 0.1, 0.5, 1], rates, p=[0.5, 0.2, 0.1, 0.1, 0.1])
    losses[random.random((rates, seeds)) < failing[:, None]] = random.choice([2, np.nan, np.inf])
    grid = np.geomspace(1e-5, 10.0 ** random.integers(-4, 4), rates) if rates > 1 else np.array([0.1])
    trainings = trainings_of(losses, learning_rate=grid.tolist())
    for training in trainings:
        training.val_accuracy[:, -1] = random.random()
    return trainings, str(random.choice(["one", "each"]))


def check(answer, options):
    """Compare an answer's sentence with its numbers, and these with each other."""
    sentence, sure = answer["sentence"], answer["sure"]
    json.dumps(answer, allow_nan=False)
    assert not re.search(r"nan|inf\b|None|e[+-][0-9]|\.\.|[,;] *[.;]", sentence), sentence
    if answer["recommended"] is None:
        assert sentence.startswith("No learning rate is recommended: ") and answer["remedy"] in sentence
        return
    without_line = re.sub(r"in config/.*?(\]|\})", "", sentence)
    assert 2 <= len(re.findall(r"[^.]+(?:\.[0-9][^.]*)*\.", without_line)) <= 3, sentence
    low, high = answer["good_range"]
    assert low <= answer["recommended"] <= high
    assert (" hold the best " in sentence) == (low < high)
    assert (" it is the best " in sentence) == (low == high)
    assert sure >= options["confidence"] or low < high or "best measured rate that does not fail too often" in sentence
    assert (sure >= options["confidence"]) == (answer["regret_bound"] <= options["epsilon"])
    assert ("as a best guess" in sentence) == (sure < 0.5)
    assert ("and at most" in sentence) == (answer["regret_bound"] > options["epsilon"])
    assert f"{percent(sure)} of draws" in sentence and (sure == 1 or " 100 % of draws" not in sentence)
    assert ("says nothing of other rows" in sentence) == (answer["split"] == "one")
    assert ("may lie beyond" in sentence) == (answer["edge"] is not None)
    assert (f"at which {percent(answer['failed'])}" in sentence) == (answer["failed"] > options["failure_limit"])
    shown = {
        sign: float(ratio) for ratio, sign in re.findall(r"([0-9.]+) times(?: the loss)? at ([÷×](?:10|3))", sentence)
    }
    ratios = {SIGNS[cost["factor"]]: cost["loss_ratio"] for cost in answer["costs"] if cost["loss_ratio"] is not None}
    assert shown == pytest.approx(ratios, rel=0.06)
    order = ["a learning rate of", "best measured rate", "Another rate costs", " of draws", "may lie beyond"]
    found = [place for place in map(sentence.find, order) if place >= 0]
    assert found == sorted(found)
    if answer["new_rows"]:
        numbers = re.search(r"a loss of ([0-9.]+) \(([0-9.]+) to ([0-9.]+)", sentence).groups()
        expected = [answer["new_rows"]["loss"], *answer["new_rows"]["interval"]]
        assert [float(number) for number in numbers] == pytest.approx(expected, rel=0.06)


@pytest.mark.filterwarnings("error")
def test_no_sentence_contradicts_its_numbers():
    answered = 0
    for number in range(100):
        trainings, split = hostile(number)
        settings = {**study_settings(trainings, split, resamples=200), "answers": True}
        answer = answers.recommend(trainings, REFERENCE, settings)
        check(answer, settings["statistics"])
        answered += answer["recommended"] is not None
    assert 30 < answered < 95


def test_answer_and_comparisons_name_the_same_rates_and_the_same_values():
    """Of three optimizers one is worse, and one has its lowest loss where too many seeds fail."""
    levels = {"sgd": [0.5, 0.2, 0.05], "adam": [0.3, 0.21, 0.4], "rmsprop": [0.9, 0.5, 0.8]}
    losses = np.array([*levels.values()]).reshape(9, 1) * np.exp(generator(41).normal(0, 0.1, (9, 99)))
    losses[2, :30] = np.nan
    rates = [0.01, 0.1, 1.0]
    trainings = trainings_of(losses, optimizer=np.repeat([*levels], 3).tolist(), learning_rate=rates * 3)
    settings = study_settings(trainings, "each")
    settings["definitions"]["optimizer"] |= {"rmsprop": {"class": "RMSprop"}}
    answer = answers.recommend(trainings, REFERENCE, settings)
    assert (answer["at"]["optimizer"], answer["at"]["not_worse"]) == ("sgd", ["adam"])
    assert answer["sentence"].startswith(
        "With optimizer sgd (adam is not shown to be worse), use a learning rate of 0.1"
    )
    assert 0.5 < answer["at"]["sure"] < 1
    own = [row for row in comparisons.compare(trainings, REFERENCE, settings) if row["rates"] == "own_best"]
    for row in own:
        for place in ("first", "second"):
            assert row[f"learning_rate_{place}"] == answer["by"][row[place]]["recommended"]
    against = {row["second"]: row["difference_high"] for row in own if row["first"] == "sgd"}
    assert [name for name, high in against.items() if high >= 0] == answer["at"]["not_worse"]


@pytest.mark.parametrize(
    ("not_worse", "start"),
    [
        (None, "With batch size 16"),
        ([], "With batch size 16"),
        (["32"], "With batch size 16 (32 is not shown to be worse)"),
        (["32", "64"], "With batch size 16 (32 and 64 are not shown to be worse)"),
        (["32", "64", "128"], "With batch size 16 (no other is shown to be worse)"),
    ],
)
def test_values_that_are_not_shown_to_be_worse_are_named(not_worse, start):
    assert value_phrase("batch size", "16", not_worse, 3) == start
