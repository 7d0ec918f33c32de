"""What an edit reruns: the README's table, on the real DAG."""

import json
import os
import shutil
import time
from pathlib import Path

import pandas as pd
import pytest
import yaml

from project import RESULTS, tables

# The study of four rates has two figures; the other of the two default studies has one training and one figure.
STUDY_ONWARD = {"collect": 1, "answer": 1, "plot": 2, "page": 1, "manifest": 1}
STUDIES_ONWARD = {"collect": 2, "answer": 2, "plot": 3, "page": 2, "manifest": 1}
ANSWERS_ONWARD = {"answer": 2, "plot": 3, "page": 2, "manifest": 1}
TRAININGS_ONWARD = {"compile": 1, "train": 5, **STUDIES_ONWARD}
PREPARE_ONWARD = {"prepare": 1, "baseline": 1, "descend": 1, **TRAININGS_ONWARD}
EVERYTHING = {"fetch": 1, "overview": 1, **PREPARE_ONWARD}
MATPLOTLIB = {"overview": 1, "descend": 1, "plot": 3, "page": 2, "manifest": 1}

RATES = "config/studies/learning_rates.yaml"


def rates(values):
    """Return an edit that sets the learning rates."""
    return lambda study: study["vary"].update(learning_rate=values)


def append(project, path, text="\n# a comment more\n"):
    """Change a file's content."""
    with open(project.folder / path, "a") as stream:
        stream.write(text)


def older(path):
    """Give a file the date of ten years ago, as one has that `mv`, `cp -p` or `tar -x` brings."""
    os.utime(path, (1.4e9, 1.4e9))


def test_nothing_changed(project):
    assert project.planned() == {}


def test_a_rate_more_trains_once(project):
    project.edit(RATES, rates([0.01, 0.05, 0.1, 0.5, 1.0]))
    assert project.planned() == {"train": 1, **STUDY_ONWARD}
    result = project.run()
    assert result.returncode == 0, result.stdout
    trained = project.folder / "results/banknote_standin/trainings"
    assert len(list(trained.rglob("learning_rate~1.0/history.parquet"))) == 1
    assert project.planned() == {}


@pytest.mark.parametrize("values", [[0.01, 0.05, 0.1], [0.5, 0.1, 0.05, 0.01]], ids=["removed", "reordered"])
def test_fewer_or_reordered_rates_train_nothing(project, values):
    project.edit(RATES, rates(values))
    assert project.planned() == STUDY_ONWARD


@pytest.mark.parametrize("path", ["scripts/lrstudy/figures/curves.py", "scripts/plot_curves.py"])
def test_figure_code_draws_that_figure_only(project, path):
    append(project, path)
    assert project.planned() == {"plot": 2}


def test_style_draws_figures_only(project):
    append(project, "scripts/lrstudy/figures/style.py")
    assert project.planned() == MATPLOTLIB


@pytest.mark.parametrize("name", ["page.css", "charts.js", "page.html", "words.py"])
def test_a_part_of_the_page_makes_pages_only(project, name):
    append(project, f"scripts/lrstudy/figures/page/{name}")
    assert project.planned() == {"page": 2}


def test_seeds_train_anew(project):
    project.edit("config/config.yaml", lambda config: config.update(seeds=20))
    assert project.planned() == TRAININGS_ONWARD


def test_training_code_trains_anew(project):
    append(project, "scripts/lrstudy/training/engine.py")
    assert project.planned() == TRAININGS_ONWARD


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


def test_touching_tables_and_modules_reruns_nothing(project):
    later = time.time() + 60
    for name in ("config", "data", "results", "workflow", "scripts/lrstudy"):
        for path in (project.folder / name).rglob("*"):
            os.utime(path, (later, later))
    assert project.planned() == {}


def test_touching_a_script_runs_its_rule(project):
    """Snakemake's own trigger looks at a script's date, whatever stands in it."""
    later = time.time() + 60
    os.utime(project.folder / "scripts/page.py", (later, later))
    assert project.planned() == {"page": 2}


def test_code_replaced_by_an_older_file_runs(project):
    for path in ("scripts/lrstudy/figures/curves.py", "scripts/lrstudy/training/engine.py"):
        append(project, path)
        older(project.folder / path)
    assert project.planned() == TRAININGS_ONWARD


def test_an_edit_undone_before_a_run_reruns_nothing(project):
    engine, config = project.folder / "scripts/lrstudy/training/engine.py", project.folder / "config/config.yaml"
    before = engine.read_text(), config.read_text()
    append(project, "scripts/lrstudy/training/engine.py")
    project.edit("config/config.yaml", lambda config: config.update(seeds=20))
    assert project.planned() == TRAININGS_ONWARD
    engine.write_text(before[0])
    config.write_text(before[1])
    assert project.planned() == {}


