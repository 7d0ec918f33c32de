"""Getting bytes: from a folder, from a server on this machine, and from servers and archives that misbehave."""

import gzip
import hashlib
import io
import socket
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lrstudy import sources
from lrstudy.sources import Unavailable

DATA = b"1,2,0\n3,4,1\n"
SHA256 = hashlib.sha256(DATA).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves the data well at /data, and badly elsewhere."""

    def do_GET(self):  # the name that http.server calls
        if self.path == "/data":
            self.answer(200, DATA)
        elif self.path == "/page":
            self.answer(200, b"<!DOCTYPE html><html><body>Sign in</body></html>")
        elif self.path == "/short":
            self.answer(200, DATA[:5], length=len(DATA))
        elif self.path == "/elsewhere":
            self.answer(302, b"", location="http://192.0.2.1/data")
        elif self.path == "/moved":
            self.answer(302, b"", location="/data")
        elif self.path == "/huge":
            self.answer(200, b"", length=10 << 40)
        else:
            self.answer(404, b"not here")

    def answer(self, status, body, length=None, location=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def server():
    """The address of a server on the loopback interface."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


@pytest.mark.parametrize("path", ["/data", "/moved"])
def test_a_good_answer(server, path):
    assert sources.read(server + path, SHA256) == DATA


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/missing", "HTTP 404"),
        ("/page", "an HTML page instead of the data"),
        ("/short", "cut short"),
        ("/elsewhere", "http://192.0.2.1 is not https"),
        ("/huge", "larger than 2 GiB"),
    ],
)
def test_a_bad_answer_is_named(server, path, message):
    with pytest.raises(Unavailable, match=message):
        sources.read(server + path, SHA256)


def test_a_server_that_says_nothing(monkeypatch):
    monkeypatch.setattr(sources, "READ", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unavailable, match=r"silent for 0\.5 s"):
        sources.read(f"http://127.0.0.1:{silent.getsockname()[1]}/data", SHA256)


def test_a_server_that_is_not_there():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unavailable, match="no connection: refused"):
        sources.read(f"http://127.0.0.1:{port}/data", SHA256)


def test_plain_http_to_elsewhere_is_refused():
    with pytest.raises(Unavailable, match=r"http://example\.org is not https"):
        sources.read("http://example.org/data", SHA256)


def test_a_folder(tmp_path):
    (tmp_path / "data").write_bytes(DATA)
    assert sources.read(str(tmp_path / "data"), SHA256) == DATA
    with pytest.raises(Unavailable, match="there is no such file"):
        sources.read(str(tmp_path / "other"), SHA256)


def test_another_checksum_is_refused(tmp_path):
    (tmp_path / "data").write_bytes(DATA[:-1])
    with pytest.raises(Unavailable, match=f"not {SHA256[:12]}"):
        sources.read(str(tmp_path / "data"), SHA256)


def test_mirrors(monkeypatch):
    monkeypatch.delenv("DATA_MIRROR", raising=False)
    assert sources.mirrored("x.txt") is None
    monkeypatch.setenv("DATA_MIRROR", "https://mirror.example/data/")
    assert sources.mirrored("x.txt") == "https://mirror.example/data/x.txt"


def zipped(**members: bytes) -> bytes:
    """Return a zip archive of these members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_archives():
    assert sources.unpack(DATA, None) == DATA
    assert sources.unpack(gzip.compress(DATA), None) == DATA
    assert sources.unpack(zipped(**{"data.txt": DATA}), None) == DATA
    assert sources.unpack(zipped(**{"data.txt": DATA, "readme": b""}), "data.txt") == DATA


@pytest.mark.parametrize(
    ("content", "member", "message"),
    [
        (zipped(**{"other.txt": DATA}), "data.txt", "the zip holds 'other.txt'; expected 'data.txt'"),
        (zipped(a=DATA, b=DATA), None, "expected 'one file'"),
        (zipped(**{"../data.txt": DATA}), None, "outside its folder"),
        (zipped(**{"/data.txt": DATA}), None, "outside its folder"),
        (zipped(**{"data.txt": DATA})[:-30], None, "damaged zip"),
        (gzip.compress(DATA)[:-6], None, "damaged gzip"),
    ],
)
def test_bad_archives_are_named(content, member, message):
    with pytest.raises(Unavailable, match=message):
        sources.unpack(content, member)


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped_tight(content)])
def test_a_bomb_is_not_unpacked(monkeypatch, pack):
    monkeypatch.setattr(sources, "LARGEST", 1 << 20)
    with pytest.raises(Unavailable, match="unpacks to more"):
        sources.unpack(pack(bytes(3 << 20)), None)


def zipped_tight(content: bytes) -> bytes:
    """Return a compressed zip archive of one member."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", content)
    return stream.getvalue()
