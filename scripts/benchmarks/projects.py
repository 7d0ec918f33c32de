"""Projects to measure: copies that have not run, tables made for them, and what a run of theirs takes."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from lrstudy.data import tables
from lrstudy.errors import StudyError

ROOT = Path(__file__).resolve().parents[2]
WATCHED = 0.1  # seconds between two looks at the running jobs; a peak is what the system itself noted
CHUNK = 100_000  # rows of a simulated table that are drawn and written together


@dataclass(frozen=True)
class Cost:
    """What a run took: `seconds` by the clock, those of the `processor`, and of each kind of job the most memory in MB.

    `jobs` has the names of their scripts, the largest first; `Snakemake` is Snakemake's own.
    """

    seconds: float
    processor: float
    jobs: dict[str, float]

    @property
    def memory(self) -> float:
        """The memory of the largest job."""
        return next(iter(self.jobs.values()))


def environment() -> dict[str, str]:
    """Return the environment for Snakemake: without the path to our own modules."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def project(folder: Path, **config: Any) -> Path:
    """Return a copy of the project that has not run, with these keys of the config."""
    for name in ("config", "scripts", "workflow"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    edit(folder / "config/config.yaml", lambda content: content.update(config))
    return folder


def edit(path: Path, change: Callable[[Any], Any]) -> None:
    """Rewrite a YAML file with what `change` makes of its content."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def large_table(path: Path, rows: int) -> Path:
    """Write a simulated CSV of 20 features, whose sum with some noise decides the class."""
    random = np.random.default_rng(rows)
    names = [f"x{place}" for place in range(20)]
    with open(path, "wb") as file:
        for first in range(0, rows, CHUNK):
            features = random.normal(size=(min(CHUNK, rows - first), 20))
            decided = (features.sum(axis=1) + random.normal(size=len(features)) > 0).astype(int)
            text = tables.to_csv(pd.DataFrame(features, columns=names).assign(y=decided))
            file.write(text if first == 0 else text.partition(b"\n")[2])
    return path


def large_project(folder: Path, rows: int) -> Path:
    """Return a project whose study is one epoch of batches of 256, 10 seeds, on a simulated table of 20 features."""
    made = project(folder, seeds=10, dataset="large", studies=["first_model"])
    entry = {"path": str(large_table(folder / "large.csv", rows)), "target": "y"}
    edit(made / "config/datasets.yaml", lambda registry: registry.update(large=entry))
    edit(made / "config/studies/first_model.yaml", lambda study: study["fixed"].update(epochs=1, batch_size=256))
    return made


def run(folder: Path, *arguments: str, program: Sequence[str] = ("-m", "snakemake")) -> Cost:
    """Run a project's Snakemake, a `program` of Python, on two cores and return what that took. Linux only.

    Raises `StudyError` with the end of what it printed where it fails.
    """
    command = [sys.executable, *program, "--cores", "2", *arguments]
    peaks: dict[str, float] = {}
    start, finished = time.perf_counter(), 0
    with open(folder / "snakemake.log", "w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=environment())
        while not finished:
            for name, peak in _peaks(process.pid):
                peaks[name] = max(peak, peaks.get(name, 0))
            finished, status, usage = os.wait4(process.pid, os.WNOHANG)
            time.sleep(0 if finished else WATCHED)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise StudyError(f"{' '.join(command)} failed: {(folder / 'snakemake.log').read_text()[-2000:]}")
    jobs = dict(sorted(peaks.items(), key=lambda each: -each[1]))
    return Cost(seconds, usage.ru_utime + usage.ru_stime, jobs)


def _peaks(top: int) -> list[tuple[str, float]]:
    """Return the name and the peak memory in MB of a process and of each below it: a rule's by its script."""
    parents, found = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "status").read_text()
            command = (folder / "cmdline").read_text()
        except OSError:  # it has ended
            continue
        said = dict(re.findall(r"^(PPid|VmHWM):\s+(\d+)", status, re.MULTILINE))
        script = re.search(r"/scripts/tmp\w*\.(\w+)\.py", command)
        parents[int(folder.name)] = int(said["PPid"])
        found[int(folder.name)] = script[1] if script else "Snakemake", int(said.get("VmHWM", 0)) / 1024

    def ours(process: int) -> bool:
        return process == top or (process in parents and ours(parents[process]))

    return [each for process, each in found.items() if ours(process)]
