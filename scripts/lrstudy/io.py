"""Writing files so that nobody ever sees half of one: temporary name beside the target, flush, rename.

And reading back the texts among them.
"""

import contextlib
import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lrstudy.files.errors import Damaged


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
