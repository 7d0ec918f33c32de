"""Records: beside each file a small hidden one that says what the file was made from, and its checksum.

A file is taken for current only where its record bears today's digest and its bytes are those recorded: whatever a
date says, and wherever the file came from. What reads or writes here knows nothing of how a digest is made.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

from lrstudy.files import atomic

# Libraries whose version may show in a result, by the name under which Python imports them.
LIBRARIES = {
    "jaxlib": "jaxlib",
    "keras": "keras",
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "pandas": "pandas",
    "pyarrow": "pyarrow",
    "scipy": "scipy",
    "seaborn": "seaborn",
    "sklearn": "scikit-learn",
    "statsmodels": "statsmodels",
    "tensorflow": "tensorflow",
    "vl_convert": "vl-convert-python",
}


def path_of(file: str | os.PathLike) -> Path:
    """Return where the record of a file lies."""
    path = Path(file)
    return path.with_name(f".{path.name}.record")


def write(file: str | os.PathLike, digest: str, rule: str) -> None:
    """Write the record of a file that has just been made: from what, by which rule and libraries, and its checksum."""
    atomic.write_json(
        path_of(file), {"digest": digest, "rule": rule, "sha256": sha256(file), "libraries": libraries_in_use()}
    )


def read(file: str | os.PathLike) -> dict | None:
    """Return the record of a file, None where there is none that can be read."""
    try:
        record = json.loads(path_of(file).read_bytes())
        return record if isinstance(record, dict) else None
    except (OSError, ValueError):
        return None


def written(file: str | os.PathLike) -> tuple[int, int, int] | None:
    """Return what changes when a file's record is written again, None where there is none."""
    try:
        return _seen(path_of(file))
    except OSError:
        return None


def _seen(path: str | os.PathLike) -> tuple[int, int, int]:
    """Return what is another once a file was written, moved or touched: size, date in nanoseconds, inode."""
    status = Path(path).stat()
    return status.st_size, status.st_mtime_ns, status.st_ino


def libraries_in_use() -> dict[str, str]:
    """Return the versions of the libraries that this process has imported, and Python's."""
    used = {LIBRARIES[name]: sys.modules[name].__version__ for name in LIBRARIES if sys.modules.get(name)}
    return {**used, "python": ".".join(map(str, sys.version_info[:3]))}


def sha256(path: str | os.PathLike) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class Checksums:
    """The SHA-256 of files, remembered from run to run by path, size, date in nanoseconds and inode.

    So a file is read again only once it was written, moved or touched, however large it is.
    """

    def __init__(self, memory: str | os.PathLike):
        self.memory = Path(memory)
        try:
            self.known = {path: tuple(seen) for path, seen in json.loads(self.memory.read_bytes()).items()}
        except (OSError, ValueError, AttributeError, TypeError):
            self.known = {}
        self.grown = False

    def of(self, path: str | os.PathLike) -> str | None:
        """Return the checksum of a file, None where there is none that can be read."""
        try:
            seen = _seen(path)
            known = self.known.get(str(path))
            if known is None or known[:3] != seen:
                known = self.known[str(path)] = (*seen, sha256(path))
                self.grown = True
            return known[3]
        except (OSError, ValueError):
            return None

    def remember(self) -> None:
        """Write down what was learned; a disk that does not take it costs reading the files again."""
        if self.grown:
            try:
                atomic.write_text(self.memory, json.dumps(self.known))
            except OSError:
                return
            self.grown = False


def fits(file: str | os.PathLike, digest: str, checksums: Checksums) -> bool:
    """Return whether a file is there, was made from what `digest` stands for, and is as it was made."""
    record = read(file)
    return record is not None and record.get("digest") == digest and checksums.of(file) == record.get("sha256")
