"""What an edit reruns: the README's table, on the real DAG."""

import os
import time

import pytest

# The study of four rates; the other of the two default studies has one training, so nothing to recommend.
# The manifest follows every table and the config.
TABLES = {"collect": 1, "summarise": 1, "recommend": 1, "manifest": 1}
TABLES_AND_FIGURES = {**TABLES, "plot": 1, "plot_rates": 1, "page": 1}
TRAININGS_ONWARD = {"compile": 1, "train": 5, **TABLES_AND_FIGURES, "collect": 2, "summarise": 2, "plot": 2, "page": 2}
PREPARE_ONWARD = {"prepare": 1, "baseline": 1, "descend": 1, **TRAININGS_ONWARD}

RATES = "config/studies/learning_rates.yaml"


def rates(values):
    """Return an edit that sets the learning rates."""
    return lambda study: study["vary"].update(learning_rate=values)


def append(project, path, text="\n# a comment more\n"):
    """Change a file's content."""
    with open(project.folder / path, "a") as stream:
        stream.write(text)


def test_nothing_changed(project):
    assert project.planned() == {}


def test_a_rate_more_trains_once(project):
    project.edit(RATES, rates([0.01, 0.05, 0.1, 0.5, 1.0]))
    assert project.planned() == {"train": 1, **TABLES_AND_FIGURES}
    result = project.run()
    assert result.returncode == 0, result.stdout
    trained = project.folder / "results/banknote_standin/trainings"
    assert len(list(trained.rglob("learning_rate~1.0/history.parquet"))) == 1
    assert project.planned() == {}


@pytest.mark.parametrize("values", [[0.01, 0.05, 0.1], [0.5, 0.1, 0.05, 0.01]], ids=["removed", "reordered"])
def test_fewer_or_reordered_rates_train_nothing(project, values):
    project.edit(RATES, rates(values))
    assert project.planned() == TABLES_AND_FIGURES


@pytest.mark.parametrize("path", ["scripts/lrstudy/figures/curves.py", "scripts/plot.py"])
def test_figure_code_draws_figures_only(project, path):
    append(project, path)
    assert project.planned() == {"plot": 2}


def test_style_draws_figures_only(project):
    append(project, "scripts/lrstudy/figures/style.py")
    assert project.planned() == {"plot": 2, "plot_rates": 1, "descend": 1, "page": 2, "overview": 1, "manifest": 1}


@pytest.mark.parametrize("name", ["page.css", "charts.js", "page.html", "words.py"])
def test_a_part_of_the_page_makes_pages_only(project, name):
    append(project, f"scripts/lrstudy/figures/page/{name}")
    assert project.planned() == {"page": 2}


def test_seeds_train_anew(project):
    project.edit("config/config.yaml", lambda config: config.update(seeds=20))
    assert project.planned() == TRAININGS_ONWARD


def test_training_code_trains_anew(project):
    append(project, "scripts/lrstudy/training/engine.py")
    assert project.planned() == {**TRAININGS_ONWARD, "descend": 1}


def test_an_optimizers_definition_trains_its_own_anew(project):
    project.edit(
        "config/config.yaml", lambda config: config["optimizers"].update(adam={"class": "Adam", "beta_1": 0.8})
    )
    assert project.planned() == {"manifest": 1}
    project.edit(
        "config/config.yaml", lambda config: config["optimizers"].update(sgd={"class": "SGD", "momentum": 0.1})
    )
    assert project.planned() == TRAININGS_ONWARD


@pytest.mark.parametrize(
    "change",
    [{"split": {"test_size": 0.2, "random_state": 42}}, {"scaling": {"fit_on": "train"}}],
    ids=["split", "scaling"],
)
def test_split_and_scaling_prepare_anew(project, change):
    project.edit("config/config.yaml", lambda config: config.update(change))
    assert project.planned() == PREPARE_ONWARD


def test_touching_files_reruns_nothing(project):
    later = time.time() + 60
    for path in project.folder.rglob("*"):
        if path.is_file() and not path.is_relative_to(project.folder / ".snakemake"):
            inputs = ("scripts", "config", "workflow")
            if path.relative_to(project.folder).parts[0] in inputs:
                os.utime(path, (later, later))
    assert project.planned() == {}


def test_words_rerun_nothing(project):
    (project.folder / "README.md").write_text("# changed\n")
    (project.folder / "tests").mkdir()
    (project.folder / "tests/test_new.py").write_text("")
    assert project.planned() == {}
