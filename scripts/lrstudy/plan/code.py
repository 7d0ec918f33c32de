"""Which of our files a script is made of, so that Snakemake reruns it when one of them changes."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

# `from lrstudy.room import a, b`, over several lines in brackets or with a backslash, `from . import a`, and
# `import lrstudy.room.a`. A search and not a parser: it runs at each start of Snakemake, for every module.
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(\.*)([\w.]*)(?:\s|\\\n)+import\b(\s*\([^)]*\)|(?:[^#\n\\]|\\\n)*)"
    r"|import[ \t]+((?:[^#\n\\]|\\\n)*))",
    re.MULTILINE,
)
TEMPLATES = (".html", ".css", ".js")
_COMMENT = re.compile(r"#[^\n]*")


def files_of(script: Path) -> list[Path]:
    """Return the script and every file of ours that it imports, directly or through another, sorted.

    Ours is what lies in the script's folder or below it; a package's `__init__.py` belongs to each of its modules, and
    so do the templates that lie beside it.
    """
    root, found, waiting = script.parent, set(), [script]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path, root)
    packages = {path.parent for path in found if path.name == "__init__.py"}
    return sorted(found | {path for package in packages for path in package.iterdir() if path.suffix in TEMPLATES})


def foreign(path: Path) -> set[str]:
    """Return the names of the packages that a file imports, wherever in the file and whoever wrote them."""
    names: set[str] = set()
    if path.suffix in TEMPLATES:
        return names
    for dots, module, _, plain in _IMPORT.findall(_text(path)):
        if plain:
            names |= {name.split()[0].split(".")[0] for name in plain.split(",") if name.strip()}
        elif not dots:
            names.add(module.split(".")[0])
    return names


@functools.cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@functools.cache
def _imported(path: Path, root: Path) -> tuple[Path, ...]:
    """Return our files that a file imports, wherever in the file."""
    found: dict[Path, None] = {}
    for dots, module, names, plain in _IMPORT.findall(_text(path)):
        if plain:
            for name in plain.split(","):
                found.update(dict.fromkeys(_files(root, name.split()[0].split(".") if name.strip() else [])))
            continue
        parts = [part for part in module.split(".") if part]
        if dots:
            parts = [*path.parent.relative_to(root).parts[: 1 - len(dots) or None], *parts]
        for name in re.findall(r"(\w+)(?:\s+as\s+\w+)?", _COMMENT.sub("", names)) or [""]:
            found.update(dict.fromkeys(_files(root, [*parts, name])))
    return tuple(found)


def _files(root: Path, parts: list[str]) -> Iterator[Path]:
    """Yield the files that are run when `parts`, a dotted name, is imported; its last part may be no module."""
    for end in range(1, len(parts) + 1):
        path = root.joinpath(*parts[:end])
        package, module = path / "__init__.py", path.with_name(f"{path.name}.py")
        if _is_file(package):
            yield package
        elif _is_file(module):
            yield module


@functools.cache
def _is_file(path: Path) -> bool:
    return path.is_file()
