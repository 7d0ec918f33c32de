"""Which of our files a script is made of, so that Snakemake reruns it when one of them changes."""

import ast
import functools
from pathlib import Path


def files_of(script: Path) -> list[Path]:
    """Return the script and every `lrstudy` module it imports, directly or through another, sorted."""
    package = script.parent / "lrstudy"
    found, waiting = set(), [script]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [package / f"{name}.py" for name in _imported(path) if (package / f"{name}.py").exists()]
    return sorted(found)


@functools.cache
def _imported(path: Path) -> list[str]:
    """Return the names of the `lrstudy` modules that a file imports, wherever in the file."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "lrstudy":
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("lrstudy."):
            names.append(node.module.removeprefix("lrstudy."))
    return names
