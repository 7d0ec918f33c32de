"""Files are written whole or not at all, and what is no longer whole is found on reading."""

import os
import stat

import pytest

from lrstudy import io
from lrstudy.errors import Damaged


@pytest.fixture
def umask():
    """A umask that leaves the group out of nothing, and the others out of writing."""
    before = os.umask(0o002)
    yield
    os.umask(before)


def permissions(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_its_owners_alone_until_it_is_whole(tmp_path, umask):
    target = tmp_path / "folder/table.csv"
    with io.replacing(target) as temporary:
        temporary.write_text("half")
        assert permissions(temporary) == 0o600
        assert not target.exists()
    assert permissions(target) == 0o664
    assert target.read_text() == "half"
    assert list(target.parent.iterdir()) == [target]


def test_what_fails_leaves_the_file_as_it_was(tmp_path):
    target = tmp_path / "table.csv"
    io.write_text(target, "before")
    with pytest.raises(ZeroDivisionError), io.replacing(target) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_what_a_killed_process_left_is_not_written_through(tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("not ours")
    (tmp_path / ".new.table.csv").symlink_to(other)
    io.write_text(tmp_path / "table.csv", "ours")
    assert other.read_text() == "not ours"
    assert not (tmp_path / "table.csv").is_symlink()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_has_no_word_for_it(tmp_path, value):
    with pytest.raises(ValueError, match="JSON"):
        io.write_json(tmp_path / "a.json", {"loss": value})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b'{"a": 1', b'{"a": "\xff"}', b"a,b\n1,2\n3", b"a,b\n1,2\n3,4", b"a,b\n1\n"])
@pytest.mark.parametrize("read", [io.read_json, io.read_csv])
def test_what_is_damaged_is_named(tmp_path, read, content):
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(Damaged, match=r"a\.txt: damaged \("):
        read(path)


@pytest.mark.parametrize("content", [b"a,b\n1,2,3\n", b'a,b\n1,"2\n', b"a,b\n1,\xff\n"])
def test_a_table_that_is_damaged(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(Damaged, match=r"a\.csv: damaged \("):
        io.read_csv(tmp_path / "a.csv")


def test_json_is_read_as_it_was_written(tmp_path):
    value = {"rate": 0.1, "words": ["größer"], "none": None}
    io.write_json(tmp_path / "a.json", value)
    assert io.read_json(tmp_path / "a.json") == value


def test_a_table_is_read_by_its_columns(tmp_path):
    io.write_text(tmp_path / "a.csv", 'rate,"a\u2028 name"\n0.1,"two\nlines"\n')
    assert io.read_csv(tmp_path / "a.csv") == [{"rate": "0.1", "a\u2028 name": "two\nlines"}]
