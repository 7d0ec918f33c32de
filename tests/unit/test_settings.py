"""The config and the studies: what is right becomes trainings, what is wrong one line."""

import copy
from pathlib import Path

import pytest
import yaml

from lrstudy import labels, settings
from lrstudy.errors import StudyError

ROOT = Path(__file__).resolve().parents[2]


def schema(name: str) -> dict:
    """Return one of the project's schemas."""
    return yaml.safe_load((ROOT / f"workflow/schemas/{name}.schema.yaml").read_text())


CONFIG = settings.read_yaml(ROOT / "config/config.yaml")
STUDY = settings.read_yaml(ROOT / "config/studies/learning_rates.yaml")


def load(tmp_path, study: dict | str):
    """Return the study that a file with this content describes."""
    path = tmp_path / "mine.yaml"
    path.write_text(study if isinstance(study, str) else yaml.safe_dump(study))
    return settings.load_study(path, schema("study"), settings.load_config(CONFIG, schema("config")))


def with_rates(rates: str) -> str:
    """Return the lecture's study with other rates."""
    return (ROOT / "config/studies/learning_rates.yaml").read_text().replace("[0.01, 0.05, 0.1, 0.5]", rates)


def test_the_lectures_study(tmp_path):
    study = load(tmp_path, STUDY)
    assert [training["learning_rate"] for training in study.trainings] == [0.01, 0.05, 0.1, 0.5]
    assert labels.path_of(study.trainings[2]) == (
        "network~logistic/optimizer~sgd/initializer~glorot_uniform/epochs~10/batch_size~16/learning_rate~0.1"
    )


def test_small_rates_keep_their_text(tmp_path):
    study = load(tmp_path, with_rates("[0.00001, 1.0, 3]"))
    assert [labels.of(training, study.vary) for training in study.trainings] == ["0.00001", "1.0", "3"]


def test_log_spaced_rates(tmp_path):
    study = load(tmp_path, with_rates("{log: [0.0001, 100, 25]}"))
    rates = [training["learning_rate"] for training in study.trainings]
    assert (rates[0], rates[4], rates[-1], len(rates)) == (0.0001, 0.001, 100.0, 25)


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ("[]", "vary.learning_rate: [] is an empty list; give at least one value"),
        ("[0.1, 0.10]", "has a value twice; write each once"),
        ("[0]", "vary.learning_rate.0: 0 should be greater than 0"),
        ("[-0.1]", "vary.learning_rate.0: -0.1 should be greater than 0"),
        ("[1e-3]", "vary.learning_rate.0: '1e-3' is text to YAML; write 0.001"),
        ("[.nan]", "vary.learning_rate.0: not a number that can be used"),
        ("[.inf]", "vary.learning_rate.0: not a number that can be used"),
        ("[fast]", "vary.learning_rate.0: 'fast' is text; it should be a number"),
        ("{log: [0.1, 1]}", "vary.learning_rate.log: [0.1, 1] should have 3 values"),
        ("{log: [0.001, 1, 9999]}\n  epochs: [1, 2, 3]", "both varied and fixed"),
        (
            "{log: [0.0000000001, 10000000000, 9999]}\n  network: [logistic, mlp, logistics]",
            "29,997 trainings are more than max_trainings",
        ),
        ("[0.1]\n  network: [logistics]", "'logistics' is not in networks of the config; did you mean 'logistic'?"),
        ("[0.1]\n  learning_rate: [0.2]", "the key 'learning_rate' stands twice"),
        ("[0.1", "not valid YAML"),
    ],
)
def test_a_mistake_in_a_study_names_file_and_key(tmp_path, rates, message):
    with pytest.raises(StudyError) as caught:
        load(tmp_path, with_rates(rates))
    assert message in str(caught.value)
    assert "mine.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seeds": 0}, "seeds: 0 should be at least 1"),
        ({"seeds": 1_000_000}, "seeds: 1000000 should be at most 100000"),
        ({"seeds": True}, "seeds: True is true or false; it should be a whole number"),
        ({"zzz": 1}, "zzz: unknown key; known are"),
        ({"seedz": 1}, "seedz: unknown key; did you mean 'seeds'?"),
        ({"networks": {"../x": {"hidden": []}}}, "networks: '../x' cannot name a folder"),
        ({"networks": {"a~b": {"hidden": []}}}, "networks: 'a~b' cannot name a folder"),
        ({"networks": {"x" * 300: {"hidden": []}}}, "cannot name a folder"),
        ({"networks": {"mlp": {"hidden": []}}}, "defaults.network: 'logistic' is not in networks"),
        ({"optimizers": {"sgd": {"momentum": 0.3}}}, "optimizers.sgd: the key 'class' is missing"),
        ({"scaling": {"fit_on": "test"}}, "scaling.fit_on: 'test' should be one of all, train"),
    ],
)
def test_a_mistake_in_the_config_names_the_key(change, message):
    with pytest.raises(StudyError) as caught:
        settings.load_config({**copy.deepcopy(CONFIG), **change}, schema("config"))
    assert str(caught.value).startswith("config/config.yaml: ")
    assert message in str(caught.value)


def test_every_study_of_the_project_is_right():
    config = settings.load_config(CONFIG, schema("config"))
    studies = settings.load_studies(ROOT / "config/studies", schema("study"), config)
    assert len(studies["stability_map"].trainings) == 125
