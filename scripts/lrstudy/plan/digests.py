"""What a file depends on, as one digest: it is planned again where that is not the digest in its record.

A job's digest stands for the content of its script and of the modules that this imports, the versions of the
libraries they use, just those settings that the script reads, the user's own files, and the digests of the jobs that
it rests on. No date has a part in it.
"""

import hashlib
import importlib.metadata
import json
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from lrstudy.files import records
from lrstudy.plan import code
from lrstudy.plan.given import given
from lrstudy.plan.jobs import Job, rests_on
from lrstudy.plan.run import Run


def canonical(value: Any) -> Any:
    """Return a setting in one spelling: the order of keys, and `1.0` for `1`, make no difference."""
    if isinstance(value, dict):
        return {str(key): canonical(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def digest_of(content: Any) -> str:
    """Return the SHA-256 of plain values, in hexadecimal digits."""
    return hashlib.sha256(json.dumps(canonical(content), sort_keys=True).encode()).hexdigest()


class Digests:
    """The digests of a run's jobs.

    `scripts` is the folder of the rules' scripts; `files_of` gives the files of a job; `environment` is the file that
    describes the environment of jobs that do not run in ours. Reads the working folder, and writes nothing.
    """

    def __init__(
        self, run: Run, scripts: Path, checksums: records.Checksums, files_of: Callable[[Job], list[str]],
        environment: Path | None = None,
    ):  # fmt: skip
        self.run, self.scripts, self.checksums, self.environment = run, scripts, checksums, environment
        self.files_of = cache(files_of)
        self._known: dict[tuple[Job, Any], str] = {}
        self._made_of: dict[str, str] = {}
        self._learned: dict[Job, tuple[Any, str | None]] = {}

    def of(self, job: Job) -> str:
        """Return the digest of a job."""
        learned = self._of_the_run(job)
        if (job, learned) not in self._known:
            self._known[job, learned] = self._digest(job)
        return self._known[job, learned]

    def _of_the_run(self, job: Job) -> Any:
        """Return what only the run itself tells, and what so makes a job's digest another while it lasts."""
        if job.rule == "fetch":
            return None
        datasets = [job.dataset] if job.dataset else list(self.run.datasets)
        return tuple((self.served(each), job.rule != "prepare" and self.shaped(each)) for each in datasets)

    def _digest(self, job: Job) -> str:
        behind = rests_on(self.run, job)
        content = {
            "rule": job.rule,
            "made of": self.made_of(job.rule),
            "settings": given(self.run, job),
            # A program depends on a table's shape, whatever stands in it, and whichever dataset's it is.
            "rests on": [self.shaped(job.dataset)] if job.rule == "compile" else [self.of(each) for each in behind],
        }
        if job.rule == "fetch":
            content["files"] = [[name, self.checksums.of(path)] for name, path in self.own_files(job.dataset).items()]
        elif any(each.rule == "fetch" for each in behind):
            content["table"] = self.served(job.dataset)
        return digest_of(content)

    def served(self, dataset: str) -> str | None:
        """Return the checksum of the fetched table, None before it is fetched as today's config asks.

        A source that nobody vouches for may serve another table tomorrow.
        """
        return self._made(Job("fetch", dataset), "table.csv")

    def shaped(self, dataset: str) -> str | None:
        """Return the checksum of what says the prepared table's shape, None before it is prepared."""
        return self._made(Job("prepare", dataset), "shape.json")

    def _made(self, job: Job, name: str) -> str | None:
        """Return the checksum of a file that a job has made as today's config asks; its record is read when written."""
        path = next(path for path in self.files_of(job) if path.endswith(name))
        written = records.written(path)
        if job not in self._learned or self._learned[job][0] != written:
            record = records.read(path)
            fits = record is not None and record.get("digest") == self.of(job)
            self._learned[job] = written, record.get("sha256") if record and fits else None
        return self._learned[job][1]

    def own_files(self, dataset: str) -> dict[str, Path]:
        """Return the user's own files that a dataset is read from, and the stand-in's parameters, which are ours."""
        entry = self.run.datasets[dataset]
        listed = [source["path"] for source in entry.get("sources", [entry]) if "path" in source]
        files = {path: Path(path) for path in listed}
        if "standin" in entry:
            files[entry["standin"]] = self.scripts.parent / entry["standin"]
        return files

    def made_of(self, rule: str) -> str:
        """Return the digest of what a rule's script is made of: its files, and the versions of its libraries."""
        if rule not in self._made_of:
            files = code.files_of(self.scripts / f"{rule}.py")
            ours = {str(path.relative_to(self.scripts)): _content(path) for path in files}
            self._made_of[rule] = digest_of([ours, self._libraries(files)])
        return self._made_of[rule]

    def _libraries(self, files: Iterable[Path]) -> Any:
        if self.environment:
            return _content(self.environment)
        imported = set().union(*map(code.foreign, files))
        return {name: _version(records.LIBRARIES[name]) for name in sorted(imported & records.LIBRARIES.keys())}


@cache
def _content(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def _version(distribution: str) -> str | None:
    """Return the version that Python would import, None for a library that is not there."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
