"""The small project that has run, for every test of the workflow."""

import shutil

import pytest
from filelock import FileLock

from project import Project, at, small_project


@pytest.fixture(scope="session")
def finished(tmp_path_factory, worker_id) -> Project:
    """A small project that has run to its end; tests copy it and do not change it. All workers share one."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "finished"
    with FileLock(f"{folder}.lock"):
        if folder.exists():
            return at(folder)
        project = small_project(folder)
        result = project.run()
        assert result.returncode == 0, result.stdout
    return project


@pytest.fixture
def project(finished, tmp_path) -> Project:
    """A copy of the finished project, dates kept, to edit."""
    shutil.copytree(finished.folder, tmp_path / "project")
    return at(tmp_path / "project")
