"""The config and the studies: what is right becomes trainings, what is wrong one line."""

import copy
import re
from pathlib import Path

import pytest
import yaml

from lrstudy import labels
from lrstudy.config import reading, settings
from lrstudy.errors import StudyError

ROOT = Path(__file__).resolve().parents[3]


def schema(name: str) -> dict:
    """Return one of the project's schemas."""
    return yaml.safe_load((ROOT / f"workflow/schemas/{name}.schema.yaml").read_text())


CONFIG = settings.read_yaml(ROOT / "config/config.yaml")
STUDY = settings.read_yaml(ROOT / "config/studies/learning_rates.yaml")


def load(tmp_path, study: dict | str, **changes):
    """Return the study that a file with this content describes, under a config with these changes."""
    path = tmp_path / "mine.yaml"
    path.write_text(study if isinstance(study, str) else yaml.safe_dump(study))
    return settings.load_study(path, schema("study"), settings.load_config({**CONFIG, **changes}, schema("config")))


def with_rates(rates: str) -> str:
    """Return the lecture's study with other rates."""
    return (ROOT / "config/studies/learning_rates.yaml").read_text().replace("[0.01, 0.05, 0.1, 0.5]", rates)


def test_the_lectures_study(tmp_path):
    study = load(tmp_path, STUDY)
    assert [training["learning_rate"] for training in study.trainings] == [0.01, 0.05, 0.1, 0.5]
    assert labels.path_of(study.trainings[2]) == (
        "network~logistic/optimizer~sgd/initializer~glorot_uniform/epochs~10/batch_size~16/learning_rate~0.1"
    )


def test_each_seed_has_its_own_split_unless_the_study_says_one(tmp_path):
    """The two do not share a history: the lecture's is where it was, the other in a folder of its own."""
    one, each = (load(tmp_path, {**STUDY, "fixed": {"split": split}}).trainings[0] for split in ("one", "each"))
    assert load(tmp_path, {**STUDY, "fixed": {}}).trainings[0] == each
    assert labels.path_of(each) == f"{labels.path_of(one)}/split~each"
    assert labels.program_of(labels.path_of(each)) == labels.program_of(labels.path_of(one))
    with pytest.raises(StudyError, match=r"mine\.yaml: fixed\.split: 'none' should be one of each, one"):
        load(tmp_path, {**STUDY, "fixed": {"split": "none"}})


