"""What was computed, from what and with what: checksums of the tables, the config, versions, the processor."""

import csv
import platform
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from lrstudy.files import atomic, parquet, records
from lrstudy.files.errors import Damaged, StudyError

# Where the processor is another: rounding errors of thousands of steps, and of losses near zero.
TOLERANCE = {"rtol": 1e-3, "atol": 1e-5}


def describe(paths: list[str], digests: dict[str, str], config: dict, root: Path) -> dict:
    """Return the manifest of the tables at `paths`, from their records; `root` is the folder of the code.

    Raises `StudyError` for a table whose record does not bear the digest that it has in `digests`.
    """
    found = {path: _record(path, digests[path]) for path in sorted(paths)}
    return {
        "files": {path: record["sha256"] for path, record in found.items()},
        "digests": {path: record["digest"] for path, record in found.items()},
        "config": config,
        "commit": commit(root),
        "processor": processor(),
        "libraries": libraries(found.values()),
    }


def _record(path: str, digest: str) -> dict:
    record = records.read(path)
    if record is None or record["digest"] != digest:
        raise StudyError(
            f"{path}: was not made from today's config, data and code; they may have been edited during the run: "
            "run the same command again"
        )
    return record


def libraries(found: Iterable[dict]) -> dict[str, str]:
    """Return the versions of the libraries that made files, as their records say; of one library perhaps several."""
    versions: dict[str, set[str]] = {}
    for record in found:
        for name, version in record["libraries"].items():
            versions.setdefault(name, set()).add(version)
    return {name: ", ".join(sorted(versions[name])) for name in sorted(versions)}


def disagreeing(manifest: dict) -> list[str]:
    """Return the files here whose records are not those that the manifest was written from."""
    read = {path: records.read(path) or {} for path in manifest["files"]}
    return [
        path
        for path, record in read.items()
        if (record.get("sha256"), record.get("digest")) != (manifest["files"][path], manifest["digests"][path])
    ]


def commit(root: Path) -> str | None:
    """Return the Git commit of the code, with `-dirty` after it where files were edited; None outside of Git."""
    command = ["git", "-C", str(root), "describe", "--always", "--abbrev=40", "--dirty", "--match="]
    try:
        result = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return result.stdout.strip() or None if result.returncode == 0 else None


def processor() -> dict:
    """Return the kind of processor and which of NumPy's vector instructions it has: what rounding depends on."""
    return {
        "machine": platform.machine(),
        "vectors": np.show_config(mode="dicts")["SIMD Extensions"].get("found", []),
    }


def differences(manifest: dict, folder: Path) -> list[str]:
    """Return the files that are not in `folder` as the manifest has them, in the manifest's order.

    Equal bytes are wanted; on a processor of another kind, numbers within `TOLERANCE`.
    """
    same_kind = manifest["processor"] == processor()
    return [path for path, expected in manifest["files"].items() if not _same(path, expected, folder, same_kind)]


def _same(path: str, expected: str, folder: Path, same_kind: bool) -> bool:
    if not (folder / path).exists():
        return False
    return records.sha256(folder / path) == expected or (not same_kind and close(Path(path), folder / path))


def close(first: Path, second: Path) -> bool:
    """Return whether two tables hold the same words, and numbers within `TOLERANCE` of each other."""
    try:
        ours, theirs = content(first), content(second)
    except (Damaged, UnicodeDecodeError):
        return False
    if len(ours) != len(theirs):
        return False
    return all(_near(one, other) for one, other in zip(ours, theirs, strict=True))


def _near(one: Any, other: Any) -> bool:
    try:
        return bool(np.allclose(float(one), float(other), **TOLERANCE, equal_nan=True))
    except (TypeError, ValueError):
        return one == other


def content(path: Path) -> list:
    """Return the words and numbers of a Parquet, CSV or JSON file, in the file's order."""
    if path.suffix == ".parquet":
        table = parquet.read(path)
        return [*table.column_names, *(value for column in table.columns for value in column.to_pylist())]
    if path.suffix == ".json":
        return _leaves(atomic.read_json(path))
    with open(path, newline="", encoding="utf-8") as stream:
        return [cell for row in csv.reader(stream) for cell in row]


def _leaves(value: Any) -> list:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in (key, *_leaves(item))]
    return [leaf for item in value for leaf in _leaves(item)] if isinstance(value, list) else [value]
