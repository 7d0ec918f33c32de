"""`make verify` and `make archive`, by the scripts they call."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from project import RESULTS, Project, at, tables

pytestmark = pytest.mark.faults

NO_GIT = {"GIT_CEILING_DIRECTORIES": "/"}
SNAKEMAKE = [sys.executable, "-m", "snakemake", "--cores", "2"]


def script(project: Project, name: str, *arguments: str) -> subprocess.CompletedProcess:
    """Run a script of the project in its folder; output and errors are one text, `stdout`."""
    command = [sys.executable, project.folder / "scripts/tools" / name, *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "timeout": 240}
    return subprocess.run(command, cwd=project.folder, env={**os.environ, "PYTHONPATH": "scripts", **NO_GIT}, **pipes)


def verify(project: Project, *config: str) -> subprocess.CompletedProcess:
    return script(project, "verify.py", *SNAKEMAKE, "--settings", *config)


def test_verify_names_an_edited_file_and_a_command_that_makes_it_right(project, finished):
    scores = project.folder / RESULTS / "baseline/scores.csv"
    date = scores.stat().st_mtime
    scores.write_text(scores.read_text() + "random_forest,3,0.98\n")
    os.utime(scores, (date, date))  # so that Snakemake does not see it
    assert project.planned() == {}
    result = verify(project)
    assert result.returncode == 1
    assert f"{RESULTS}/baseline/scores.csv: not what the manifest says" in result.stdout
    assert "computed anew" not in result.stdout
    (command,) = re.findall(r"^this makes it right: (.*)$", result.stdout, re.MULTILINE)
    remove, _, again = command.partition(" && ")
    assert again == "make study STUDY=all DATASET=banknote_standin"
    assert subprocess.run(remove, shell=True, cwd=project.folder).returncode == 0
    assert project.run("all", "--config", "dataset=[banknote_standin]").returncode == 0
    assert tables(project.folder) == tables(finished.folder)
    result = verify(project)
    assert result.returncode == 0, result.stdout
    assert re.search(r"banknote_standin: (\d+) files, 5 trainings anew, about \d+ seconds\n", result.stdout)
    assert "files, computed anew, are the same" in result.stdout


def test_verify_of_another_config_or_without_records_says_so(project):
    assert project.run("--config", "seeds=17").returncode == 0
    result = verify(project)
    assert result.returncode == 1
    assert "the manifest of all: its config differs from today's in seeds\n" in result.stdout
    assert "this makes it right: make study STUDY=all DATASET=banknote_standin\n" in result.stdout
    shutil.rmtree(project.folder / ".snakemake")
    assert "Snakemake's records are gone" in verify(project, "seeds=17").stdout


@pytest.mark.parametrize("name", ["verify.py", "archive.py"])
def test_without_results_there_is_nothing_to_do(tmp_path, name):
    project = Project(tmp_path / "project")
    result = script(project, name, "--settings")
    assert result.returncode != 0
    assert result.stdout.strip() == "error: results/ has no manifest.json; run `make study` first"


def test_an_archive_unpacked_elsewhere_has_nothing_to_do(project, tmp_path):
    shutil.copy(Path(__file__).parents[2] / "Makefile", project.folder)
    result = script(project, "archive.py")
    assert result.returncode == 0, result.stdout
    archive = project.folder / "learning-rate-study.tar.gz"
    with tarfile.open(archive) as packed:
        assert {member.uname for member in packed} == {""}
        packed.extractall(tmp_path / "elsewhere", filter="data")
    unpacked = at(tmp_path / "elsewhere/learning-rate-study")
    assert (unpacked.folder / "Makefile").exists()
    assert unpacked.planned() == {}
    assert "1 of 1 steps (100%) done" in unpacked.run().stdout
