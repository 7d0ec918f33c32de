"""What results rest on: a digest of the code that makes them, checksums of files, versions, and the manifest."""

import ast
import csv
import functools
import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lrstudy import io
from lrstudy.errors import Damaged

# Libraries whose version may show in a result, by the name under which Python imports them.
LIBRARIES = {
    "jax": "jax",
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
TEMPLATES = (".html", ".css", ".js")
# How far numbers may differ between processors: rounding errors of thousands of steps, and of losses near zero.
TOLERANCE = {"rtol": 1e-3, "atol": 1e-5}


@functools.cache
def digest_of_code(script: Path) -> str:
    """Return the SHA-256 of a script, of our modules that it imports, and of the versions of their libraries.

    Snakemake compares it with that of the last run: its own trigger looks at the date of the script alone.
    """
    paths = files_of(script)
    imported = set().union(*(_imports(path, script.parent) for path in paths if path.suffix == ".py"))
    libraries = {name: version(LIBRARIES[name]) for name in LIBRARIES if (name,) in imported}
    content = {str(path.relative_to(script.parent)): _checksum(path) for path in paths}
    return hashlib.sha256(json.dumps([content, libraries], sort_keys=True).encode()).hexdigest()


def files_of(script: Path) -> list[Path]:
    """Return the script and every file of ours that it imports, directly or through another, sorted.

    Ours is what lies in the script's folder or below it. A package's `__init__.py` and the templates beside it belong
    to each of its modules.
    """
    root, found, waiting = script.parent, set(), [script]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [module for name in _imports(path, root) for module in _modules(root, name)]
    packages = {path.parent for path in found if path.name == "__init__.py"}
    return sorted(found | {path for package in packages for path in package.iterdir() if path.suffix in TEMPLATES})


@functools.cache
def _imports(path: Path, root: Path) -> frozenset[tuple[str, ...]]:
    """Return the names that a file below `root` imports, wherever in the file, and the packages that hold them."""
    names: set[tuple[str, ...]] = set()
    for node in ast.walk(ast.parse(path.read_bytes(), path)):
        if isinstance(node, ast.Import):
            names |= {tuple(alias.name.split(".")) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(root).parts[: -node.level] if node.level else ()
            module = (*package, *(node.module.split(".") if node.module else ()))
            names |= {module, *((*module, alias.name) for alias in node.names)}
    return frozenset(name[:end] for name in names for end in range(1, len(name) + 1))


@functools.cache
def _modules(root: Path, name: tuple[str, ...]) -> list[Path]:
    """Return the file below `root` that Python runs when it imports a name; nothing where the name is no module."""
    path = root.joinpath(*name)
    return [each for each in (path / "__init__.py", path.with_suffix(".py")) if each.is_file()][:1]


@functools.cache
def _checksum(path: Path) -> str:
    return sha256(path)


def sha256(path: str | os.PathLike) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@functools.cache
def version(distribution: str) -> str | None:
    """Return the version of an installed library, None where it is not installed."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def manifest(paths: Iterable[str], config: dict, root: Path) -> dict:
    """Return the manifest of the tables at `paths`: checksums, config, and what made them; `root` is our checkout."""
    versions = {name: version(name) for name in sorted(LIBRARIES.values())}
    return {
        "files": {path: sha256(path) for path in sorted(paths)},
        "config": config,
        "commit": commit(root),
        "processor": processor(),
        "libraries": {**versions, "python": ".".join(map(str, sys.version_info[:3]))},
    }


def commit(root: Path) -> str | None:
    """Return the Git commit of the code, with `-dirty` after it where files were edited; None outside of Git."""
    command = ["git", "-C", str(root), "describe", "--always", "--abbrev=40", "--dirty", "--match="]
    try:
        result = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return result.stdout.strip() or None if result.returncode == 0 else None


def processor() -> dict:
    """Return the kind of processor and which of NumPy's vector instructions it has: rounding depends on these."""
    import numpy as np

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
    return sha256(folder / path) == expected or (not same_kind and close(Path(path), folder / path))


def close(first: Path, second: Path) -> bool:
    """Return whether two tables hold the same words, and numbers within `TOLERANCE` of each other."""
    try:
        pairs = list(zip(content(first), content(second), strict=True))
    except (Damaged, OSError, ValueError):  # damaged, absent, or of different lengths
        return False
    return all(_near(one, other) for one, other in pairs)


def _near(one: Any, other: Any) -> bool:
    import numpy as np

    try:
        return bool(np.allclose(float(one), float(other), **TOLERANCE, equal_nan=True))
    except (TypeError, ValueError):
        return one == other


def content(path: Path) -> list:
    """Return the words and numbers of a Parquet, CSV or JSON file, in the file's order."""
    if path.suffix == ".parquet":
        from lrstudy.data import parquet

        table = parquet.read(path)
        return [*table.column_names, *(value for column in table.columns for value in column.to_pylist())]
    if path.suffix == ".json":
        return list(_leaves(io.read_json(path)))
    with open(path, newline="", encoding="utf-8") as stream:
        return [cell for row in csv.reader(stream) for cell in row]


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for item in value.items() if isinstance(value, dict) else value:
            yield from _leaves(list(item) if isinstance(item, tuple) else item)
    else:
        yield value
