"""Names that become parts of paths."""

import re

from lrstudy.files.errors import StudyError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def check_name(name: object, where: str) -> str:
    """Return `name` if it is safe as a folder's name; raises `StudyError` that starts with `where` if not."""
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    shown = repr(name) if len(repr(name)) <= 40 else repr(name)[:39] + "…"
    raise StudyError(
        f"{where}: {shown} cannot name a folder; use up to 64 letters, digits, '_' and '-', the first a letter or digit"
    )
