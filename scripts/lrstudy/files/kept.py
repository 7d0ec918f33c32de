"""The last good copy of what takes long to make again, or cannot be: for the day on which a mistake is undone.

It is never taken for current: only by the digest of what it was made from, and with the bytes that it then had.
"""

import contextlib
import logging
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lrstudy.files import atomic, records


@contextlib.contextmanager
def kept(job: Any, alike: Iterable[Path] = ()) -> Iterator[bool]:
    """Give whether a job's files are back, from copies made when they were last made of the same.

    Where they are not, keep copies of what the block makes. `job` is the script's `snakemake` object; `alike` are
    files of other jobs that may be made of the same as the one file of this.
    """
    digest = job.params.digest
    if back := give_back(job.output, digest):
        logging.info("made of the same once before: the last good copy is taken")
    elif found := next((path for path in alike if give_back(job.output, digest, path)), None):
        logging.info("made of the same before: a copy of %s is taken", found)
        back = True
    yield back
    if not back:
        keep(job.output, digest, job.rule)


def keep(paths: Iterable[str], digest: str, rule: str) -> None:
    """Keep copies of files, which share their room on the disk where the file system can."""
    for path in map(Path, paths):
        with atomic.replacing(_copy_of(path)) as temporary:
            temporary.unlink()
            try:
                temporary.hardlink_to(path)
            except OSError:
                shutil.copyfile(path, temporary)
        records.write(_copy_of(path), digest, rule)


def give_back(paths: Iterable[str], digest: str, alike: Path | None = None) -> bool:
    """Write the copies that were made from what `digest` stands for to `paths`; return whether there are such.

    The copies are those kept of `paths`, or `alike`.
    """
    copies = {path: alike or _copy_of(path) for path in map(Path, paths)}
    if not all(_whole(copy, digest) for copy in copies.values()):
        return False
    for path, copy in copies.items():
        with atomic.replacing(path) as temporary:
            shutil.copyfile(copy, temporary)
    return True


def _copy_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.last_good")


def _whole(copy: Path, digest: str) -> bool:
    record = records.read(copy)
    if not record or record["digest"] != digest:
        return False
    return copy.exists() and records.sha256(copy) == record["sha256"]
