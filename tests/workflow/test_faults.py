"""What goes wrong on real machines. After one more run all is right: no result wrong, none lost, none half made.

`make test-faults` runs these; they take some minutes.
"""

import os
import random
import shutil
import signal
import subprocess
import time

import pytest

from lrstudy import parquet
from project import RESULTS, TRAINING, Project, tables

pytestmark = pytest.mark.faults

STUDY = RESULTS / "studies/learning_rates"
ROOT_ON_LINUX = os.name == "posix" and os.geteuid() == 0 and shutil.which("mount") is not None


def forget(project: Project) -> None:
    """Remove all that was trained, and all that was made of it."""
    for name in ("programs", "trainings", "studies"):
        shutil.rmtree(project.folder / RESULTS / name, ignore_errors=True)


def ends_right(project: Project, finished: Project) -> str:
    """Run once more, and compare every table and figure with those of a run without faults."""
    result = project.run()
    assert result.returncode == 0, result.stdout
    ours, theirs = tables(project.folder), tables(finished.folder)
    assert [path for path in theirs if ours.get(path) != theirs[path]] == []
    assert list((project.folder / "results").rglob(".new.*")) == []
    return result.stdout


def trained(output: str) -> int:
    """Return how many trainings a run started."""
    return output.count("rule train:")


def kill(process: subprocess.Popen, number: int = signal.SIGKILL) -> str:
    """Send a signal to Snakemake and its jobs, and return what they said."""
    os.killpg(process.pid, number)
    return process.communicate(timeout=60)[0]


def trainings_of(process: subprocess.Popen) -> list[int]:
    """Return the process numbers of the trainings that a Snakemake runs at this moment."""
    listed = subprocess.run(["ps", "-eww", "-o", "pid,sid,args"], capture_output=True, text=True).stdout
    rows = [line.split(maxsplit=2) for line in listed.splitlines()[1:]]
    ours = [(int(pid), command) for pid, session, command in rows if session == str(process.pid)]
    return [pid for pid, command in ours if command.endswith(".train.py") and not command.startswith("/usr/bin/bash")]


