"""What an edit reruns: the README's table, on the real DAG."""

import json
import os
import re
import shutil
import time
from pathlib import Path

import pandas as pd
import pytest
import yaml

from lrstudy.plan import code, jobs
from lrstudy.plan.run import CHAPTER
from project import RESULTS, tables

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


def insert(project, path, line):
    """Let a script begin its work with a line more."""
    head = "def main(input, output, settings):\n"
    script = project.folder / path
    assert head in script.read_text()
    script.write_text(script.read_text().replace(head, f"{head}    {line}\n"))


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


def test_touching_files_reruns_nothing(project):
    later = time.time() + 60
    for path in project.folder.rglob("*"):
        if path.is_file() and not path.is_relative_to(project.folder / ".snakemake"):
            inputs = ("scripts", "config", "workflow")
            if path.relative_to(project.folder).parts[0] in inputs:
                os.utime(path, (later, later))
    assert project.planned() == {}


def older(path):
    """Give a file the date of ten years ago, as one has that `mv`, `cp -p` or `tar -x` brings."""
    os.utime(path, (1.4e9, 1.4e9))


def test_code_replaced_by_an_older_file_runs(project):
    for path in ("scripts/lrstudy/figures/curves.py", "scripts/lrstudy/training/engine.py"):
        append(project, path)
        older(project.folder / path)
    assert project.planned() == TRAININGS_ONWARD


@pytest.mark.faults
def test_a_result_replaced_by_an_older_one_is_made_again(project, finished):
    """As from a backup, with the same date and size: its bytes are not those that were recorded."""
    for name, text in (("studies/learning_rates/summary.csv", "loss"), ("baseline/floor.json", "1")):
        path = project.folder / RESULTS / name
        path.write_text(path.read_text().replace(text, "0" * len(text), 1))
        older(path)
    computed = {"baseline": 1, "summarise": 2, "recommend": 1, "manifest": 1}
    assert project.planned() == {**computed, "plot": 1, "plot_rates": 1, "page": 2}
    assert project.run().returncode == 0
    assert tables(project.folder) == tables(finished.folder)


@pytest.mark.faults
def test_a_lost_record_of_snakemakes_hides_no_edit(project):
    shutil.rmtree(project.folder / ".snakemake")
    assert project.planned() == {}
    project.edit("config/config.yaml", lambda config: config["split"].update(test_size=0.5))
    shutil.rmtree(project.folder / ".snakemake", ignore_errors=True)
    assert project.planned() == PREPARE_ONWARD


def test_another_version_of_a_library_makes_anew_what_it_shapes(project, tmp_path):
    """The version stands where Python looks for it: in the library's metadata, first on the path."""
    for name, expected in (
        ("jaxlib", TRAININGS_ONWARD),
        ("matplotlib", {"overview": 1, "descend": 1, "plot": 2, "plot_rates": 1, "page": 2, "manifest": 1}),
    ):
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
    project.edit("config/config.yaml", lambda config: config["optimizers"]["momentum"].update(nesterov=False))
    project.edit(RATES, lambda study: study.update(fixed={**dict(reversed(study["fixed"].items())), "epochs": 3.0}))
    assert project.planned() == {"manifest": 1}


def test_the_words_of_a_dataset_reach_what_shows_them(project):
    words = {"citation": "Somebody (2026).", "licence": "CC0", "doi": "10.1/1", "description": "Notes."}
    project.edit("config/datasets.yaml", lambda registry: registry["banknote_standin"].update(words))
    assert project.planned() == {"overview": 1, "page": 2, "manifest": 1}
    assert project.run().returncode == 0
    provenance = json.loads((project.folder / "data/banknote_standin/provenance.json").read_text())
    assert words.items() <= provenance.items()
    project.edit("config/datasets.yaml", lambda registry: registry["banknote_standin"].update(title="Notes"))
    titled = {"overview": 1, "descend": 1, "plot": 2, "plot_rates": 1, "page": 2, "manifest": 1}
    assert project.planned() == titled


@pytest.mark.faults
def test_a_measured_dataset_may_say_so(project):
    project.edit("config/datasets.yaml", lambda registry: registry["wine"].update(simulated=False))
    assert project.planned("--config", "dataset=[banknote_standin, wine]")["fetch"] == 1
    assert project.run("--config", "dataset=wine", "--", "results/wine/prepared.parquet").returncode == 0
    project.edit("config/datasets.yaml", lambda registry: registry["wine"].pop("simulated"))
    assert project.planned("--config", "dataset=wine", "--", "results/wine/prepared.parquet") == {}


def test_the_words_of_a_study_reach_what_shows_them(project):
    project.edit(RATES, lambda study: study.update(title="Rates"))
    assert project.planned() == {"plot": 1, "plot_rates": 1, "page": 1}


