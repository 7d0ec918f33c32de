"""What a record says of its file, and when a file is taken for what its record says."""

import json
import os
import shutil

import numpy as np
import pytest

from lrstudy.files import kept, records


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file with its record, in the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    records.write("table.csv", "d1", "collect")
    return tmp_path / "table.csv"


def fits(digest: str = "d1") -> bool:
    return records.fits("table.csv", digest, records.Checksums("memory.json"))


def test_a_record_says_what_a_file_was_made_of_and_with(file):
    record = records.read("table.csv")
    assert (record["digest"], record["rule"]) == ("d1", "collect")
    assert record["sha256"] == records.sha256("table.csv")
    assert record["libraries"]["numpy"] == np.__version__
    assert fits()


def test_a_date_says_nothing(file):
    for date in (0, 4e9):
        os.utime(file, (date, date))
        assert fits()


@pytest.mark.parametrize(
    "harm",
    [
        lambda file: file.write_text("a,b\n1,3\n"),
        lambda file: file.unlink(),
        lambda file: records.path_of(file).unlink(),
        lambda file: records.path_of(file).write_text("{"),
        lambda file: records.path_of(file).write_text("[]"),
        lambda file: records.write(file, "d2", "collect"),
    ],
    ids=["other bytes", "gone", "no record", "half a record", "another record", "another digest"],
)
def test_what_is_not_as_it_was_made_does_not_fit(file, harm):
    harm(file)
    assert not fits()


def test_another_files_bytes_with_the_first_ones_date_do_not_fit(file):
    status = file.stat()
    (file.parent / "other").write_text("a,b\n9,9\n")
    os.utime(file.parent / "other", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert fits()
    shutil.move(file.parent / "other", file)
    assert not fits()


def test_a_file_is_read_once_for_all_runs(file, monkeypatch):
    checksums = records.Checksums("memory.json")
    found = checksums.of("table.csv")
    checksums.remember()
    monkeypatch.setattr(records, "sha256", None)
    assert records.Checksums("memory.json").of("table.csv") == found
    assert records.Checksums("memory.json").of("none.csv") is None


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"table.csv": 3}', '{"table.csv": [1, 2]}'])
def test_a_spoilt_memory_is_no_memory(file, text):
    (file.parent / "memory.json").write_text(text)
    checksums = records.Checksums("memory.json")
    assert checksums.of("table.csv") == records.sha256("table.csv")
    checksums.remember()
    assert json.loads((file.parent / "memory.json").read_text())["table.csv"][3] == records.sha256("table.csv")


def test_a_last_good_copy_comes_back_for_the_same_digest_alone(file):
    content = file.read_bytes()
    kept.keep(["table.csv"], "d1", "fetch")
    file.unlink()
    assert not kept.give_back(["table.csv"], "d2")
    assert not file.exists()
    assert kept.give_back(["table.csv"], "d1")
    assert file.read_bytes() == content


def test_a_last_good_copy_that_was_damaged_does_not_come_back(file):
    kept.keep(["table.csv"], "d1", "fetch")
    (file.parent / ".table.csv.last_good").write_text("a,b\n")
    file.unlink(missing_ok=True)
    assert not kept.give_back(["table.csv"], "d1")


def test_a_file_made_of_the_same_for_something_else_will_do(file):
    other = file.parent / "other.csv"
    other.write_text("other\n")
    records.write(other, "d1", "fetch")
    file.unlink()
    assert not kept.give_back(["table.csv"], "d2", other)
    assert kept.give_back(["table.csv"], "d1", other)
    assert file.read_text() == "other\n"
    other.write_text("edited\n")
    assert not kept.give_back(["table.csv"], "d1", other)