def wait_for(happens, process: subprocess.Popen, seconds: float = 60):
    """Return what `happens()` returns once it is true, or None when the process ended before."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (value := happens()) or process.poll() is not None:
            return value
        time.sleep(0.005)
    raise TimeoutError


@pytest.mark.parametrize("part", range(4))
def test_killed_at_random_moments(project, finished, part):
    """Five moments each: Snakemake with all its jobs is killed, the lock it leaves is taken away, and it goes on."""
    moments = random.Random(part)
    for _ in range(5):
        forget(project)
        process = project.start()
        try:
            process.communicate(timeout=moments.uniform(1, 9))
        except subprocess.TimeoutExpired:
            kill(process)
        for path in (project.folder / "results").rglob("*.parquet"):
            parquet.read(path)
        assert project.run("--unlock").returncode == 0
    ends_right(project, finished)


def test_a_killed_training_takes_no_other_with_it(project, finished):
    forget(project)
    process = project.start("--keep-going")
    found = wait_for(lambda: trainings_of(process), process)
    assert found, process.communicate()[0]
    killed = found[0]
    os.kill(killed, signal.SIGKILL)
    output = process.communicate(timeout=120)[0]
    assert process.returncode != 0
    assert "run the same command again to go on" in output
    assert len(list((project.folder / RESULTS / "trainings").rglob("history.parquet"))) == 4
    assert trained(ends_right(project, finished)) == 1


def test_ctrl_c_stops_at_once_and_says_how_to_go_on(project, finished):
    forget(project)
    process = project.start()
    wait_for(lambda: trainings_of(process), process)
    started = time.monotonic()
    output = kill(process, signal.SIGINT)
    assert time.monotonic() - started < 10
    assert process.returncode != 0
    assert "run the same command again to go on" in output
    ends_right(project, finished)


HISTORY = RESULTS / "trainings" / TRAINING.format(0.1) / "history.parquet"


@pytest.mark.parametrize("place", [500, -600, None], ids=["a page", "the footer", "truncated"])
def test_a_damaged_history_is_named_and_trained_again_alone(project, finished, place):
    path = project.folder / HISTORY
    content = bytearray(path.read_bytes())
    if place is None:
        content = content[: len(content) // 2]
    else:
        content[place] ^= 0xFF
    path.write_bytes(content)
    result = project.run()
    assert result.returncode != 0
    assert f"error: {HISTORY}: damaged (" in result.stdout
    assert "Traceback" not in result.stdout
    assert trained(ends_right(project, finished)) == 1


@pytest.mark.parametrize("name", ["prepared.parquet", "studies/learning_rates/histories.parquet", HISTORY.name])
def test_a_deleted_intermediate_is_made_again(project, finished, name):
    path = project.folder / (HISTORY if name == HISTORY.name else RESULTS / name)
    path.unlink()
    (project.folder / STUDY / "curves.png").unlink()
    assert trained(project.run(str(path.relative_to(project.folder))).stdout) <= 1
    ends_right(project, finished)


def test_a_second_run_is_told_and_breaks_nothing(project, finished):
    forget(project)
    first = project.start()
    wait_for(lambda: trainings_of(first), first)
    second = project.run()
    assert second.returncode != 0
    assert "Directory cannot be locked" in second.stdout
    output = first.communicate(timeout=120)[0]
    assert first.returncode == 0, output
    ends_right(project, finished)


def test_a_clock_set_back(project, finished):
    """All that lies there is dated tomorrow. Snakemake makes nothing older than what it is made from, and says so."""
    date_all(project, time.time() + 24 * 3600)
    assert project.planned() == {}
    (project.folder / HISTORY).unlink()
    (project.folder / STUDY / "histories.parquet").unlink()
    (project.folder / STUDY / "curves.png").unlink()
    result = project.run()
    assert result.returncode != 0
    assert "This could indicate a clock skew problem" in result.stdout
    date_all(project, time.time())
    ends_right(project, finished)


def date_all(project: Project, date: float) -> None:
    """Date every file of a project."""
    for path in project.folder.rglob("*"):
        if path.is_file():
            os.utime(path, (date, date))


@pytest.fixture
def small_disk(project):
    """The project with its results on a file system of 6 MB of its own."""
    results, kept = project.folder / "results", project.folder / "kept"
    results.rename(kept)
    results.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", results], check=True)
    shutil.copytree(kept, results, dirs_exist_ok=True)
    yield results
    subprocess.run(["umount", results], check=True)


WRITTEN = {
    "prepare": "prepared.parquet",
    "overview": "overview/pairplot.png",
    "baseline": "baseline/scores.csv",
    "compile": "programs/network~logistic/optimizer~sgd/initializer~glorot_uniform/program.zip",
    "train": str(HISTORY.relative_to(RESULTS)),
    "collect": "studies/learning_rates/histories.parquet",
    "summarise": "studies/learning_rates/summary.csv",
    "plot": "studies/learning_rates/curves.png",
    "recommend": "studies/learning_rates/recommendation.json",
    "plot_rates": "studies/learning_rates/rates.png",
    "manifest": "manifest.json",
}


@pytest.mark.skipif(not ROOT_ON_LINUX, reason="a file system of its own takes root")
def test_a_full_disk_in_each_rule(project, finished, small_disk):
    for rule, name in WRITTEN.items():
        path = project.folder / RESULTS / name
        path.unlink()
        filler = small_disk / "filler"
        with open(filler, "wb", buffering=0) as stream:
            try:
                while stream.write(b"\0" * 4096):
                    pass
            except OSError:
                pass
        result = project.run(str(path.relative_to(project.folder)))
        assert result.returncode != 0, rule
        assert "error: " in result.stdout, rule
        assert not path.exists(), rule
        filler.unlink()
    ends_right(project, finished)


@pytest.mark.skipif(not ROOT_ON_LINUX, reason="a file system of its own takes root")
def test_read_only_results(project, finished, small_disk):
    (project.folder / STUDY / "curves.png").unlink()
    before = tables(project.folder)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    result = project.run()
    assert result.returncode != 0
    assert "Read-only file system" in result.stdout
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    assert tables(project.folder) == before
    ends_right(project, finished)
