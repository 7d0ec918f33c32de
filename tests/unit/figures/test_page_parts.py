"""The page of an answer: its size, its bytes, its numbers; what a reader does there is tested in tests/page."""

import base64

import numpy as np
import pytest

from lrstudy import labels
from lrstudy.figures import vega
from lrstudy.figures.page import answer, build, numbers, words
from lrstudy.statistics import summary
from lrstudy.statistics.trainings import Training

LARGEST = 1_500_000  # bytes
OPTIONS = {"confidence": 0.95, "failure_limit": 0.05, "epsilon": 0.01, "target_loss": None, "resamples": 50}


def page_of(rates: int, others: int = 1, epochs: int = 10, seeds: int = 100, **more) -> str:
    """Return the page of a study of random histories."""
    values = np.random.default_rng(0).lognormal(size=(seeds, epochs + 1)).astype(np.float32)
    points = [
        {"optimizer": f"optimizer_{other}", "learning_rate": rate}
        for other in range(others)
        for rate in np.geomspace(1e-4, 100, rates).tolist()
    ]
    trainings = [Training(point, *[values * (1 + place / 7)] * 4) for place, point in enumerate(points)]
    fixed = {"split": "each", "network": "mlp", "initializer": "zeros", "epochs": epochs, "batch_size": 16}
    study = {
        **{"dataset": "made", "simulated": False, "study": "made", "title": "Made", "name": "made", "seeds": seeds},
        **{"vary": ["optimizer", "learning_rate"], "trainings": [{**fixed, **point} for point in points]},
        **{"statistics": OPTIONS, "folder": "results", "command": "make", "words": {}, "split": {}, "scaling": {}},
        **{"definitions": {"network": {"mlp": {"hidden": [8]}}}},
    }
    rows = summary.summarise(
        trainings, {"train_loss": 0.0, "majority_share": 0.5, "entropy": 0.69, "train_rows": 70, "test_rows": 30}, study
    )
    text = [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
    nothing = dict.fromkeys(("recommendation", "budget", "descent", "paths", "overview"))
    return build.page(
        trainings,
        {"summary": text, "provenance": {}, "made": [], "reference": [], "vega": vega.script(), **nothing, **more},
        study,
    )


@pytest.mark.parametrize(
    "shape", [(25,), (25, 6), (25, 1, 1000), (600, 1, 30), (2, 1, 3, 1), (3, 1, 10, 30_000)], ids=str
)
def test_pages_stay_within_the_size(shape):
    text = page_of(*shape)
    assert len(text.encode()) < LARGEST
    assert text.lower().count("</script") == 3
    assert text.count("{{") - vega.script().count("{{") < 40  # braces of code, none of the template's
    assert "src=" not in text.replace(vega.script(), "")


def test_of_many_seeds_the_page_shows_the_first_ones_curves():
    text = page_of(2, seeds=numbers.MOST_SEEDS + 5)
    assert f'"shown":{numbers.MOST_SEEDS}' in text and f'"seeds":{numbers.MOST_SEEDS + 5}' in text


def test_the_same_study_gives_the_same_bytes():
    assert page_of(3, seeds=5) == page_of(3, seeds=5)


def test_numbers_travel_as_half_precision_floats():
    values = np.array([0.0311, 1.0, 0.0, 1e-12, np.inf, 1e9, np.nan, 65000.0])
    back = np.frombuffer(base64.b64decode(numbers.packed(values)), "<f2").astype(float)
    assert back[:3] == pytest.approx([0.0311, 1, 0], rel=1e-3)
    assert 0 < back[3] < 1e-7
    assert back[4:6].tolist() == [np.inf, np.inf]
    assert np.isnan(back[6])


def test_the_mean_is_capped_as_the_summarys_and_the_quantiles_are_not():
    losses = np.array([[1.0, 0.5], [1.0, np.nan], [2.0, 9.0], [2.0, 1.0]])
    found = numbers.statistics_of([Training({}, *[losses] * 4)], [0, 1], {**OPTIONS, "resamples": 500})
    mean, low, high, *quantiles = found[2, 0, 1]
    assert mean == (0.5 + 1 + 2 + 1) / 4
    assert 0.5 <= low < mean < high <= 2
    assert quantiles[-1] == np.inf
    assert found.shape == (4, 1, 2, len(numbers.FIELDS))


def test_long_trainings_are_thinned_and_keep_both_ends():
    shown = numbers.epochs_shown(1000, 25, 400_000)
    assert shown[0] == 0
    assert shown[-1] == 1000
    assert len(shown) <= numbers.MOST_EPOCHS + 1
    assert numbers.epochs_shown(10, 25, 400_000) == list(range(11))
    assert numbers.epochs_shown(10, 500, 0) == [0, 1, 10]


def test_what_the_page_takes_of_an_answer_and_its_budget():
    one = {"sentence": "Use 1.", "recommended": 1.0, "good_range": [1.0, 2.0], "new_rows": {"interval": [1, 2]}}
    assert answer.of(one)["by"][""]["good_range"] == answer.of(one)["by"][""]["new_rows"] == [1, 2]
    several = answer.of({**one, "by": {"sgd": {"recommended": None}}, "at": {"optimizer": "sgd", "sure": 0.9}})
    assert several["by"]["sgd"]["recommended"] is several["by"]["sgd"]["new_rows"] is None
    assert several["at"] == "sgd"
    assert answer.of(None) is answer.of({"reason": "No rate varies."}) is None
    rows = [{"optimizer": "sgd", "epoch": "1", "best": "0.5", "low": "", "high": "", "loss": "1e-05"}]
    assert answer.budget(rows, "optimizer") == {"sgd": [[1, 0.5, None, None, 1e-05, None, None]]}
    assert answer.budget(None, None) == {}


def test_costs_are_said_with_their_intervals_and_left_out_where_unknown():
    cost = {"factor": 1 / 3, "learning_rate": 0.0333, "loss_ratio": 2.517, "loss_ratio_interval": [2, 3.1]}
    text = words.costs([cost], 0.9)
    assert "÷ 3" in words.costs([{**cost, "factor": "1/3"}], 0.9)
    assert "÷ 3" in text
    assert "× 2.52 (2 to 3.1)" in text
    assert "not measured" in text
    assert "90 %" in text
    assert words.costs([], 0.9) == ""
    assert "With optimizer &lt;b&gt;, as above." in words.costs([cost], 0.9, "optimizer <b>")
    assert "With" not in text


def test_what_was_held_fixed_is_said():
    study = {"vary": ["optimizer"], "trainings": [{"optimizer": "sgd", "learning_rate": 0.01, "batch_size": 16}]}
    assert labels.held_fixed(study) == "Held fixed: batch size 16, learning rate 0.01."


def test_numbers_are_short():
    assert [words.short(value) for value in (0.031095, 100.0, 1e-7, 123456.7, None, float("nan"), float("inf"))] == [
        "0.0311", "100", "1.00e-07", "1.23e+05", "", "", "not finite",
    ]  # fmt: skip
