"""What Snakemake hands a script, as plain lists: its own are read by importing Snakemake, a sixth of a training.

Of `snakemake` these are `input`, `output`, `params`, `log` and `rule`; of those a script that is given either finds the
same under the same names: `snakemake.input.table`, `snakemake.log[0]`.
"""

import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import Any


class Named(list):
    """Values of which some have names: `paths[0]`, `paths.table`."""

    def __init__(self, values: Any = ()):
        """Take the values, and the names, of one of Snakemake's lists."""
        super().__init__(map(plain, values))
        if hasattr(values, "items"):
            self.__dict__.update((name, plain(value)) for name, value in values.items())


def plain(value: Any) -> Any:
    """Return a value without what Snakemake makes of it: a path as text, a list as a list."""
    if isinstance(value, str):
        return str(value)
    return Named(value) if isinstance(value, list) and hasattr(value, "items") else value


def preamble(script: Any, path: str | Path) -> str:
    """Return the line that stands before the script at `path`, and gives it its `snakemake` and a lean NumPy.

    `script` is what Snakemake runs it with.
    """
    given = {name: Named(getattr(script, name)) for name in ("input", "output", "params", "log")}
    handed = pickle.dumps(SimpleNamespace(rule=script.rulename, **given))
    folder = str(Path(path).parent)
    return (
        f"import pickle, sys; sys.path.append({folder!r}); "
        f"snakemake = pickle.loads({handed!r}); __file__ = {str(path)!r}; "
        "from lrstudy.files import imports; imports.numpy()\n"
    )