def test_statistics_reach_what_uses_them(project):
    project.edit("config/config.yaml", lambda config: config["statistics"].update(resamples=500))
    computed = {"summarise": 2, "recommend": 1, "manifest": 1}
    assert project.planned() == {**computed, "plot": 1, "plot_rates": 1, "page": 2}


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
    everything = {"fetch": 1, "overview": 1, **PREPARE_ONWARD}
    assert project.planned() == everything
    result = project.run()
    assert result.returncode == 0, result.stdout
    assert json.loads((project.folder / "results/mine/overview/summary.json").read_text())["rows"] == 1373
    assert project.planned() == {}


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
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_fails_until_it_is_undone_and_then_trains_nothing(project, finished, mistake):
    make, message = MISTAKES[mistake]
    kept = {path: path.read_bytes() for name in ("config", "scripts") for path in (project.folder / name).rglob("*.*")}
    make(project)
    said = []
    for _ in range(3):
        result = project.run()
        assert result.returncode != 0
        said.append([line for line in result.stdout.splitlines() if line.startswith("error: ")])
    assert said[0][0].startswith(message)
    reasons = [{line.rpartition(": ")[2] for line in lines} for lines in said]
    assert reasons[0] == reasons[1] == reasons[2]
    for path, content in kept.items():
        path.write_bytes(content)
    started = time.time()
    result = project.run()
    assert result.returncode == 0, result.stdout
    if mistake != "seeds":
        assert "rule train:" not in result.stdout
    assert all("the last good copy is taken" in log.read_text() for log in trained_since(project, started))
    assert tables(project.folder) == tables(finished.folder)
    assert project.planned() == {}


def trained_since(project, started: float) -> list[Path]:
    """Return the logs of the trainings that were started since."""
    logs = (project.folder / RESULTS / "logs/train").rglob("*.log")
    return [log for log in logs if log.stat().st_mtime >= started]


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


def test_a_digest_rests_on_what_its_rule_reads(project):
    """`UPSTREAM` says it to the digests, the rules' inputs say it to Snakemake."""
    drawn = project.run("--rulegraph", "dot", "--forceall", "--", "everything").stdout
    names = dict(re.findall(r'(\d+)\[label = "(\w+)"', drawn))
    edges = {(names[user], names[used]) for used, user in re.findall(r"(\d+) -> (\d+)", drawn)}
    read = {rule: {used for user, used in edges if user == rule} for rule in jobs.UPSTREAM}
    said = {rule: {*used, *jobs.WHERE_MADE.get(rule, ())} for rule, used in jobs.UPSTREAM.items()}
    assert read == said


def test_a_target_that_is_none_is_told_apart_from_near_ones(project):
    for arguments, said in (
        (["learning_rats"], "error: there is no study and no rule 'learning_rats'; did you mean 'learning_rates'?"),
        (["--quiet", "all", "--", "al"], "error: there is no study and no rule 'al'; did you mean 'all'?"),
    ):
        result = project.run(*arguments)
        assert result.returncode != 0
        assert result.stdout.strip().splitlines()[-1] == said


def test_a_failed_run_says_why_however_quiet_it_is(project):
    project.edit("config/config.yaml", lambda config: config["split"].update(test_size=0.999))
    result = project.run("--quiet", "all")
    assert result.returncode != 0
    assert re.search("^error: config/config.yaml: split: ", result.stdout, re.MULTILINE), result.stdout


@pytest.mark.faults
@pytest.mark.parametrize("target", ["learning_rates", "chapter"])
def test_every_target_ends_with_the_manifest_of_what_it_made(project, target):
    path = project.folder / RESULTS / "manifest.json"
    path.unlink()
    shutil.rmtree(project.folder / RESULTS / "studies/first_model")
    result = project.run(target)
    assert result.returncode == 0, result.stdout
    manifest = json.loads(path.read_text())
    made = {path.split("/")[3] for path in manifest["files"] if "/studies/" in path}
    expected = {"learning_rates"} if target == "learning_rates" else set(CHAPTER)
    assert made == expected == set(manifest["config"]["studies"])
    assert project.planned("--", target) == {}


@pytest.mark.parametrize(
    "module",
    ["files/labels.py", "data/preparation.py", "evidence/sentence.py", "training/orders.py", "figures/page/words.py"],
)
def test_a_line_in_a_room_plans_what_uses_it_and_what_rests_on_that(project, module):
    """Which scripts use a module their imports say; what rests on them, `UPSTREAM`; which are planned, Snakemake."""
    append(project, f"scripts/lrstudy/{module}")
    planned = set(project.planned())
    scripts = project.folder / "scripts"
    stale = {path.stem for path in scripts.glob("*.py") if scripts / "lrstudy" / module in code.files_of(path)}
    while more := {rule for rule, used in upstream().items() if used & stale} - stale:
        stale |= more
    assert planned == stale & {*PREPARE_ONWARD, "fetch", "overview", "vega"}


def upstream() -> dict[str, set[str]]:
    """Return the rules that each rule rests on; the manifest on all that make a table."""
    found = {rule: {*used, *jobs.WHERE_MADE.get(rule, ())} for rule, used in jobs.UPSTREAM.items()}
    return {**found, "manifest": jobs.UPSTREAM.keys() - set(jobs.DRAWN)}


@pytest.mark.faults
def test_a_program_serves_every_table_of_its_shape(project):
    project.edit("config/config.yaml", lambda config: config["split"].update(random_state=7))
    assert project.planned() == PREPARE_ONWARD
    assert project.run().returncode == 0
    (log,) = (project.folder / RESULTS / "logs/compile").rglob("*.log")
    assert "the last good copy is taken" in log.read_text()
    assert project.planned() == {}
    registry = project.folder / "config/datasets.yaml"
    entries = yaml.safe_load(registry.read_text())
    registry.write_text(yaml.safe_dump({**entries, "other": {**entries["banknote_standin"], "title": "Other"}}))
    (made,) = (project.folder / RESULTS / "programs").rglob("program.zip")
    theirs = str(made.relative_to(project.folder)).replace("banknote_standin", "other")
    assert project.run("--config", "dataset=other", "--", theirs).returncode == 0
    (log,) = (project.folder / "results/other/logs/compile").rglob("*.log")
    assert f"a copy of {made.relative_to(project.folder)} is taken" in log.read_text()
