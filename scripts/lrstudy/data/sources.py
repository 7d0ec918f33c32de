"""Getting the bytes of a data file from a mirror, a path or a URL; nothing reads them before their checksum fits.

What a URL served can be kept in a folder of downloads, so that the next fetch needs no internet.
"""

import gzip
import hashlib
import os
import re
import threading
import zipfile
import zlib
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

from lrstudy import io
from lrstudy.errors import StudyError

CONNECT, READ = 5, 10  # seconds that a server may take to accept, and to send the next piece
ANSWER = 8  # seconds from asking to the head of the answer, with name resolution and redirects
WHOLE = 300  # seconds for the body
REDIRECTS = 5
LARGEST = 2 << 30  # bytes, of a download and of what is unpacked from it
RATIO, FREE = 250, 64 << 20  # an archive may unpack to this many times its size once it passes so many bytes
LOOPBACK = ("127.0.0.1", "localhost", "::1")

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+%-]*")
# What the libraries raise for archives that are cut short, encrypted, or not what they say they are.
_DAMAGE = (OSError, EOFError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile)


class Unavailable(StudyError):
    """A source that could not serve; the next one is tried."""


class _Moved(Exception):
    """The answer is a redirect."""


def mirrored(file: str) -> str | None:
    """Return where the environment's DATA_MIRROR (a folder or a base URL) would hold `file`, or None without one."""
    mirror = os.environ.get("DATA_MIRROR", "").strip()
    return f"{mirror.rstrip('/')}/{file}" if mirror and _FILE_NAME.fullmatch(file) else None


def read(location: str, sha256: str | None, cache: Path | None = None) -> bytes:
    """Return the content of a path or URL; a URL's is kept in the folder `cache`, and read from there the next time.

    Raises `Unavailable` for what cannot be had or does not have the checksum `sha256`.
    """
    if "://" not in location:
        return _checked(_read_file(Path(location)), sha256)
    if cache is None:
        return _checked(_download(location), sha256)
    content = _kept(location, sha256, cache)
    if content is None:
        content = _checked(_download(location), sha256)
        _keep(location, content, cache)
    return content


def forget(url: str, cache: Path) -> None:
    """Remove what `cache` keeps of a URL."""
    for path in _paths(url, cache):
        path.unlink(missing_ok=True)


def _paths(url: str, cache: Path) -> tuple[Path, Path]:
    """Return where what a URL served is kept, and its checksum, which `sha256sum --check` can read."""
    name = re.sub(r"[^A-Za-z0-9._+%-]", "_", urlsplit(url).path.rpartition("/")[2])[-100:]
    path = cache / f"{hashlib.sha256(url.encode()).hexdigest()}-{name}"
    return path, path.with_name(f"{path.name}.sha256")


def _keep(url: str, content: bytes, cache: Path) -> None:
    path, checksum = _paths(url, cache)
    io.write_bytes(path, content)
    io.write_text(checksum, f"{hashlib.sha256(content).hexdigest()}  {path.name}\n")


def _kept(url: str, sha256: str | None, cache: Path) -> bytes | None:
    """Return what `cache` keeps of a URL, or None where that is nothing, damaged or not the file with `sha256`."""
    path, checksum = _paths(url, cache)
    try:
        content, written = path.read_bytes(), checksum.read_text(encoding="utf-8").partition(" ")[0]
    except (OSError, ValueError):
        return None
    found = hashlib.sha256(content).hexdigest()
    return content if found == written == (sha256 or written) else None


def _checked(content: bytes, sha256: str | None) -> bytes:
    """Return the content; raises `Unavailable` where it has another checksum, or is a web page."""
    found = hashlib.sha256(content).hexdigest()
    page = content[:512].lstrip().lower().startswith((b"<!doctype html", b"<html"))
    if sha256 and found != sha256:
        what = "an HTML page" if page else f"{len(content):,} bytes"
        raise Unavailable(f"its SHA-256 is {found[:12]}…, not {sha256[:12]}…: {what} instead of the file we know")
    if page:
        raise Unavailable("an HTML page instead of the data")
    return content