def test_a_result_replaced_by_hand_is_noticed_by_its_date(project):
    summary = project.folder / RESULTS / "studies/learning_rates/summary.csv"
    date = summary.stat().st_mtime
    summary.write_text(summary.read_text().replace("loss", "lost", 1))
    assert project.planned() == {"plot": 2, "page": 1, "manifest": 1}
    older(summary)  # older than the script that makes it
    assert project.planned() == {"answer": 1, "plot": 2, "page": 1, "manifest": 1}
    os.utime(summary, (date, date))
    assert project.planned() == {}  # `make verify` notices it


def test_without_snakemakes_records_edits_are_not_seen_and_a_line_says_so(project):
    shutil.rmtree(project.folder / ".snakemake")
    project.edit("config/config.yaml", lambda config: config["split"].update(test_size=0.5))
    said = project.run("--dry-run").stdout
    (line,) = [line for line in said.splitlines() if line.startswith("warning: ")]
    assert "without Snakemake's records" in line and "--forceall" in line
    assert project.planned() == {}
    assert project.planned("--forceall") == {**EVERYTHING, "vega": 1}


def test_another_version_of_a_library_makes_anew_what_it_shapes(project, tmp_path):
    """The version stands where Python looks for it: in the library's metadata, first on the path."""
    for name, expected in (("jaxlib", TRAININGS_ONWARD), ("matplotlib", MATPLOTLIB)):
        elsewhere = tmp_path / name
        (elsewhere / f"{name}-99.0.dist-info").mkdir(parents=True)
        (elsewhere / f"{name}-99.0.dist-info/METADATA").write_text(f"Name: {name}\nVersion: 99.0\n")
        assert project.planned(PYTHONPATH=str(elsewhere)) == expected
    assert project.planned() == {}


def rewritten(project, path, **new):
    """Write a YAML file with its keys in another order, and some with another value."""
    content = yaml.safe_load((project.folder / path).read_text())
    turned = {key: {**dict(reversed(content[key].items())), **more} for key, more in new.items()}
    (project.folder / path).write_text(yaml.safe_dump({**dict(reversed(content.items())), **turned}, sort_keys=False))


def test_another_spelling_reruns_nothing(project):
    rewritten(project, "config/config.yaml", split={}, defaults={}, statistics={"resamples": 2000.0})
    project.edit(RATES, lambda study: study.update(fixed={**dict(reversed(study["fixed"].items())), "epochs": 3.0}))
    project.edit("config/datasets.yaml", lambda registry: registry.update(banknote_standin=dict(
        reversed(registry["banknote_standin"].items())
    )))  # fmt: skip
    assert project.planned() == {}


def test_the_words_of_a_dataset_reach_what_shows_them(project):
    words = {"citation": "Somebody (2026).", "licence": "CC0", "doi": "10.1/1", "description": "Notes."}
    project.edit("config/datasets.yaml", lambda registry: registry["banknote_standin"].update(words))
    assert project.planned() == {"overview": 1, "page": 2, "manifest": 1}
    assert project.run().returncode == 0
    provenance = json.loads((project.folder / "data/banknote_standin/provenance.json").read_text())
    assert words.items() <= provenance.items()
    project.edit("config/datasets.yaml", lambda registry: registry["banknote_standin"].update(title="Notes"))
    assert project.planned() == MATPLOTLIB


@pytest.mark.faults
def test_a_measured_dataset_may_say_so(project):
    project.edit("config/datasets.yaml", lambda registry: registry["wine"].update(simulated=False))
    prepared = "results/wine/prepared.parquet"
    assert project.run(prepared, "--config", "dataset=wine").returncode == 0
    project.edit("config/datasets.yaml", lambda registry: registry["wine"].pop("simulated"))
    assert project.planned(prepared, "--config", "dataset=wine") == {}


def test_the_words_of_a_study_reach_what_shows_them(project):
    project.edit(RATES, lambda study: study.update(title="Rates"))
    assert project.planned() == {"plot": 2, "page": 1}


def test_statistics_reach_what_uses_them(project):
    project.edit("config/config.yaml", lambda config: config["statistics"].update(resamples=500))
    assert project.planned() == ANSWERS_ONWARD


def of_ones_own(project) -> Path:
    """Study a file of the user's own, a copy of the stand-in's table."""
    table = project.folder / "mine.csv"
    shutil.copy(project.folder / "data/banknote_standin/table.csv", table)
    entry = {"path": "mine.csv", "target": "class"}
    project.edit("config/datasets.yaml", lambda registry: registry.update(mine=entry))
    project.edit("config/config.yaml", lambda config: config.update(dataset="mine"))
    result = project.run()
    assert result.returncode == 0, result.stdout
    return table


@pytest.mark.faults
def test_ones_own_file_replaced_by_an_older_one_runs(project):
    table = of_ones_own(project)
    content = table.read_text()
    assert project.planned() == {}
    os.utime(table, (4e9, 4e9))
    assert project.planned() == {}
    table.write_text(content.replace("\n", "\n3.0,3.0,3.0,3.0,1\n", 1))
    older(table)
    assert project.planned() == EVERYTHING
    result = project.run()
    assert result.returncode == 0, result.stdout
    assert json.loads((project.folder / "results/mine/overview/summary.json").read_text())["rows"] == 1373
    assert project.planned() == {}
    assert table.read_text().count("\n") == content.count("\n") + 1  # nobody writes to it


