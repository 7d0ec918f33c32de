"""The small project of tests/workflow, run through the Slurm profile on a Slurm of one machine."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from slurm import Slurm

from debian import Unavailable
from project import at, small_project, tables

# What differs from a cluster with accounting and with jobs of hours: nothing else is said beside the profile.
HERE = ["status-command=squeue", "init-seconds-before-status-checks=1", "no-account", "keep-successful-logs"]
SNAKEMAKE = Path(sys.prefix, "cluster/snakemake")
SUMMARY = "results/banknote_standin/studies/learning_rates/summary.csv"


class Run:
    """Snakemake on the cluster, with the profile's executor or another: in the background, its words in a file."""

    def __init__(self, project, *arguments: str, executor: str = "slurm-batch", **environment: str):
        clean = {key: value for key, value in os.environ.items() if key != "DATA_MIRROR"}
        profile = ["--cores", "all", "--workflow-profile", "workflow/profiles/slurm", "--executor", executor]
        here = [f"--{executor}-{setting}" for setting in HERE]
        self.log = project.folder / "snakemake.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [SNAKEMAKE, *profile, *here, *arguments],
                cwd=project.folder,
                env={**clean, **environment},
                stdout=log,
                stderr=log,
            )

    @property
    def text(self) -> str:
        return self.log.read_text()

    def finish(self) -> str:
        """Wait for the end, which must be a good one; return what was said."""
        assert self.process.wait(600) == 0, self.text
        return self.text

    def kill(self) -> None:
        """Kill Snakemake, and it alone, as it stands."""
        self.process.kill()
        self.process.wait(30)


@contextlib.contextmanager
def on_slurm(project, *arguments: str, **more: str) -> Iterator[Run]:
    """Give a run that does not outlive the block."""
    run = Run(project, *arguments, **more)
    try:
        yield run
    finally:
        run.kill()


def differing(first, second) -> list[str]:
    """Return the paths of the results that two projects do not share byte by byte."""
    one, other = tables(first.folder), tables(second.folder)
    return [path for path in sorted(one.keys() | other.keys()) if one.get(path) != other.get(path)]


def histories(project) -> dict[str, tuple]:
    """Return the histories of four epochs, each with what changes when it is written again."""
    paths = (project.folder / "results/banknote_standin/trainings").rglob("epochs~4/**/history.parquet")
    return {path.parent.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}


def trained_on_the_node(project) -> int:
    """Return how many trainings the Snakemakes on the node say they have finished."""
    logs = (project.folder / ".snakemake/slurm_logs").glob("group_trainings_train/*.log")
    return sum(len(re.findall(r"Finished jobid: .*\(Rule: train\)", log.read_text())) for log in logs)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory) -> Iterator[Slurm]:
    """The Slurm of this session, or the reason why there is none."""
    if not SNAKEMAKE.exists():
        pytest.skip("`make cluster` makes the Snakemake that Slurm needs; `make test-cluster` does both")
    try:
        with Slurm(tmp_path_factory.mktemp("slurm")) as cluster:
            yield cluster
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture
def slurm(cluster) -> Iterator[Slurm]:
    """The Slurm, left without jobs and with its node up."""
    yield cluster
    cluster.cancel_all()
    cluster.resume()


@pytest.fixture(scope="session")
def finished(cluster, tmp_path_factory):
    """The small project, run locally to its end; tests copy it and do not change it."""
    project = small_project(tmp_path_factory.mktemp("finished"))
    result = project.run()
    assert result.returncode == 0, result.stdout
    return project


def four_trainings(finished, folder: Path):
    """Return a copy of the finished project that has the lecture's four rates, now of four epochs, ahead of it."""
    shutil.copytree(finished.folder, folder)
    copy = at(folder)
    copy.edit("config/config.yaml", lambda config: config.update(max_epochs=4))
    return copy


@pytest.fixture(scope="session")
def undisturbed(finished, tmp_path_factory):
    """The four trainings and their summary, made locally."""
    project = four_trainings(finished, tmp_path_factory.mktemp("undisturbed") / "project")
    result = project.run(SUMMARY)
    assert result.returncode == 0, result.stdout
    return project


@pytest.fixture
def project(finished, tmp_path):
    """The four trainings, still to be made."""
    return four_trainings(finished, tmp_path / "project")