def _read_file(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise Unavailable("it is not a file")
        if path.stat().st_size > LARGEST:
            raise Unavailable(f"it is larger than {LARGEST >> 30} GiB")
        return path.read_bytes()
    except FileNotFoundError:
        raise Unavailable("there is no such file") from None
    except (OSError, ValueError) as error:
        raise Unavailable(getattr(error, "strerror", None) or str(error)) from None


def _download(url: str) -> bytes:
    """Return what a URL serves, within bounds of time and size.

    A thread does the work, because neither name resolution nor a body sent byte by byte can be timed out
    from within.
    """
    body, answered, trouble = _Bounded(), threading.Event(), []

    def work() -> None:
        try:
            _follow(url, body, answered)
        except Exception as error:
            trouble.append(error)
        finally:
            answered.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    if not answered.wait(ANSWER):
        raise Unavailable(f"no answer within {ANSWER} s")
    thread.join(WHOLE)
    if thread.is_alive():
        body.close()
        raise Unavailable(f"not complete after {WHOLE} s")
    if trouble:
        raise _in_short(trouble[0]) from None
    return body.getvalue()


class _Bounded(BytesIO):
    """Bytes in memory, at most `LARGEST`."""

    def write(self, piece: Any) -> int:
        if self.tell() + len(piece) > LARGEST:
            raise Unavailable(f"it is larger than {LARGEST >> 30} GiB")
        return super().write(piece)


def _follow(url: str, body: _Bounded, answered: threading.Event) -> None:
    """Download `url` into `body`, by redirects that each satisfy `_check_scheme`."""
    for _ in range(1 + REDIRECTS):
        _check_scheme(url)
        try:
            return _get(url, body, answered)
        except _Moved as moved:
            url = urljoin(url, str(moved))
    raise Unavailable(f"more than {REDIRECTS} redirects")


def _get(url: str, body: _Bounded, answered: threading.Event) -> None:
    import pooch
    import requests

    def check(response: requests.Response, **_: Any) -> None:
        if response.is_redirect:
            response.close()
            raise _Moved(response.headers["location"])
        if int(response.headers.get("content-length") or 0) > LARGEST:
            raise Unavailable(f"it is larger than {LARGEST >> 30} GiB")
        answered.set()

    # Compressed on the way, the body would not have the length that the server announces.
    plain = {"Accept-Encoding": "identity"}
    pooch.HTTPDownloader(chunk_size=1 << 16, timeout=(CONNECT, READ), headers=plain, hooks={"response": check})(
        url, body, None
    )


def _check_scheme(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise Unavailable(f"{parts.scheme}://{parts.hostname or ''} is not https")


def _in_short(error: Exception) -> Exception:
    """Return `Unavailable` in a few words for what the network libraries raise; other errors are our own."""
    import requests

    if isinstance(error, requests.exceptions.HTTPError) and error.response is not None:
        return Unavailable(f"HTTP {error.response.status_code}")
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Unavailable(f"no connection within {CONNECT} s")
    if isinstance(error, requests.exceptions.ReadTimeout):
        return Unavailable(f"the server went silent for {READ} s")
    if isinstance(error, requests.exceptions.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return Unavailable(_connection_words(str(error)))
    if isinstance(error, requests.exceptions.RequestException | OSError | ValueError):
        return Unavailable(" ".join(str(error).split())[:200])
    return error


def _connection_words(text: str) -> str:
    known = {
        "NameResolution": "no connection: its name is not resolved",
        "refused": "no connection: refused",
        "unreachable": "no connection: network unreachable",
        "Read timed out": f"the server went silent for {READ} s",
        "IncompleteRead": "the body was cut short",
        "SSL": "no secure connection",
    }
    return next((words for mark, words in known.items() if mark in text), "no connection")


def unpack(content: bytes, member: str | None) -> bytes:
    """Return the file within a zip or gzip archive, or the content itself if it is neither.

    A zip must hold `member`, or one single file, under a relative path. Raises `Unavailable` otherwise, for a
    damaged archive, and for one that unpacks to more than `LARGEST` bytes or to `RATIO` times its size.
    """
    if content.startswith(b"PK\x03\x04"):
        return _unzip(content, member)
    if content.startswith(b"\x1f\x8b"):
        try:
            with gzip.open(BytesIO(content)) as stream:
                return _bounded(stream, len(content))
        except _DAMAGE as error:
            raise Unavailable(f"a damaged gzip file ({error})") from None
    return content


def _unzip(content: bytes, member: str | None) -> bytes:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            wanted = _only_member(archive.namelist(), member)
            with archive.open(wanted) as stream:
                return _bounded(stream, len(content))
    except _DAMAGE as error:
        raise Unavailable(f"a damaged zip file ({error})") from None


def _only_member(names: list[str], member: str | None) -> str:
    """Return the name of the file to take from a zip that holds these."""
    if "[Content_Types].xml" in names:
        raise Unavailable("an Office document, not a table; save it as CSV")
    for name in names:
        if name.startswith(("/", "\\")) or ":" in name[:2] or ".." in PurePosixPath(name.replace("\\", "/")).parts:
            raise Unavailable(f"the zip has a member outside its folder: {name!r}")
    names = [name for name in names if not name.endswith("/")]
    wanted = member or (names[0] if len(names) == 1 else None)
    if wanted not in names:
        shown = ", ".join(map(repr, names[:5])) + (", …" if len(names) > 5 else "")
        raise Unavailable(f"the zip holds {shown or 'nothing'}; expected {wanted or 'one file, or its name as member'}")
    return wanted


def _bounded(stream: IO[bytes] | gzip.GzipFile, packed: int) -> bytes:
    """Return a decompressed stream's content, stopping as soon as there is too much of it."""
    allowed = min(LARGEST, max(FREE, RATIO * packed))
    unpacked = bytearray()
    while piece := stream.read(1 << 20):
        unpacked += piece
        if len(unpacked) > allowed:
            raise Unavailable(f"an archive bomb: {packed:,} bytes unpack to more than {allowed:,}")
    return bytes(unpacked)
