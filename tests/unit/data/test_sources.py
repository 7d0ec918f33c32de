"""Getting bytes: from a folder, from a server on this machine, and from servers and archives that misbehave."""

import contextlib
import gzip
import hashlib
import io
import socket
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lrstudy.data import sources
from lrstudy.data.sources import Unavailable

DATA = b"1,2,0\n3,4,1\n"
SHA256 = hashlib.sha256(DATA).hexdigest()
MOVED = {"/moved": "/data", "/elsewhere": "http://192.0.2.1/data", "/ftp": "file:///etc/hostname", "/round": "/round"}
stopped = threading.Event()


class Handler(BaseHTTPRequestHandler):
    """Serves the data well at /data, and badly elsewhere."""

    def do_GET(self):  # the name that http.server calls
        if self.path == "/data":
            self.answer(200, DATA)
        elif self.path == "/page":
            self.answer(200, b"<!DOCTYPE html><html><body>Sign in</body></html>")
        elif self.path == "/short":
            self.answer(200, DATA[:5], length=len(DATA))
        elif self.path in MOVED:
            self.answer(302, b"", location=MOVED[self.path])
        elif self.path == "/huge":
            self.answer(200, b"", length=10 << 40)
        elif self.path == "/endless":
            self.drip(1 << 16, pause=0)
        elif self.path == "/drip":
            self.drip(1, pause=0.05)
        elif self.path == "/packed":
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(gzip.compress(bytes(3 << 20)))
        else:
            self.answer(404, b"not here")

    def answer(self, status, body, length=None, location=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def drip(self, size, pause):
        """Send a body without an end, until the other side has had enough."""
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            while not stopped.wait(pause):
                self.wfile.write(bytes(size))

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def server():
    """The address of a server on the loopback interface."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        stopped.set()
        httpd.shutdown()


@pytest.mark.parametrize("path", ["/data", "/moved"])
def test_a_good_answer(server, path):
    assert sources.read(server + path, SHA256) == DATA


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/missing", "HTTP 404"),
        ("/page", "an HTML page instead of the file we know"),
        ("/short", "cut short"),
        ("/elsewhere", "http://192.0.2.1 is not https"),
        ("/ftp", "file:// is not https"),
        ("/round", "more than 5 redirects"),
        ("/huge", "larger than 2 GiB"),
    ],
)
def test_a_bad_answer_is_named(server, path, message):
    with pytest.raises(Unavailable, match=message):
        sources.read(server + path, SHA256)


def test_a_page_is_no_data_even_where_no_checksum_is_known(server):
    with pytest.raises(Unavailable, match=r"^an HTML page instead of the data$"):
        sources.read(server + "/page", None)


@pytest.mark.parametrize("path", ["/endless", "/packed"])
def test_a_body_without_an_end(server, monkeypatch, path):
    monkeypatch.setattr(sources, "LARGEST", 1 << 20)
    with pytest.raises(Unavailable, match="it is larger than"):
        sources.read(server + path, None)


def test_a_body_sent_byte_by_byte(server, monkeypatch):
    monkeypatch.setattr(sources, "WHOLE", 0.5)
    start = time.monotonic()
    with pytest.raises(Unavailable, match=r"not complete after 0\.5 s"):
        sources.read(server + "/drip", None)
    assert time.monotonic() - start < 3


def test_a_server_that_says_nothing(monkeypatch):
    monkeypatch.setattr(sources, "ANSWER", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unavailable, match=r"no answer within 0\.5 s"):
        sources.read(f"http://127.0.0.1:{silent.getsockname()[1]}/data", SHA256)


def test_a_server_that_is_not_there():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unavailable, match="no connection: refused"):
        sources.read(f"http://127.0.0.1:{port}/data", SHA256)


def test_plain_http_to_elsewhere_is_refused():
    with pytest.raises(Unavailable, match=r"http://example\.org is not https"):
        sources.read("http://example.org/data", SHA256)


@pytest.fixture
def short_lived():
    """A server's address, and what stops that server."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()

    def stop() -> None:
        httpd.shutdown()
        thread.join()
        httpd.server_close()

    yield f"http://127.0.0.1:{httpd.server_port}", stop
    stop()


@pytest.mark.parametrize("sha256", [SHA256, None])
def test_a_download_is_kept_and_needs_no_server_the_next_time(short_lived, tmp_path, sha256):
    address, stop = short_lived
    assert sources.read(f"{address}/data", sha256, tmp_path / "downloads") == DATA
    name = f"{hashlib.sha256(f'{address}/data'.encode()).hexdigest()}-data"
    assert sorted(path.name for path in (tmp_path / "downloads").iterdir()) == [name, f"{name}.sha256"]
    assert (tmp_path / "downloads" / name).read_bytes() == DATA
    assert (tmp_path / "downloads" / f"{name}.sha256").read_text() == f"{SHA256}  {name}\n"
    stop()
    assert sources.read(f"{address}/data", sha256, tmp_path / "downloads") == DATA
    with pytest.raises(Unavailable, match="no connection: refused"):
        sources.read(f"{address}/data", sha256)
    with pytest.raises(Unavailable, match="no connection: refused"):
        sources.read(f"{address}/other", sha256, tmp_path / "downloads")


@pytest.mark.parametrize("sha256", [SHA256, None])
@pytest.mark.parametrize("damaged", [DATA[:-1], b"", None])
@pytest.mark.parametrize("which", [0, 1])
def test_a_damaged_download_is_fetched_again(server, tmp_path, sha256, damaged, which):
    sources.read(f"{server}/data", sha256, tmp_path)
    path = sorted(tmp_path.iterdir())[which]
    path.unlink() if damaged is None else path.write_bytes(damaged)
    assert sources.read(f"{server}/data", sha256, tmp_path) == DATA
    assert sorted(tmp_path.iterdir())[0].read_bytes() == DATA
    assert sources.read(f"{server}/data", None, tmp_path) == DATA


def test_a_kept_download_with_another_checksum_than_the_known_one_is_not_served(short_lived, tmp_path):
    address, stop = short_lived
    sources.read(f"{address}/data", None, tmp_path)
    with pytest.raises(Unavailable, match=r"its SHA-256 is .* instead of the file we know"):
        sources.read(f"{address}/data", "0" * 64, tmp_path)
    stop()
    with pytest.raises(Unavailable, match="no connection: refused"):
        sources.read(f"{address}/data", "0" * 64, tmp_path)
    assert sources.read(f"{address}/data", SHA256, tmp_path) == DATA


@pytest.mark.parametrize(("path", "sha256"), [("/page", None), ("/data", "0" * 64), ("/missing", None)])
def test_a_bad_answer_is_not_kept(server, tmp_path, path, sha256):
    with pytest.raises(Unavailable):
        sources.read(server + path, sha256, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_a_url_calls_its_file_cannot_leave_the_folder(tmp_path):
    for name in ("", "a/..", "x y\\..?k=/1", "é" * 999):
        for path in sources._paths(f"https://example.org/{name}", tmp_path):
            assert path.parent == tmp_path and len(path.name) < 200


def test_a_file_of_the_users_is_not_copied(tmp_path):
    (tmp_path / "data").write_bytes(DATA)
    assert sources.read(str(tmp_path / "data"), SHA256, tmp_path / "downloads") == DATA
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_folder(tmp_path):
    (tmp_path / "data").write_bytes(DATA)
    assert sources.read(str(tmp_path / "data"), SHA256) == DATA
    with pytest.raises(Unavailable, match="there is no such file"):
        sources.read(str(tmp_path / "other"), SHA256)


def test_what_is_no_file(tmp_path):
    for location in (str(tmp_path), "/dev/zero"):
        with pytest.raises(Unavailable, match="it is not a file"):
            sources.read(location, None)


def test_another_checksum_is_refused(tmp_path):
    (tmp_path / "data").write_bytes(DATA[:-1])
    with pytest.raises(Unavailable, match=f"not {SHA256[:12]}"):
        sources.read(str(tmp_path / "data"), SHA256)


def test_mirrors(monkeypatch):
    monkeypatch.delenv("DATA_MIRROR", raising=False)
    assert sources.mirrored("x.txt") is None
    monkeypatch.setenv("DATA_MIRROR", "https://mirror.example/data/")
    assert sources.mirrored("x.txt") == "https://mirror.example/data/x.txt"
    assert sources.mirrored("../x.txt") is None


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
        (zipped(**{"other.txt": DATA}), "data.txt", "the zip holds 'other.txt'; expected data.txt"),
        (zipped(a=DATA, b=DATA), None, "the zip holds 'a', 'b'; expected one file, or its name as member"),
        (zipped(**{"C:data.txt": DATA}), None, "outside its folder"),
        (zipped(**{"[Content_Types].xml": b"", "xl/workbook.xml": b""}), None, "an Office document, not a table"),
        (zipped(**{"../data.txt": DATA}), None, "outside its folder"),
        (zipped(**{"/data.txt": DATA}), None, "outside its folder"),
        (zipped(**{"data.txt": DATA})[:-30], None, "damaged zip"),
        (gzip.compress(DATA)[:-6], None, "damaged gzip"),
    ],
    # archives hold the time, and a test's name must be the same for each worker
    ids=["other", "two", "drive", "office", "parent", "absolute", "damaged zip", "damaged gzip"],
)
def test_bad_archives_are_named(content, member, message):
    with pytest.raises(Unavailable, match=message):
        sources.unpack(content, member)


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped_tight(content)], ids=["gzip", "zip"])
def test_a_bomb_is_not_unpacked(monkeypatch, pack):
    monkeypatch.setattr(sources, "FREE", 1 << 20)
    with pytest.raises(Unavailable, match=r"an archive bomb: .* bytes unpack to more than"):
        sources.unpack(pack(bytes(8 << 20)), None)
    monkeypatch.setattr(sources, "LARGEST", 1 << 10)
    with pytest.raises(Unavailable, match="unpack to more than 1,024"):
        sources.unpack(pack(bytes(range(256)) * 8), None)


def zipped_tight(content: bytes) -> bytes:
    """Return a compressed zip archive of one member."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", content)
    return stream.getvalue()
