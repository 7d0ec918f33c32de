"""Results in a storage in place of the working folder, here a folder that rsync fills."""

import pytest

from debian import Unavailable, install
from project import RESULTS, small_project, tables

STUDY = RESULTS / "studies/learning_rates"


def test_a_default_storage(tmp_path):
    """S15."""
    try:
        install(["rsync"], ["rsync"])  # which the plugin `fs` calls
    except Unavailable as reason:
        pytest.skip(str(reason))
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
