"""What goes wrong on real machines. After one more run all is right: no result wrong, none lost, none half made.

`make test-faults` runs these; they take some minutes.
"""

import contextlib
import itertools
import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrstudy.data import parquet
from project import RESULTS, TRAINING, Project, at, small_project, tables

pytestmark = pytest.mark.faults

PROGRAM = RESULTS / "programs/network~logistic/optimizer~sgd/initializer~glorot_uniform/batch_size~16/program.zip"
HISTORY = RESULTS / "trainings" / TRAINING.format(0.1) / "history.parquet"
STUDY = RESULTS / "studies/learning_rates"
RATES = "studies/learning_rates/rates.png"
ROOT_ON_LINUX = os.name == "posix" and os.geteuid() == 0 and shutil.which("mount") is not None


def forget(project: Project, *names: str) -> None:
    """Remove what was trained, and all that was made of it."""
    for name in names or ("programs", "trainings", "studies"):
        path = project.folder / RESULTS / name
        path.unlink() if path.is_file() else shutil.rmtree(path, ignore_errors=True)


def ends_right(project: Project, finished: Project, *targets: str) -> str:
    """Run once more, and compare every table and figure with those of a run without faults."""
    result = project.run(*targets)
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


def test_killed_at_random_moments(project, finished):
    """Snakemake with all its jobs is killed, the lock it leaves is taken away, and it goes on."""
    moments = random.Random(0)
    for _ in range(4):
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


def killed_at_random(process: subprocess.Popen, moments: random.Random, seconds: float) -> str:
    """Kill each training of a run at a random moment of its first `seconds`; return what Snakemake said."""
    due, killed = {}, set()
    while process.poll() is None:
        for pid in trainings_of(process):
            due.setdefault(pid, time.monotonic() + moments.uniform(0, seconds))
            if time.monotonic() > due[pid] and pid not in killed:
                killed.add(pid)
                with contextlib.suppress(ProcessLookupError):  # it has just ended
                    os.kill(pid, signal.SIGKILL)
    return process.communicate(timeout=60)[0]


TRAINING_SECONDS = 0.5  # about how long a training takes


def test_trainings_killed_at_random_moments(project, finished):
    """Ten trainings in two runs: none leaves a wrong history, takes another with it or is taken for done."""
    moments, killed = random.Random(0), 0
    for _ in range(2):
        forget(project, "trainings", "studies")
        output = killed_at_random(project.start("--keep-going"), moments, TRAINING_SECONDS)
        killed_here = output.count("Error in rule train:")  # a signal may come too late: Snakemake knows
        whole = list((project.folder / RESULTS / "trainings").rglob("history.parquet"))
        assert len(whole) == 5 - killed_here, output
        for path in whole:
            assert path.read_bytes() == (finished.folder / path.relative_to(project.folder)).read_bytes()
        killed += killed_here
        assert trained(ends_right(project, finished)) == killed_here
    assert killed > 0


def test_ctrl_c_stops_at_once_and_the_next_run_goes_on(project, finished):
    forget(project)
    process = project.start()
    wait_for(lambda: trainings_of(process), process)
    started = time.monotonic()
    output = kill(process, signal.SIGINT)
    assert time.monotonic() - started < 30  # a second or two on a machine that has nothing else to do
    assert process.returncode != 0
    assert trained(output) < 5
    ends_right(project, finished)


@pytest.mark.parametrize(
    ("path", "lost", "trainings"),
    [(HISTORY, ["studies"], 1), (PROGRAM, ["trainings", "studies"], 4), (STUDY / "summary.csv", [], 0)],
    ids=["history", "program", "summary"],
)
def test_a_damaged_file_is_named_and_made_again(project, finished, path, lost, trainings):
    """A disk's fault changes neither size nor date. What was made of the file is lost too, so that it is read again."""
    damaged = project.folder / path
    status, content = damaged.stat(), damaged.read_bytes()
    if lost:
        damaged.write_bytes(content[:500] + bytes([content[500] ^ 0xFF]) + content[501:])
        os.utime(damaged, ns=(status.st_atime_ns, status.st_mtime_ns))
        forget(project, *lost)
    else:
        damaged.write_bytes(content[:-9])
    result = project.run("--keep-going")
    assert result.returncode != 0
    assert f"error: {path}: damaged (" in result.stdout
    assert "Traceback" not in result.stdout
    assert trained(ends_right(project, finished)) == trainings


@pytest.mark.parametrize(
    ("path", "trainings"),
    [(RESULTS / "prepared.parquet", 5), (STUDY / "histories.parquet", 0), (HISTORY, 1)],
    ids=["prepared", "histories", "history"],
)
def test_a_deleted_intermediate_is_made_again(project, finished, path, trainings):
    """And what rests on it: to Snakemake a file that was made a moment ago is a new one."""
    (project.folder / path).unlink()
    assert trained(ends_right(project, finished)) == trainings


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


