"""Imports of libraries without what they do not need here, and which takes half their time."""

import contextlib
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any


@contextlib.contextmanager
def without(*names: str) -> Iterator[None]:
    """Hide libraries from what the block imports, which then does without them; what is imported already stays."""
    with _in_place(dict.fromkeys(names)):
        yield


@contextlib.contextmanager
def until_called(*names: str) -> Iterator[None]:
    """Give what the block imports stand-ins for modules, whose functions import the module when they are called."""
    with _in_place({name: _Later(name) for name in names}):
        yield


@contextlib.contextmanager
def _in_place(modules: dict[str, ModuleType | None]) -> Iterator[None]:
    """Have modules in place of those not imported yet; `None` makes `import` raise ImportError."""
    placed = {name: module for name, module in modules.items() if name not in sys.modules}
    sys.modules.update(placed)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in placed:
            del sys.modules[name]


class _Later(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what Python asks of any module
            raise AttributeError(name)
        return lambda *values, **named: getattr(importlib.import_module(self.__name__), name)(*values, **named)