def test_the_lectures_chapter_has_one_split_and_no_other_study():
    studies = {path.stem: settings.read_yaml(path) for path in (ROOT / "config/studies").glob("*.yaml")}
    one = {name for name, study in studies.items() if study["fixed"].get("split") == "one"}
    assert one == {"first_model", "learning_rates", "batch_sizes", "optimizers", "initializers"}


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
        ("[0]", "vary.learning_rate.0: 0 should be greater than 1e-30"),
        ("[-0.1]", "vary.learning_rate.0: -0.1 should be greater than 1e-30"),
        ("[1.0e-300]", "vary.learning_rate.0: 1e-300 should be greater than 1e-30"),
        ("[1.0e+20]", "vary.learning_rate.0: 1e+20 should be at most 1000000000000000.0"),
        ("{log: [1.0e-3, 1.0e+308, 5]}", "vary.learning_rate.log.1: 1e+308 should be at most"),
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
        ("[0.1]\n  batch_size: [0]", "vary.batch_size.0: 0 should be at least 1"),
        ("[0.1]\n  epochs: [0]", "vary.epochs.0: 0 should be at least 1"),
        ("[0.1]\n  epoch: [1]", "vary.epoch: unknown key; did you mean 'epochs'?"),
        ("{log: [1, 1.0001, 25]}", "vary.learning_rate: [1, 1.0001, 25] gives a rate twice, rounded to four digits"),
    ],
    ids=[
        "no rate", "a rate twice", "rate 0", "negative rate", "tiny rate", "huge rate",
        "log of huge rates", "rate that YAML reads as text", "NaN", "infinity",
        "text", "log without a count", "varied and fixed", "too many trainings", "unknown network", "duplicated key",
        "not YAML", "batch size 0", "epochs 0", "unknown key", "rates that coincide",
    ],
)  # fmt: skip
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
        ({"defaults": {**CONFIG["defaults"], "batch_size": 0}}, "defaults.batch_size: 0 should be at least 1"),
        ({"defaults": {**CONFIG["defaults"], "epochs": 0}}, "defaults.epochs: 0 should be at least 1"),
        ({"networks": ["mlp"]}, "networks: ['mlp'] is a list; it should be a mapping"),
        ({"optimizers": {"sgd": {"class": "SGD", "learning_rate": 1}}}, "sgd.learning_rate: 1 does not belong here"),
        ({"seeds": 20.5}, "seeds: 20.5 is a number; it should be a whole number"),
        ({"networks": {"logistic": {"hidden": [8.5]}}}, "networks.logistic.hidden.0: 8.5 is a number; it should be"),
    ],
    ids=[
        "seeds 0", "a million seeds", "wrong type", "unknown key", "nearly a known key", "network named ../x",
        "network with ~", "network of 300 characters", "default network missing", "optimizer without class",
        "unknown choice", "batch size 0", "epochs 0", "list for a mapping", "rate of an optimizer",
        "no whole number", "no whole number in a list",
    ],
)  # fmt: skip
def test_a_mistake_in_the_config_names_the_key(change, message):
    with pytest.raises(StudyError) as caught:
        settings.load_config({**copy.deepcopy(CONFIG), **change}, schema("config"))
    assert str(caught.value).startswith("config/config.yaml: ")
    assert message in str(caught.value)


def test_a_grid_of_a_million_trainings(tmp_path):
    study = {**STUDY, "vary": {"learning_rate": {"log": [0.001, 10, 1000]}, "epochs": list(range(1, 1001))}}
    study["fixed"] = {"batch_size": 16}
    with pytest.raises(StudyError) as caught:
        load(tmp_path, study)
    assert str(caught.value).endswith(
        "mine.yaml: vary: 1,000,000 trainings are more than max_trainings allows (20,000); vary less, or raise "
        "max_trainings in config/config.yaml"
    )
    study["vary"]["epochs"] = list(range(1, 22))
    with pytest.raises(StudyError, match="21,000 trainings"):
        load(tmp_path, study)
    assert len(load(tmp_path, study, max_trainings=21_000).trainings) == 21_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: [1", "line 1: not valid YAML: "),
        (b"a: 1\na: 2", "line 2: not valid YAML: the key 'a' stands twice"),
        (b"{[1]: 2}", "line 1: not valid YAML: a key must be a plain word"),
        (b"a: \x00", "not valid YAML: unacceptable character"),
        (b"a: 2026-02-30", "not valid YAML: day is out of range for month"),
        (b"a: " + b"[" * 1200, "not valid YAML: "),
        (b"a: \xff", "not UTF-8 text"),
    ],
    ids=["unclosed", "duplicated key", "list as a key", "NUL", "30 February", "deep", "not UTF-8"],
)
def test_a_file_that_is_not_yaml(tmp_path, content, message):
    (tmp_path / "mine.yaml").write_bytes(content)
    with pytest.raises(StudyError) as caught:
        settings.read_yaml(tmp_path / "mine.yaml")
    assert str(caught.value).startswith(f"{tmp_path}/mine.yaml: {message}")
    assert "\n" not in str(caught.value)


def test_a_missing_config_file_and_a_folder(tmp_path):
    with pytest.raises(StudyError, match=r"absent\.yaml: there is no such file$"):
        settings.read_yaml(tmp_path / "absent.yaml")
    with pytest.raises(StudyError, match="Is a directory"):
        settings.read_yaml(tmp_path)


def test_anchors_and_merges_are_allowed(tmp_path):
    (tmp_path / "mine.yaml").write_text("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\n")
    assert settings.read_yaml(tmp_path / "mine.yaml")["b"] == {"x": 1, "y": 3}


