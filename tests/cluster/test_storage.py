"""Results in a storage in place of the working folder, here a folder that rsync fills."""

import os
import shutil
import subprocess

import pytest

from project import RESULTS, small_project, tables

STUDY = RESULTS / "studies/learning_rates"


@pytest.fixture(scope="module")
def rsync() -> None:
    """Debian's rsync, which root installs; the plugin calls it."""
    if shutil.which("rsync") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "--yes", "--quiet", "rsync"], capture_output=True)
    if shutil.which("rsync") is None:
        pytest.skip("the storage plugin `fs` needs rsync")


def test_a_default_storage(rsync, tmp_path):
    """S15."""
    project, place = small_project(tmp_path / "project"), tmp_path / "storage"
    place.mkdir()
    storage = ["--default-storage-provider", "fs", "--default-storage-prefix", str(place)]
    result = project.run("learning_rates", *storage)
    assert result.returncode == 0, result.stdout
    assert "banknote_standin, learning_rates: " in result.stdout
    before = {path: path.stat().st_mtime_ns for path in place.rglob("*.parquet")}
    again = project.run("learning_rates", *storage)
    assert again.returncode == 0, again.stdout
    assert {path: path.stat().st_mtime_ns for path in place.rglob("*.parquet")} == before
    local = small_project(tmp_path / "local")
    assert local.run("learning_rates").returncode == 0
    ours, theirs = tables(local.folder), tables(place)
    assert [path for path in ours if path.endswith((".csv", ".png")) and ours[path] != theirs.get(path)] == []
