"""`make verify` and `make archive`, by the scripts they call."""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from project import RESULTS, Project, at

pytestmark = pytest.mark.faults

NO_GIT = {"GIT_CEILING_DIRECTORIES": "/"}
SNAKEMAKE = [sys.executable, "-m", "snakemake", "--cores", "2"]


def script(project: Project, name: str, *arguments: str) -> subprocess.CompletedProcess:
    """Run a script of the project in its folder; output and errors are one text, `stdout`."""
    command = [sys.executable, project.folder / "scripts/tools" / name, *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "timeout": 240}
    return subprocess.run(command, cwd=project.folder, env={**os.environ, "PYTHONPATH": "scripts", **NO_GIT}, **pipes)


def test_verify_computes_anew_and_names_what_differs(project):
    result = script(project, "verify.py", *SNAKEMAKE)
    assert result.returncode == 0, result.stdout
    assert "files, computed anew, are the same" in result.stdout
    scores = project.folder / RESULTS / "baseline/scores.csv"
    scores.write_text(scores.read_text() + "random_forest,3,0.98\n")
    result = script(project, "verify.py", *SNAKEMAKE)
    assert result.returncode == 1
    assert f"{RESULTS}/baseline/scores.csv: no longer what the manifest says" in result.stdout


def test_verify_of_another_config_says_so(project):
    project.edit("config/config.yaml", lambda config: config.update(seeds=17))
    result = script(project, "verify.py", *SNAKEMAKE)
    assert result.returncode != 0
    assert (
        "made with another config than today's; run `snakemake --config dataset=banknote_standin` first"
        in result.stdout
    )


@pytest.mark.parametrize("name", ["verify.py", "archive.py"])
def test_without_results_there_is_nothing_to_do(tmp_path, name):
    project = Project(tmp_path / "project")
    result = script(project, name)
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
    assert "Nothing to be done" in unpacked.run().stdout
