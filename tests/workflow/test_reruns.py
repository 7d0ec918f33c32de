"""What an edit reruns: the README's table, on the real DAG."""

import json
import os
import shutil
import time

import pandas as pd
import pytest
import yaml

from project import RESULTS, tables

# The study of four rates has two figures; the other of the two default studies has one training and one figure.
STUDY_ONWARD = {"collect": 1, "answer": 1, "plot": 2, "page": 1, "manifest": 1}
STUDIES_ONWARD = {"collect": 2, "answer": 2, "plot": 3, "page": 2, "manifest": 1}
ANSWERS_ONWARD = {"answer": 2, "plot": 3, "page": 2, "manifest": 1}
TRAININGS_ONWARD = {"train": 5, **STUDIES_ONWARD}
PROGRAMS_ONWARD = {"compile": 2, **TRAININGS_ONWARD}
PREPARE_ONWARD = {"prepare": 1, "baseline": 1, "descend": 1, **PROGRAMS_ONWARD}
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


def test_a_rate_more_trains_once(project):
    project.edit(RATES, rates([0.01, 0.05, 0.1, 0.5, 1.0]))
    assert project.planned() == {"train": 1, **STUDY_ONWARD}
    result = project.run()
    assert result.returncode == 0, result.stdout
    trained = project.folder / "results/banknote_standin/trainings"
    assert len(list(trained.rglob("learning_rate~1.0/history.parquet"))) == 1
    assert project.planned() == {}


def test_fewer_rates_in_another_order_train_nothing(project):
    project.edit(RATES, rates([0.5, 0.1, 0.01]))
    assert project.planned() == STUDY_ONWARD


def test_style_draws_figures_only(project):
    append(project, "scripts/lrstudy/figures/style.py")
    assert project.planned() == MATPLOTLIB


def test_a_template_of_the_page_makes_pages_only(project):
    append(project, "scripts/lrstudy/figures/page/page.css")
    assert project.planned() == {"page": 2}


def test_an_optimizers_definition_trains_its_own_anew(project):
    project.edit(
        "config/config.yaml", lambda config: config["optimizers"].update(adam={"class": "Adam", "beta_1": 0.8})
    )
    assert project.planned() == {"manifest": 1}
    project.edit(
        "config/config.yaml", lambda config: config["optimizers"].update(sgd={"class": "SGD", "momentum": 0.1})
    )
    assert project.planned() == PROGRAMS_ONWARD


def test_touching_runs_what_has_its_script_touched_and_no_more(project):
    """Snakemake's own trigger looks at a script's date, whatever stands in it."""
    later = time.time() + 60
    for name in ("config", "data", "results", "workflow", "scripts/lrstudy"):
        for path in (project.folder / name).rglob("*"):
            os.utime(path, (later, later))
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
    assert "rule prepare:" not in said
    assert project.planned("--forceall") == {**EVERYTHING, "vega": 1}


def test_another_version_of_a_library_makes_anew_what_it_shapes(project, tmp_path):
    """The version stands where Python looks for it: in the library's metadata, first on the path."""
    for name in ("jaxlib", "matplotlib"):
        (tmp_path / f"{name}-99.0.dist-info").mkdir()
        (tmp_path / f"{name}-99.0.dist-info/METADATA").write_text(f"Name: {name}\nVersion: 99.0\n")
    assert project.planned(PYTHONPATH=str(tmp_path)) == {**PROGRAMS_ONWARD, **MATPLOTLIB}


def rewritten(project, path, **new):
    """Write a YAML file with its keys in another order, and some with another value."""
    content = yaml.safe_load((project.folder / path).read_text())
    turned = {key: {**dict(reversed(content[key].items())), **more} for key, more in new.items()}
    (project.folder / path).write_text(yaml.safe_dump({**dict(reversed(content.items())), **turned}, sort_keys=False))


def test_another_spelling_and_words_rerun_nothing(project):
    rewritten(project, "config/config.yaml", split={}, defaults={}, statistics={"resamples": 2000.0})
    project.edit(RATES, lambda study: study.update(fixed={**dict(reversed(study["fixed"].items())), "epochs": 3.0}))
    project.edit("config/datasets.yaml", lambda registry: registry.update(banknote_standin=dict(
        reversed(registry["banknote_standin"].items())
    )))  # fmt: skip
    (project.folder / "README.md").write_text("# changed\n")
    (project.folder / "tests").mkdir()
    (project.folder / "tests/test_new.py").write_text("")
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


