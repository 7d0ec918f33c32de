"""Which of our files a script is made of, so that Snakemake reruns it when one of them changes."""

import functools
import re
from pathlib import Path

# `from lrstudy import a, b`, over several lines in brackets, or `from lrstudy.a import B`. A search and not a parser:
# it runs at each start of Snakemake, for every module.
_IMPORT = re.compile(r"^ *from lrstudy(?:\.(\w+))? import (\([^)]*\)|[^#\n]*)", re.MULTILINE)


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
    found = _IMPORT.findall(path.read_text(encoding="utf-8"))
    return [name for module, names in found for name in ([module] if module else re.findall(r"\w+", names))]
