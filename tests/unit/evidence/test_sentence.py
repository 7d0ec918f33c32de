"""The answer's sentence, over made studies of every kind: two or three sentences that never contradict its numbers."""

import json
import re

import numpy as np
import pytest

from lrstudy.evidence import answer as answers
from lrstudy.evidence import comparisons
from lrstudy.evidence.sentence import percent, told_value
from made import FLOOR, generator, study_settings, trainings_of

NUMBER = r"(−?[0-9][0-9.]*[0-9]|[0-9])"


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


def check(answer, rules):
    """Hold an answer's sentence against its numbers, and these against each other."""
    said = answer["sentence"]
    json.dumps(answer, allow_nan=False)
    assert not re.search(r"nan|inf\b|None|e[+-][0-9]|\.\.|[,;] *[.;]", said), said
    text = re.sub(r"in config/.*?(\]|\})", "", said)
    sentences = re.findall(r"[^.]+(?:\.[0-9][^.]*)*\.", text)
    if answer["recommended"] is None:
        assert said.startswith("No learning rate is recommended: ") and answer["remedy"] in said
        return
    assert 2 <= len(sentences) <= 3 and all(len(one.split()) <= 65 for one in sentences), said
    low, high = answer["good_range"]
    assert low <= answer["recommended"] <= high
    assert ("as a best guess" in said) == (answer["sure"] < 0.5)
    assert (" hold the best " in said) == (low < high)
    assert (answer["sure"] >= rules["confidence"]) == (answer["regret_bound"] <= rules["epsilon"])
    assert ("and at most" in said) == (answer["regret_bound"] > rules["epsilon"])
    assert (f"{percent(answer['sure'])} of draws" in said) and ("100 % of draws" not in said or answer["sure"] == 1)
    assert ("says nothing of other rows" in said) == (answer["split"] == "one")
    assert (answer["edge"] is None) == ("may lie beyond" not in said)
    assert (f"at which {percent(answer['failed'])}" in said) == (answer["failed"] > rules["failure_limit"])
    order = [said.find(words) for words in ("a learning rate of", "best measured rate", "times the loss", " draws")]
    assert all(place >= 0 for place in order[:2] + order[3:]) and order == sorted(order) or order[2] == -1
    known = {cost["factor"]: cost for cost in answer["costs"] if cost["loss_ratio"] is not None}
    told = {sign: ratio for ratio, sign in re.findall(NUMBER + r" times(?: the loss)? at ([÷×][0-9]+)", said)}
    names = {"0.1": "÷10", "1/3": "÷3", "3": "×3", "10": "×10"}
    assert {names[factor] for factor in known} == set(told)
    for factor, cost in known.items():
        assert float(told[names[factor]]) == pytest.approx(cost["loss_ratio"], rel=0.05)
        if cost["between"] == [answer["good_range"][0]] == [answer["good_range"][1]]:
            assert cost["learning_rate"] == answer["recommended"]
    if low == high:
        beside = [cost for cost in known.values() if cost["between"] and len(cost["between"]) == 1]
        assert "over 10 %" in said and (" or fail" in said or all(cost["loss_ratio"] < 1e9 for cost in beside))
    if answer["new_rows"]:
        loss, least, most = (answer["new_rows"]["loss"], *answer["new_rows"]["interval"])
        found = re.search(rf"a loss of {NUMBER} \({NUMBER} to {NUMBER}", said)
        assert [float(each) for each in found.groups()] == pytest.approx([loss, least, most], rel=0.06)


@pytest.mark.filterwarnings("error")
def test_no_sentence_contradicts_its_numbers():
    answered = 0
    for number in range(150):
        trainings, split = hostile(number)
        settings = study_settings(trainings, split, resamples=200)
        answer = answers.recommend(trainings, FLOOR, settings)
        check(answer, settings["statistics"])
        answered += answer["recommended"] is not None
    assert 50 < answered < 140