@pytest.mark.faults
def test_ones_own_file_replaced_by_an_older_one_runs(project):
    table = project.folder / "mine.csv"
    shutil.copy(project.folder / "data/banknote_standin/table.csv", table)
    mine = {"path": "mine.csv", "target": "class"}
    project.edit("config/datasets.yaml", lambda registry: registry.update(mine=mine))
    asked, summary = ("first_model", "--config", "dataset=mine"), "results/mine/overview/summary.json"
    assert project.run(*asked).returncode == 0
    content = table.read_text()
    os.utime(table, (4e9, 4e9))
    assert project.planned(*asked) == {}
    table.write_text(content.replace("\n", "\n3.0,3.0,3.0,3.0,1\n", 1))
    older(table)
    said = project.run("--dry-run", *asked).stdout
    assert "mine.csv" in next(block for block in said.split("\n\n") if "rule fetch:" in block)
    assert "rule train:" in said and "Forced execution" not in said
    result = project.run(summary, *asked[1:])
    assert result.returncode == 0, result.stdout
    assert json.loads((project.folder / summary).read_text())["rows"] == 1373
    assert project.planned(summary, *asked[1:]) == {}
    assert table.read_text().count("\n") == content.count("\n") + 1  # nobody writes to it


def insert(project, path, line):
    """Let a script begin its work with a line more."""
    head = "def main(input, output, settings):\n"
    script = project.folder / path
    assert head in script.read_text()
    script.write_text(script.read_text().replace(head, f"{head}    {line}\n"))


def fails_twice(project, message: str, *arguments: str, **environment: str) -> None:
    """Hold that a run fails with a line that begins with this message, and the next one with the same line."""
    said = []
    for _ in range(2):
        result = project.run(*arguments, **environment)
        assert result.returncode != 0
        lines = [line for line in result.stdout.splitlines() if line.startswith("error: ")]
        assert lines and all(line.startswith(message) for line in lines), result.stdout
        said.append({line.rpartition(": ")[2] for line in lines})  # which training fails first is chance
    assert said[0] == said[1]


def entry(**keys):
    """Return an edit of the stand-in's entry in the registry."""
    return lambda registry: registry["banknote_standin"].update(keys)


@pytest.mark.faults
def test_a_mistake_fails_until_it_is_undone(project, finished):
    kept = {path: path.read_bytes() for path in (project.folder / "config").glob("*.yaml")}
    for path, mistake, message in (
        ("datasets", entry(target="clas"), "error: dataset 'banknote_standin': target: the stand-in's is 'class'"),
        ("config", lambda config: config["split"].update(test_size=0.999), "error: config/config.yaml: split"),
        ("datasets", lambda all: all.update(banknote_standin=GONE), "error: dataset 'banknote_standin', gone.csv: the"),
    ):
        project.edit(f"config/{path}.yaml", mistake)
        fails_twice(project, message)
        for path, content in kept.items():
            path.write_bytes(content)
    assert project.run().returncode == 0
    assert tables(project.folder) == tables(finished.folder)
    assert project.planned() == {}


GONE = {"path": "gone.csv", "target": "class"}


def histories(cache) -> int:
    """Return how many trainings are in Snakemake's cache: one more for each that was computed and not taken from it."""
    return len(list(cache.glob("*.parquet")))


@pytest.mark.faults
def test_the_cache_serves_a_mistake_undone_and_a_split_tried_and_taken_back(project, finished, tmp_path):
    cache, place = ["--cache", "compile", "train"], {"SNAKEMAKE_OUTPUT_CACHE": str(tmp_path / "cache")}
    (tmp_path / "cache").mkdir()
    assert project.run("--forcerun", "compile", *cache, **place).returncode == 0
    assert histories(tmp_path / "cache") == 5
    script = project.folder / "scripts/train.py"
    before = script.read_text()
    insert(project, "scripts/train.py", "raise MemoryError('too many seeds')")
    fails_twice(project, "error: results/banknote_standin/trainings/", *cache, **place)
    script.write_text(before)
    for size, trained in ((0.3, 5), (0.5, 10), (0.3, 10)):
        project.edit("config/config.yaml", lambda config, size=size: config["split"].update(test_size=size))
        result = project.run(*cache, **place)
        assert result.returncode == 0, result.stdout
        assert histories(tmp_path / "cache") == trained
    assert tables(project.folder) == tables(finished.folder)
    assert project.planned() == {}


@pytest.mark.faults
def test_prepare_killed_after_an_edit_is_run_again(project):
    script = (project.folder / "scripts/prepare.py").read_text()
    insert(project, "scripts/prepare.py", "__import__('os').kill(__import__('os').getpid(), 9)")
    project.edit("config/config.yaml", lambda config: config["split"].update(test_size=0.5))
    path = RESULTS / "prepared.parquet"
    for _ in range(2):
        assert project.run(str(path)).returncode != 0
    (project.folder / "scripts/prepare.py").write_text(script)
    assert project.run(str(path)).returncode == 0
    prepared = pd.read_parquet(project.folder / path)
    assert prepared.subset.value_counts().to_dict() == {"train": 686, "test": 686}


@pytest.mark.parametrize(
    ("module", "expected"), [("data/preparation.py", PREPARE_ONWARD), ("statistics/sentence.py", ANSWERS_ONWARD)]
)
def test_a_line_in_a_module_runs_what_uses_it_and_what_rests_on_that(project, module, expected):
    append(project, f"scripts/lrstudy/{module}")
    assert project.planned() == expected
