"""Imports of libraries without what they use only where it happens to be installed, and which takes half their time."""

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def without(*names: str) -> Iterator[None]:
    """Hide libraries from what the block imports, which then does without them; what is imported already stays."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # `None` there makes `import` raise ImportError
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
