"""What a config asks for: its studies, what the command line changed, and the commands that are advised."""

from pathlib import Path

import pytest

from lrstudy.config import reading, run
from lrstudy.errors import StudyError

ROOT = Path(__file__).resolve().parents[3]
CONFIG = reading.read_mapping(ROOT / "config/config.yaml")


def loaded(folder: Path = ROOT / "config", rules=(), **given) -> run.Run:
    """Return the run of the project's own config with some keys given otherwise."""

    return run.load(run.merged(CONFIG, given), folder, ROOT / "workflow/schemas", rules)


def test_what_the_file_says_is_not_given():
    assert loaded().given == {}
    assert loaded(seeds=20, split={"test_size": 0.2, "random_state": 42}).given == {
        "seeds": 20,
        "split": {"test_size": 0.2},
    }


def test_nested_values_of_the_command_line_are_numbers():
    found = loaded(split={"test_size": "0.2", "random_state": "7"}, scaling={"fit_on": "train"})
    assert found.config["split"] == {"random_state": 7, "test_size": 0.2}
    assert found.config["scaling"] == {"fit_on": "train"}
    with pytest.raises(StudyError, match=r"--config: split\.test_size: 'half' is text"):
        loaded(split={"test_size": "half"})


def test_order_and_spelling_make_no_difference():
    assert run.canonical({"b": 1.0, "a": [2.5, {"d": 3.0, "c": "x"}]}) == {"a": [2.5, {"c": "x", "d": 3}], "b": 1}
    assert str(run.canonical({"b": 1, "a": 2})) == str(run.canonical({"a": 2, "b": 1.0}))


def test_targets_name_their_studies():
    found = loaded()
    assert found.studies_of("all", "banknote") == ["first_model", "learning_rates"]
    assert found.studies_of("chapter", "banknote") == list(run.CHAPTER)
    assert found.studies_of("optimizers", "banknote") == ["optimizers"]


def test_everything_leaves_out_what_is_for_other_datasets():
    assert loaded(dataset="digits").studies_of("everything", "digits") == loaded().names
    assert set(loaded().names) - set(loaded().studies_of("everything", "banknote")) == {"convolution"}


def test_a_program_of_ones_own_network_has_the_digests_of_its_files():
    names = {"network": "convolution", "optimizer": "sgd", "initializer": "zeros", "batch_size": "32"}
    made = loaded().program(names)
    assert made["batch_size"] == 32
    assert made["network"]["name"] == "convolution"
    assert made["network"]["code"].keys() == {"digits.py"}


def test_one_training_of_each_network_and_optimizer_is_compared_with_fit():
    (training,) = loaded().to_compare("banknote")
    assert (training["network"], training["optimizer"], training["learning_rate"]) == ("logistic", "sgd", 0.05)


def test_a_training_is_known_by_its_path():
    found = loaded().studies["banknote"]["learning_rate_range"].trainings[3]
    path = run.labels.path_of(found)
    assert run.training_of(path) == found
    assert run.training_of(path.removesuffix("/split~each"))["split"] == "one"


def test_the_next_command_is_a_wider_study_or_the_study_itself():
    found = loaded(seeds=3, dataset="wine")
    assert found.next_commands("wine", "learning_rates")["highest"] == {
        "wider": True,
        "command": "make study STUDY=learning_rate_range DATASET=wine CONFIG=seeds=3",
    }
    assert found.next_commands("wine", "learning_rate_range")["lowest"] == {
        "wider": False,
        "command": "make study STUDY=learning_rate_range DATASET=wine CONFIG=seeds=3",
    }


def test_at_most_so_many_epochs(tmp_path):
    found = loaded(max_epochs=3, seeds=16)
    assert {training["epochs"] for study in found.studies["banknote"].values() for training in study.trainings} == {3}
    assert found.command("banknote", "x") == "make study STUDY=x DATASET=banknote CONFIG='seeds=16 max_epochs=3'"


def test_only_the_lectures_first_model_on_its_data_is_the_lectures():
    found = loaded(dataset=["banknote", "wine"])
    assert found.is_lecture("banknote", "first_model")
    assert not found.is_lecture("banknote", "learning_rates")
    assert not found.is_lecture("wine", "first_model")
    assert found.recommending == [("learning_rates", "banknote"), ("learning_rates", "wine")]


def test_a_study_has_the_figures_that_it_has_something_to_draw_for():
    ours = loaded().studies["banknote"]
    figures = {name: study.figures for name, study in ours.items()}
    assert figures["first_model"] == figures["optimizers"] == ["curves"]
    assert figures["learning_rates"] == ["curves", "rates"]
    assert figures["learning_rate_range"] == ["curves", "rates", "times", "few_seeds", "budget"]
    assert figures["stability_map"] == ["curves", "rates", "times", "few_seeds", "budget", "map"]
    assert [name for name, study in ours.items() if study.audits] == ["learning_rate_range"]
    assert [name for name, study in ours.items() if study.crosses] == ["learning_rate_range"]
