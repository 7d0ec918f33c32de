"""The small project that has run, for every test of the workflow."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from project import Project, at, small_project


@pytest.fixture(scope="session")
def once(tmp_path_factory, worker_id):
    """Return a function that makes a project of a name once for all workers."""
    base = tmp_path_factory.getbasetemp()

    def made(name: str, make: Callable[[Path], None]) -> Project:
        folder = (base if worker_id == "master" else base.parent) / name
        with FileLock(f"{folder}.lock"):
            if not folder.exists():
                make(folder)
        return at(folder)

    return made


@pytest.fixture(scope="session")
def finished(once) -> Project:
    """A small project that has run to its end; tests copy it and do not change it."""

    def make(folder: Path) -> None:
        result = small_project(folder).run()
        assert result.returncode == 0, result.stdout

    return once("finished", make)


@pytest.fixture
def project(finished, tmp_path) -> Project:
    """A copy of the finished project, dates kept, to edit."""
    shutil.copytree(finished.folder, tmp_path / "project")
    return at(tmp_path / "project")
