"""The DAG from end to end: its files, their columns, the same bytes, and its last words."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from project import RESULTS, ROOT, TRAINING, Project, small_project, tables


def test_files_and_columns(finished):
    results = finished.folder / RESULTS
    history = pd.read_parquet(results / "trainings" / TRAINING.format(0.1) / "history.parquet")
    assert list(history) == ["seed", "epoch", "loss", "accuracy", "val_loss", "val_accuracy"]
    assert history.groupby("seed").epoch.apply(list).map(tuple).unique().tolist() == [(-1, 0, 1, 2)]
    prepared = pd.read_parquet(results / "prepared.parquet")
    assert list(prepared) == ["variance", "skewness", "curtosis", "entropy", "target", "subset"]
    assert prepared.subset.value_counts().to_dict() == {"train": 960, "test": 412}
    study = results / "studies/learning_rates"
    tidy = pd.read_parquet(study / "histories.parquet")
    assert list(tidy)[:3] == ["learning_rate", "seed", "epoch"]
    assert tidy.learning_rate.unique().tolist() == [0.01, 0.05, 0.1, 0.5]
    scores = pd.read_csv(results / "baseline/scores.csv")
    assert list(scores) == ["model", "fold", "accuracy"]
    assert len(scores) == 9
    assert (results / "overview/pairplot.png").stat().st_size > 10_000
    assert (study / "curves.png").stat().st_size > 10_000
    assert len(pd.read_csv(study / "summary.csv")) == 4


def test_the_lectures_table_is_seed_0_of_the_tidy_one(finished):
    study = finished.folder / RESULTS / "studies/learning_rates"
    table = pd.read_csv(study / "history.csv", header=[0, 1], index_col=0)
    assert table.index.tolist() == [0, 1, 2]
    assert table.columns.get_level_values(0).unique().tolist() == ["0.01", "0.05", "0.1", "0.5"]
    tidy = pd.read_parquet(study / "histories.parquet")
    seed = tidy[(tidy.seed == 0) & (tidy.learning_rate == 0.5) & (tidy.epoch >= 0)]
    assert table["0.5"]["val_loss"].tolist() == pytest.approx(seed.val_loss.tolist(), rel=1e-6)


def test_larger_rates_fall_faster(finished):
    tidy = pd.read_parquet(finished.folder / RESULTS / "studies/learning_rates/histories.parquet")
    last = tidy[tidy.epoch == 2].groupby("learning_rate").loss.median()
    assert last.is_monotonic_decreasing


def test_the_stand_in_says_that_it_is_simulated(finished):
    summary = json.loads((finished.folder / RESULTS / "overview/summary.json").read_text())
    assert "simulated" in summary["dataset"]
    assert summary["class_counts"] == {"0": 762, "1": 610}
    provenance = json.loads((finished.folder / "data/banknote_standin/provenance.json").read_text())
    assert provenance["simulated"] is True


def another_user(home: Path) -> dict[str, str]:
    """Return the environment of a user who has settings of their own for all that a study rests on."""
    (home / ".keras").mkdir(parents=True)
    (home / ".keras/keras.json").write_text('{"floatx": "float64", "epsilon": 0.001, "backend": "torch"}')
    (home / ".config/matplotlib").mkdir(parents=True)
    (home / ".config/matplotlib/matplotlibrc").write_text("font.size: 20\nsavefig.bbox: tight\nlines.linewidth: 9\n")
    flags = {"KERAS_BACKEND": "torch", "XLA_FLAGS": "--xla_no_such_flag=1", "TF_XLA_FLAGS": "--tf_no_such_flag=1"}
    return {"HOME": str(home), "TZ": "Asia/Kathmandu", "LC_ALL": "C", **flags}


@pytest.mark.faults
def test_the_same_bytes_on_one_core_elsewhere_and_of_another_user(finished, tmp_path):
    again = small_project(tmp_path / "another name")
    result = again.run(cores=1, **another_user(tmp_path / "home"))
    assert result.returncode == 0, result.stdout
    first, second = tables(finished.folder), tables(again.folder)
    assert first.keys() == second.keys()
    assert [path for path in first if first[path] != second[path]] == []
    assert "retrieved" not in json.loads((again.folder / "data/banknote_standin/source.json").read_text())


def made_by(project, tool: str, *command: str) -> subprocess.CompletedProcess:
    """Run a tool as `make` does, its output in a pipe."""
    words = [sys.executable, f"scripts/tools/{tool}.py", *command]
    return subprocess.run(words, cwd=project.folder, capture_output=True, text=True, timeout=240)


def study(project, *config: str, before=(), targets=()) -> subprocess.CompletedProcess:
    """Run a study as `make study` does."""
    return made_by(project, "study", *before, *SNAKEMAKE, "--targets", *targets, "--settings", *config)


SNAKEMAKE = [sys.executable, "-m", "snakemake", "--cores", "1"]
PAGE = "results/banknote_standin/studies/{}/answer.html"


def test_a_run_ends_with_its_answers_and_the_next_step(project):
    shutil.rmtree(project.folder / RESULTS / "studies/first_model")
    first = project.run().stdout
    said = first[first.index(f"banknote_standin, first_model: {PAGE.format('first_model')}\n  Of 16 seeds") :]
    assert f"banknote_standin, learning_rates: {PAGE.format('learning_rates')}\n  On this one split, use" in said
    assert "largest of the study, so run a wider study:\n    make study STUDY=learning_rate_range DATASET=" in said
    again = made_by(project, "answer").stdout
    assert again and again in said
    assert project.run().stdout.count(again) == 1  # where nothing was to be done
    (project.folder / RESULTS / "studies/first_model/curves.png").unlink()
    alone = project.run("first_model").stdout
    assert f"{PAGE.format('first_model')}\n  Of 16 seeds" in alone
    assert PAGE.format("learning_rates") not in alone


@pytest.mark.faults
def test_an_advised_command_keeps_the_config_of_the_command_line(project):
    result = project.run("learning_rates", "--config", "seeds=17", "split={random_state: 7}")
    assert result.returncode == 0, result.stdout
    (advised,) = [line.strip() for line in result.stdout.splitlines() if line.startswith("    make study")]
    words = shlex.split(advised)
    assert words[:4] == ["make", "study", "STUDY=learning_rate_range", "DATASET=banknote_standin"]
    assert shlex.split(words[4].removeprefix("CONFIG=")) == ["seeds=17", 'split={"random_state": 7}']
    again = study(project, "dataset=[banknote_standin]", *shlex.split(words[4][7:]), targets=["learning_rates"])
    assert again.returncode == 0, again.stderr
    assert "1 of 1 steps (100%) done" in again.stderr


@pytest.mark.faults
def test_make_study_is_short_in_a_pipe_and_falls_back_to_the_stand_in(tmp_path):
    project = small_project(tmp_path / "project")
    project.edit("config/config.yaml", lambda config: config.update(dataset="banknote"))
    no_source = ["env", "-u", "DATA_MIRROR", "HTTPS_PROXY=http://127.0.0.1:9"]
    first = study(project, before=no_source, targets=["first_model"])
    assert first.returncode == 0, first.stdout
    assert "error: no source of the dataset 'banknote'" in first.stderr
    assert "SIMULATED" in first.stdout
    again = study(project, "dataset=banknote_standin", targets=["first_model"])
    assert len(again.stdout.splitlines()) < 15
    assert again.stdout.startswith(f"banknote_standin, first_model: {PAGE.format('first_model')}\n")
    assert again.stdout in first.stdout


def test_no_source_ends_with_the_ways_on(tmp_path):
    project = Project(tmp_path / "project")
    result = project.run(DATA_MIRROR=str(tmp_path / "nowhere"), HTTPS_PROXY="http://127.0.0.1:9")
    assert result.returncode != 0
    assert "Traceback" not in result.stdout
    last = result.stdout.partition("error: no source of the dataset 'banknote'")[2]
    assert "there is no such file" in last
    assert "archive.ics.uci.edu" in last
    assert "OpenML data set 1462" in last
    assert "dataset=banknote_standin" in last
    assert not (project.folder / "data/banknote/table.csv").exists()


@pytest.mark.parametrize(
    ("section", "value", "message"),
    [
        ("seeds", "1e-3", "config/config.yaml: seeds: '1e-3' is text to YAML; write 0.001"),
        ("dataset", "banknot", "did you mean 'banknote'?"),
    ],
)
def test_a_mistake_in_the_config_is_one_line(tmp_path, section, value, message):
    project = small_project(tmp_path / "project")
    project.edit("config/config.yaml", lambda config: config.update({section: value}))
    result = project.run("--dry-run")
    assert result.returncode != 0
    assert result.stdout.strip().splitlines()[-1].startswith("error: ")
    assert message in result.stdout.strip().splitlines()[-1]


def test_a_mistake_in_the_name_or_the_content_of_a_file_is_one_line(project):
    study = project.folder / "config/studies/train.yaml"
    shutil.copy(project.folder / "config/studies/first_model.yaml", study)
    said = project.run("--dry-run").stdout.strip().splitlines()[-1]
    assert said == "error: config/studies/train.yaml: 'train' is the name of a rule; rename the file"
    study.unlink()
    text = (project.folder / "config/config.yaml").read_text()
    (project.folder / "config/config.yaml").write_text(f"{text}seeds: 4\n")
    said = project.run("--dry-run").stdout.strip().splitlines()[-1]
    assert said.startswith("error: config/config.yaml: line ") and said.endswith("the key 'seeds' stands twice")
    (project.folder / "config/config.yaml").write_text("")
    said = project.run("--dry-run").stdout.strip().splitlines()[-1]
    assert said == "error: config/config.yaml: is empty; it should be a mapping of keys to values"


def test_only_batches_larger_than_the_table_are_one_line(project):
    project.edit("config/studies/batch_sizes.yaml", lambda study: study["vary"].update(batch_size=[961, 2000]))
    result = project.run("batch_sizes")
    assert result.returncode != 0
    assert "every batch size that the study varies is more than the 960 training rows" in result.stdout
    assert "Traceback" not in result.stdout


@pytest.mark.skipif("DATA_MIRROR" not in os.environ, reason="the genuine data need DATA_MIRROR")
def test_the_genuine_banknotes(tmp_path):
    project = Project(tmp_path / "project")
    project.edit("config/config.yaml", lambda config: config.update(seeds=16))
    mirror = str((ROOT / os.environ["DATA_MIRROR"]).resolve())
    result = project.run(DATA_MIRROR=mirror)
    assert result.returncode == 0, result.stdout
    results = project.folder / "results/banknote"
    scores = pd.read_csv(results / "baseline/scores.csv").groupby("model").accuracy.mean()
    assert 0.992 <= scores["random_forest"] <= 0.997
    assert scores["majority_class"] == pytest.approx(762 / 1372, abs=0.002)
    summary = json.loads((results / "overview/summary.json").read_text())
    assert summary["class_counts"] == {"0": 762, "1": 610}
    assert summary["duplicates"] == 24
    tidy = pd.read_parquet(results / "studies/learning_rates/histories.parquet")
    per_epoch = tidy[tidy.epoch >= 0].groupby(["epoch", "learning_rate"]).loss.median().unstack()
    assert (per_epoch.diff(axis=1).iloc[:, 1:] < 0).all(axis=None)
    answer = json.loads((results / "studies/learning_rates/recommendation.json").read_text())
    assert answer["recommended"] == answer["best"] == 0.5
    assert answer["edge"]["write"] == "learning_rate: [0.01, 0.05, 0.1, 0.5, 2.5, 12.5]"
    provenance = json.loads((project.folder / "data/banknote/provenance.json").read_text())
    assert provenance["sha256"].startswith("d0539aae")
