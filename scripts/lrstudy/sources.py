"""Getting the bytes of a data file from a mirror, a path or a URL; nothing reads them before their checksum fits."""

import contextlib
import gzip
import hashlib
import io
import os
import tempfile
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

from lrstudy.errors import StudyError

CONNECT, READ = 5, 10  # seconds that a server may take to accept, and to send the next piece
LARGEST = 2 << 30  # bytes, of a download and of what is unpacked from it
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Unavailable(StudyError):
    """A source that could not serve; the next one is tried."""


def mirrored(file: str) -> str | None:
    """Return where the environment's DATA_MIRROR (a folder or a base URL) would hold `file`, or None without one."""
    mirror = os.environ.get("DATA_MIRROR", "").strip()
    return f"{mirror.rstrip('/')}/{file}" if mirror else None


def read(location: str, sha256: str | None) -> bytes:
    """Return the content of a path or URL.

    Raises `Unavailable` for what cannot be had or does not have the checksum `sha256`.
    """
    scheme = urlsplit(location).scheme
    content = _download(location) if scheme in ("http", "https") else _read_file(location.removeprefix("file://"))
    found = hashlib.sha256(content).hexdigest()
    if sha256 and found != sha256:
        raise Unavailable(f"its SHA-256 is {found[:12]}…, not {sha256[:12]}…: {_what_it_is(content)}")
    return content


def _what_it_is(content: bytes) -> str:
    start = content[:512].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page instead of the data"
    return f"{len(content):,} bytes that are not the file we know (cut short, or changed)"


def _read_file(path: str) -> bytes:
    try:
        if Path(path).stat().st_size > LARGEST:
            raise Unavailable(f"it is larger than {LARGEST >> 30} GiB")
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise Unavailable("there is no such file") from None
    except OSError as error:
        raise Unavailable(error.strerror or str(error)) from None


def _download(url: str) -> bytes:
    """Return what a URL serves; pooch downloads it into a folder that is gone afterwards."""
    import pooch
    import requests

    _check_scheme(url)
    try:
        with tempfile.TemporaryDirectory() as folder:
            downloader = pooch.HTTPDownloader(timeout=(CONNECT, READ), hooks={"response": _check_response})
            path = Path(folder) / "download"
            with contextlib.redirect_stderr(io.StringIO()):
                downloader(url, path, None)
            return path.read_bytes()
    except requests.exceptions.HTTPError as error:
        raise Unavailable(f"HTTP {error.response.status_code}") from None
    except requests.exceptions.ConnectTimeout:
        raise Unavailable(f"no connection within {CONNECT} s") from None
    except requests.exceptions.ReadTimeout:
        raise Unavailable(f"the server went silent for {READ} s") from None
    except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
        raise Unavailable(_connection_words(str(error))) from None
    except (requests.exceptions.RequestException, OSError, ValueError) as error:
        raise Unavailable(" ".join(str(error).split())[:200]) from None


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


def _check_scheme(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise Unavailable(f"{parts.scheme}://{parts.hostname} is not https")


def _check_response(response, *_, **__) -> None:
    """Refuse a redirect that leaves https, and a body that says it is too large, before it is read."""
    if response.is_redirect:
        from urllib.parse import urljoin

        _check_scheme(urljoin(response.url, response.headers["location"]))
    if int(response.headers.get("content-length") or 0) > LARGEST:
        raise Unavailable(f"it is larger than {LARGEST >> 30} GiB")


def unpack(content: bytes, member: str | None) -> bytes:
    """Return the file within a zip or gzip archive, or the content itself if it is neither.

    A zip must hold `member`, or one single file, under a relative path. Raises `Unavailable` otherwise, and for
    an archive that unpacks to more than `LARGEST` bytes.
    """
    if content[:4] == b"PK\x03\x04":
        return _unzip(content, member)
    if content[:2] == b"\x1f\x8b":
        try:
            with gzip.open(io.BytesIO(content)) as stream:
                return _bounded(stream)
        except (OSError, EOFError) as error:
            raise Unavailable(f"a damaged gzip file ({error})") from None
    return content


def _unzip(content: bytes, member: str | None) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            for name in names:
                if name.startswith(("/", "\\")) or ".." in Path(name.replace("\\", "/")).parts:
                    raise Unavailable(f"the zip has a member outside its folder: {name!r}")
            wanted = member or (names[0] if len(names) == 1 else None)
            if wanted not in names:
                raise Unavailable(f"the zip holds {', '.join(map(repr, names[:5]))}; expected {wanted or 'one file'!r}")
            with archive.open(wanted) as stream:
                return _bounded(stream)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise Unavailable(f"a damaged zip file ({error})") from None


def _bounded(stream) -> bytes:
    content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Unavailable(f"it unpacks to more than {LARGEST >> 30} GiB")
    return content