BAD_NAMES = ["a b", "a~b", "höhe", "x" * 200, "-a", ".a", "a.b"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_study_whose_name_cannot_name_a_folder(tmp_path, name):
    (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(STUDY))
    with pytest.raises(StudyError, match=r"cannot name a folder; use up to 64 letters"):
        settings.load_studies(tmp_path, schema("study"), settings.load_config(CONFIG, schema("config")))


def registry(tmp_path, entries: dict | str) -> Path:
    """Return a datasets.yaml with these entries."""
    path = tmp_path / "datasets.yaml"
    path.write_text(entries if isinstance(entries, str) else yaml.safe_dump(entries))
    return path


@pytest.mark.parametrize("name", [*BAD_NAMES, "../x", "a/b", "..", "x" * 300, "a\nb", ""])
def test_a_dataset_whose_name_cannot_name_a_folder(tmp_path, name):
    path = registry(tmp_path, {name: {"target": "y", "path": "a.csv"}})
    with pytest.raises(StudyError, match=r"datasets\.yaml: .* cannot name a folder; use up to 64 letters"):
        settings.load_datasets(path, [name], schema("datasets"))


MINE = {"path": "mine.csv", "target": "species"}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"path": "a"}, "mine: the key 'target' is missing"),
        ({"target": "y"}, "mine: nothing says where the data come from; give one of file, path, url, openml, sklearn"),
        ({**MINE, "url": "https://b/c.csv"}, "mine: path and url says where the data come from; give one of"),
        ({"target": "y", "sources": [{"path": "a"}, {"format": "csv"}]}, "mine.sources.1: nothing says where"),
        ({**MINE, "categorial": "one_hot"}, "mine.categorial: unknown key; did you mean 'categorical'?"),
        ({**MINE, "missing": "mean"}, "mine.missing: 'mean' should be one of refuse, drop, median"),
        ({**MINE, "stratify": 1}, "mine.stratify: 1 is a whole number; it should be true or false"),
        ({**MINE, "sha256": "abc"}, "mine.sha256: 'abc' is not a SHA-256; write its 64 hexadecimal digits"),
        ({**MINE, "file": "../x"}, "mine.file: '../x' is not the plain name of a file"),
        ({"target": "y", "url": "/etc/hosts"}, "mine.url: '/etc/hosts' is not an address; write https://…"),
        ({"target": "y", "url": "https://[bad/x.csv"}, "mine.url: 'https://[bad/x.csv' is not an address"),
        ({**MINE, "fallback": "min"}, "mine.fallback: 'min' is no dataset; did you mean 'mine'?"),
        ({**MINE, "path": "a{b}.csv"}, "mine.path: 'a{b}.csv' has a brace, which Snakemake would take for a wildcard"),
        ({**MINE, "title": "<b>"}, "mine.title: '<b>' has a character that the report would take for markup"),
        ({**MINE, "title": "a_"}, "mine.title: 'a_' has a character that the report would take for markup"),
    ],
)
def test_a_mistake_in_a_dataset_names_the_key(tmp_path, entry, message):
    with pytest.raises(StudyError) as caught:
        settings.load_datasets(registry(tmp_path, {"mine": entry}), ["mine"], schema("datasets"))
    assert str(caught.value).startswith(f"{tmp_path}/datasets.yaml: {message}")