# Every rule that writes, each after those that it rests on, and one of its files.
RANGE = RESULTS / "studies/learning_rate_range"
WRITTEN = {
    "fetch": Path("data/banknote_standin/table.csv"),
    "prepare": RESULTS / "prepared.parquet",
    "overview": RESULTS / "overview/pairplot.png",
    "baseline": RESULTS / "baseline/scores.csv",
    "compile": PROGRAM,
    "train": HISTORY,
    "descend": RESULTS / "descent/descent.png",
    "collect": STUDY / "histories.parquet",
    "answer": STUDY / "summary.csv",
    "plot": STUDY / "curves.png",
    "range_test": RANGE / "range_test.parquet",
    "variance": RANGE / "variance.csv",
    "audit": RANGE / "finder.png",
    "vega": Path("results/vega.js"),
    "page": STUDY / "answer.html",
    "compare_datasets": Path("results/recommendations.csv"),
    "manifest": RESULTS / "manifest.json",
}
SCRIPTS = {"plot": "plot_curves"}  # where a script is not called as its rule is
EVERYTHING = ["all", "learning_rate_range", str(WRITTEN["compare_datasets"])]


@pytest.fixture(scope="session")
def all_rules(once) -> Project:
    """The small project with a study of eight rates, so that every rule has something to do."""

    def make(folder: Path) -> None:
        project = small_project(folder)
        few = {"learning_rate": {"log": [0.01, 1, 8]}}
        project.edit("config/studies/learning_rate_range.yaml", lambda study: study.update(vary=few))
        result = project.run(*EVERYTHING)
        assert result.returncode == 0, result.stdout

    return once("all_rules", make)


# What makes a rule fail, as a line of its script, and what the run then says.
FAILURES = (
    ("raise __import__('lrstudy.errors').errors.StudyError('this input is bad')", "\nerror: this input is bad"),
    ("__import__('os').kill(__import__('os').getpid(), 9)", "\nError in rule {rule}:"),
    ("raise MemoryError('no room for the rows')", "no room for the rows"),
)


def test_each_rule_fails_until_it_is_mended(all_rules, tmp_path):
    shutil.copytree(all_rules.folder, tmp_path / "project")
    project = at(tmp_path / "project")
    for (rule, path), (line, said) in zip(WRITTEN.items(), itertools.cycle(FAILURES), strict=False):
        script = project.folder / f"scripts/{SCRIPTS.get(rule, rule)}.py"
        text, head = script.read_text(), "def main(input, output, settings):\n"
        assert head in text, rule
        script.write_text(text.replace(head, f"{head}    {line}\n"))
        for _ in range(2):
            result = project.run(str(path))
            assert result.returncode != 0, rule
            assert "Traceback" not in result.stdout
            assert said.format(rule=rule) in result.stdout, (rule, result.stdout)
        script.write_text(text)
    ends_right(project, all_rules, *EVERYTHING)


@contextlib.contextmanager
def disk_of_its_own(folder: Path) -> Iterator[None]:
    """Put a folder onto a file system of 12 MB."""
    kept = folder.with_name(f"{folder.name} kept")
    folder.rename(kept)
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", folder], check=True)
    try:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@contextlib.contextmanager
def full(folder: Path) -> Iterator[None]:
    """Fill the file system of a folder to the last byte."""
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as stream, contextlib.suppress(OSError):
        while stream.write(b"\0" * 4096):
            pass
    yield
    filler.unlink()


@pytest.mark.skipif(not ROOT_ON_LINUX, reason="a file system of its own takes root")
def test_a_full_disk_in_each_rule(all_rules, tmp_path):
    shutil.copytree(all_rules.folder, tmp_path / "project")
    project = at(tmp_path / "project")
    with disk_of_its_own(project.folder / "results"), disk_of_its_own(project.folder / "data"):
        for rule, name in reversed(WRITTEN.items()):
            path = project.folder / name
            path.unlink()
            with full(project.folder / name.parts[0]):
                result = project.run(str(name))
            assert result.returncode != 0, rule
            assert f"Error in rule {rule}:" in result.stdout
            assert re.search("^error: .*No space left", result.stdout, re.MULTILINE), result.stdout
            assert "Traceback" not in result.stdout
            assert not path.exists(), rule
        ends_right(project, all_rules, *EVERYTHING)


@pytest.mark.skipif(not ROOT_ON_LINUX, reason="a file system of its own takes root")
def test_a_full_disk_for_all_that_snakemake_writes(project, finished):
    """Results, logs and Snakemake's own notes: the whole project lies on a disk that is full."""
    forget(project)
    with disk_of_its_own(project.folder):
        with full(project.folder):
            assert project.run().returncode != 0
        ends_right(project, finished)


@pytest.mark.skipif(not ROOT_ON_LINUX, reason="a file system of its own takes root")
def test_read_only_results(project, finished):
    with disk_of_its_own(project.folder / "results"):
        (project.folder / STUDY / "curves.png").unlink()
        before = tables(project.folder)
        subprocess.run(["mount", "-o", "remount,ro", project.folder / "results"], check=True)
        result = project.run()
        assert result.returncode != 0
        assert "Read-only file system" in result.stdout
        subprocess.run(["mount", "-o", "remount,rw", project.folder / "results"], check=True)
        assert tables(project.folder) == before
        ends_right(project, finished)
