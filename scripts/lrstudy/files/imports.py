"""Imports of libraries without what they do not need here, and which takes half their time."""

import contextlib
import importlib
import sys
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any


@contextlib.contextmanager
def without(*names: str) -> Iterator[None]:
    """Hide libraries from what the block imports, which then does without them; what is imported already stays."""
    with in_place(dict.fromkeys(names)):
        yield


@contextlib.contextmanager
def until_called(*names: str) -> Iterator[None]:
    """Give what the block imports stand-ins for modules, whose functions import the module when they are called."""
    with in_place({name: _Later(name) for name in names}):
        yield


@contextlib.contextmanager
def in_place(modules: Mapping[str, Any]) -> Iterator[None]:
    """Have stand-ins in place of modules not imported yet; `None` makes `import` raise ImportError."""
    placed: list[tuple[dict, str, Any]] = []
    for name, module in modules.items():
        package, _, child = name.rpartition(".")
        if name not in sys.modules:
            placed.append((sys.modules, name, module))
            known = vars(sys.modules[package]) if package in sys.modules else {}
            if module and child not in known:  # NumPy imports a part of itself when it is asked for it
                placed.append((known, child, module))
    for names, name, module in placed:
        names[name] = module
    try:
        yield
    finally:
        for names, name, module in placed:
            if names.get(name, ...) is module:  # and not the module itself, which a call has imported meanwhile
                del names[name]


# Imported by SciPy, and by what is used here of scikit-learn, and called by neither.
OF_SCIPY = ("numpy.f2py", "numpy.testing", "scipy.integrate", "scipy.interpolate", "scipy.stats")


def numpy() -> None:
    """Import NumPy without the texts of its help and what it offers for other work: a fourth of its time."""
    texts = ("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars")
    with until_called(*texts, "numpy.linalg", "platform"):
        importlib.import_module("numpy")


@contextlib.contextmanager
def without_help() -> Iterator[None]:
    """Let Matplotlib write no help for the classes that the block imports: a third of its time."""
    artist: Any = importlib.import_module("matplotlib.artist")
    silent = [
        (artist, "kwdoc", lambda _: ""),
        (artist.Artist, "_update_set_signature_and_docstring", classmethod(lambda _: None)),
    ]
    theirs = [(where, name, vars(where)[name]) for where, name, _ in silent if name in vars(where)]
    _set(silent if len(theirs) == len(silent) else [])
    try:
        yield
    finally:
        _set(theirs)


def _set(values: list[tuple[Any, str, Any]]) -> None:
    for where, name, value in values:
        setattr(where, name, value)


class _Later(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what Python asks of any module
            raise AttributeError(name)
        return lambda *values, **named: getattr(self._module(), name)(*values, **named)

    def _module(self) -> ModuleType:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return importlib.import_module(self.__name__)