def insert(project, path, line):
    """Let a script begin its work with a line more."""
    head = "def main(input, output, settings):\n"
    script = project.folder / path
    assert head in script.read_text()
    script.write_text(script.read_text().replace(head, f"{head}    {line}\n"))


MISTAKES = {
    "target": (
        lambda project: project.edit("config/datasets.yaml", lambda all: all["banknote_standin"].update(target="clas")),
        "error: dataset 'banknote_standin'",
    ),
    "split": (
        lambda project: project.edit("config/config.yaml", lambda config: config["split"].update(test_size=0.999)),
        "error: ",
    ),
    "source": (
        lambda project: project.edit(
            "config/datasets.yaml", lambda all: all.update(banknote_standin={"path": "gone.csv", "target": "class"})
        ),
        "error: dataset 'banknote_standin', gone.csv: there is no such file",
    ),
    "seeds": (
        lambda project: insert(project, "scripts/train.py", "raise MemoryError('too many seeds')"),
        "error: results/banknote_standin/trainings/",
    ),
}


@pytest.mark.faults
@pytest.mark.parametrize(("mistake", "cached"), [*((mistake, False) for mistake in MISTAKES), ("seeds", True)])
def test_a_mistake_fails_until_it_is_undone(project, finished, mistake, cached, tmp_path):
    """Undone, it runs again what rests on the failed file; from Snakemake's cache no training is computed again."""
    make, message = MISTAKES[mistake]
    cache = ["--cache", "compile", "train"] if cached else []
    place = {"SNAKEMAKE_OUTPUT_CACHE": str(tmp_path / "cache")}
    (tmp_path / "cache").mkdir()
    if cached:
        assert project.run("--forcerun", "compile", *cache, **place).returncode == 0
    kept = {path: path.read_bytes() for name in ("config", "scripts") for path in (project.folder / name).rglob("*.*")}
    make(project)
    said = []
    for _ in range(3):
        result = project.run(*cache, **place)
        assert result.returncode != 0
        said.append([line for line in result.stdout.splitlines() if line.startswith("error: ")])
    assert said[0][0].startswith(message)
    reasons = [{line.rpartition(": ")[2] for line in lines} for lines in said]
    assert reasons[0] == reasons[1] == reasons[2]
    for path, content in kept.items():
        path.write_bytes(content)
    trained = histories(tmp_path / "cache")
    result = project.run(*cache, **place)
    assert result.returncode == 0, result.stdout
    assert histories(tmp_path / "cache") == trained
    assert tables(project.folder) == tables(finished.folder)
    assert project.planned() == {}


def histories(cache) -> int:
    """Return how many trainings are in Snakemake's cache: one more for each that was computed and not taken from it."""
    return len(list(cache.glob("*.parquet")))


@pytest.mark.faults
def test_a_split_tried_and_taken_back_trains_nothing_with_the_cache(project, finished, tmp_path):
    cache, place = ["--cache", "compile", "train"], {"SNAKEMAKE_OUTPUT_CACHE": str(tmp_path / "cache")}
    (tmp_path / "cache").mkdir()
    assert project.run("--forcerun", "compile", *cache, **place).returncode == 0
    assert histories(tmp_path / "cache") == 5
    for size in (0.5, 0.3):
        project.edit("config/config.yaml", lambda config, size=size: config["split"].update(test_size=size))
        result = project.run(*cache, **place)
        assert result.returncode == 0, result.stdout
        assert histories(tmp_path / "cache") == 10
    assert tables(project.folder) == tables(finished.folder)


@pytest.mark.faults
def test_prepare_killed_after_an_edit_is_run_again(project):
    script = (project.folder / "scripts/prepare.py").read_text()
    insert(project, "scripts/prepare.py", "__import__('os').kill(__import__('os').getpid(), 9)")
    project.edit("config/config.yaml", lambda config: config["split"].update(test_size=0.5))
    for _ in range(2):
        assert project.run().returncode != 0
    (project.folder / "scripts/prepare.py").write_text(script)
    assert project.run().returncode == 0
    prepared = pd.read_parquet(project.folder / RESULTS / "prepared.parquet")
    assert prepared.subset.value_counts().to_dict() == {"train": 686, "test": 686}


def test_words_rerun_nothing(project):
    (project.folder / "README.md").write_text("# changed\n")
    (project.folder / "tests").mkdir()
    (project.folder / "tests/test_new.py").write_text("")
    assert project.planned() == {}


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("data/preparation.py", PREPARE_ONWARD),
        ("statistics/sentence.py", ANSWERS_ONWARD),
        ("training/program.py", TRAININGS_ONWARD),
    ],
)
def test_a_line_in_a_module_runs_what_uses_it_and_what_rests_on_that(project, module, expected):
    append(project, f"scripts/lrstudy/{module}")
    assert project.planned() == expected
