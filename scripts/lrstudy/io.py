"""Writing files so that nobody ever sees half of one, and reading them back.

A file is written under a temporary name beside its target, flushed and renamed.
"""

import contextlib
import csv
import io
import json
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lrstudy.errors import Damaged


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Give a temporary path to write to; move it to `path` once the block ends without an error.

    The temporary file lies beside the target, bears the target's suffix (Matplotlib chooses the format by
    it), is its owner's alone until it is whole, and is removed when the block fails.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".new.{target.name}")
    temporary.unlink(missing_ok=True)
    try:
        temporary.touch(mode=0o600, exist_ok=False)
        yield temporary
        with open(temporary, "rb+") as handle:
            os.fsync(handle.fileno())
        temporary.chmod(0o666 & ~_umask())
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    """Return which permissions the user does not want on new files; to be read it has to be set."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def write_bytes(path: str | os.PathLike, content: bytes) -> None:
    """Write `content` as it is."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: str | os.PathLike, text: str) -> None:
    """Write `text` as UTF-8 with LF line ends."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: str | os.PathLike, value: Any) -> None:
    """Write `value` as indented JSON; NaN and infinity, which JSON has no word for, are refused."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: str | os.PathLike) -> Any:
    """Return what `write_json` wrote; raises `Damaged` where that is no longer JSON."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:  # what JSON and UTF-8 raise
        raise Damaged(path, str(error)) from None


def read_csv(path: str | os.PathLike) -> list[dict[str, str]]:
    """Return a table's rows by its columns' names; raises `Damaged` where its end or a row's end is missing."""
    try:
        text = Path(path).read_bytes().decode("utf-8")
        if not text.endswith("\n"):
            raise ValueError("its last line has no end")
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        return [dict(zip(header, row, strict=True)) for row in rows]
    except (ValueError, csv.Error) as error:
        raise Damaged(path, str(error)) from None


def as_csv(rows: Iterable[dict], columns: Sequence[str]) -> str:
    """Return rows as CSV text with the header `columns`; floats as Python's repr, None as an empty cell."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def jsonable(value: Any) -> Any:
    """Return `value` with NumPy's numbers and arrays as Python's, and None for what is not finite."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