def test_five_lines_make_a_dataset(tmp_path):
    five = re.search(r"```yaml\n(mine:\n.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[1]
    assert len(five.splitlines()) == 5
    found = settings.load_datasets(registry(tmp_path, five), ["mine"], schema("datasets"))
    assert found == {"mine": {**MINE, "missing": "median", "categorical": "one_hot", "title": "mine"}}


def test_a_dataset_may_have_a_network_of_its_own():
    config = settings.load_config(CONFIG, schema("config"))
    assert settings.for_dataset(config, "mine", MINE) == config
    chosen = settings.for_dataset(config, "mine", {**MINE, "network": "mlp"})
    studies = settings.load_studies(ROOT / "config/studies", schema("study"), chosen)
    assert {training["network"] for training in studies["learning_rates"].trainings} == {"mlp"}
    with pytest.raises(StudyError, match=r"config/datasets\.yaml: mine\.network: 'mpl' is not in networks .* 'mlp'\?"):
        settings.for_dataset(config, "mine", {**MINE, "network": "mpl"})


def test_every_study_of_the_project_is_right():
    config = settings.load_config(CONFIG, schema("config"))
    studies = settings.load_studies(ROOT / "config/studies", schema("study"), config)
    assert len(studies["stability_map"].trainings) == 125


def test_a_study_that_would_be_overlooked_for_its_files_name(tmp_path):
    (tmp_path / "mine.yml").write_text(yaml.safe_dump(STUDY))
    with pytest.raises(StudyError, match=r"mine\.yml: a study's file ends in \.yaml; rename it"):
        settings.load_studies(tmp_path, schema("study"), settings.load_config(CONFIG, schema("config")))


@pytest.mark.parametrize("rate", [1e-300, 1e20])
def test_a_fixed_rate_has_the_bounds_of_a_varied_one(tmp_path, rate):
    study = {"title": "T", "vary": {"batch_size": [16]}, "fixed": {"learning_rate": rate}}
    with pytest.raises(StudyError, match=r"mine\.yaml: fixed\.learning_rate: "):
        load(tmp_path, study)


def test_a_study_knows_where_its_rates_stand(tmp_path):
    path = tmp_path / "rates.yaml"
    path.write_text(
        "# learning_rate: none here\ntitle: Rates\nvary:\n  batch_size: [16]\n\n  learning_rate: [0.1, 0.2]\n"
    )
    assert reading.line_of(path, "vary", "learning_rate") == 6
    assert reading.line_of(path, "vary", "network") is None
    assert reading.line_of(path, "fixed", "learning_rate") is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"callbacks": [{"class": "EarlyStopping"}]}, "callbacks: Keras's own fit takes them; write engine: fit too"),
        (
            {"engine": "fit", "callbacks": [{"class": "EarlyStoping"}]},
            "callbacks[0].class: Keras has no 'EarlyStoping'",
        ),
        (
            {"engine": "fit", "callbacks": [{"class": "EarlyStopping", "patience": -1}]},
            "callbacks[0].patience: -1 should",
        ),
        (
            {"engine": "fit", "callbacks": [{"class": "EarlyStopping", "monitor": "val_acc"}]},
            "mine.yaml: callbacks[0].monitor: a training has no 'val_acc'; did you mean 'val_accuracy'?",
        ),
        (
            {"engine": "fit", "callbacks": [{"class": "ReduceLROnPlateau"}], "fixed": {"optimizer": "halved"}},
            "mine.yaml: callbacks[0]: ReduceLROnPlateau changes the learning rate, and so does the schedule of "
            "optimizers.halved; keep one of the two",
        ),
        ({"engine": "fast"}, "engine: 'fast' should be one of all_seeds, fit"),
    ],
)
def test_what_fit_alone_knows_is_said(tmp_path, more, said):
    halved = {"class": "SGD", "schedule": {"class": "ExponentialDecay", "decay_epochs": 1, "decay_rate": 0.5}}
    with pytest.raises(StudyError) as caught:
        study = {"title": "Mine", "vary": {"learning_rate": [0.1, 0.2]}, **more}
        load(tmp_path, study, optimizers={**CONFIG["optimizers"], "halved": halved})
    assert said in str(caught.value)


def test_a_study_by_fit_has_no_finders(tmp_path):
    rates = {"learning_rate": {"log": [0.001, 1, 9]}}
    study = load(tmp_path, {"title": "Mine", "vary": rates, "engine": "fit", "datasets": ["digits"]})
    assert study.ranges and not study.audits and not study.crosses
    assert study.is_for("digits") and not study.is_for("wine")
