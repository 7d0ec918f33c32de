"""What a manifest notices."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from lrstudy.files import manifest, parquet, records
from lrstudy.files.errors import StudyError


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A folder with a table of each kind, and its manifest."""
    folder = tmp_path_factory.mktemp("original")
    parquet.write(folder / "a.parquet", parquet.table({"loss": np.array([0.5, np.nan, 0.25], np.float32)}))
    (folder / "b.csv").write_text("model,accuracy\nforest,0.993\n")
    (folder / "c.json").write_text(json.dumps({"recommended": 0.5, "at": ["sgd", None]}))
    with pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        digests = dict.fromkeys(["a.parquet", "b.csv", "c.json"], "d1")
        for name, digest in digests.items():
            records.write(name, digest, "made")
        return folder, manifest.describe(list(digests), digests, {"seeds": 3}, folder)


@pytest.fixture
def made(original, tmp_path, monkeypatch):
    """The manifest of what lies in the working folder."""
    shutil.copytree(original[0], tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return original[1]


def test_a_manifest_names_what_it_was_made_with(made, tmp_path):
    assert made["files"]["b.csv"] == hashlib.sha256((tmp_path / "b.csv").read_bytes()).hexdigest()
    assert made["commit"] is None
    assert made["libraries"]["numpy"] == np.__version__
    assert made["digests"]["b.csv"] == "d1"
    assert made["processor"]["vectors"]
    assert manifest.differences(made, tmp_path) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [("b.csv", "model,accuracy\nforest,0.9931\n"), ("c.json", '{"recommended": 0.5, "at": ["sgd", null]}\n')],
)
def test_any_other_byte_differs_on_a_processor_of_the_same_kind(made, tmp_path, name, content):
    (tmp_path / name).write_text(content)
    assert manifest.differences(made, tmp_path) == [name]


def test_a_file_that_is_gone_differs(made, tmp_path):
    (tmp_path / "a.parquet").unlink()
    assert manifest.differences(made, tmp_path) == ["a.parquet"]


@pytest.mark.parametrize(
    ("name", "other", "same"),
    [
        ("b.csv", "model,accuracy\nforest,0.9931\n", True),
        ("b.csv", "model,accuracy\nforest,0.91\n", False),
        ("b.csv", "model,accuracy\ntree,0.993\n", False),
        ("b.csv", "model,accuracy\nforest,0.993\nforest,0.993\n", False),
        ("c.json", '{"recommended": 0.5001, "at": ["sgd", null]}', True),
        ("c.json", '{"recommended": 1.5, "at": ["sgd", null]}', False),
        ("c.json", '{"recommended": null, "at": ["sgd", null]}', False),
    ],
)
def test_between_kinds_of_processors_numbers_may_differ_a_little(made, tmp_path, name, other, same):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for each in made["files"]:
        (elsewhere / each).write_bytes((tmp_path / each).read_bytes())
    (elsewhere / name).write_text(other)
    foreign = {**made, "processor": {"machine": "another", "vectors": []}}
    assert manifest.differences(foreign, elsewhere) == ([] if same else [name])


def test_numbers_of_a_table_of_another_processor(made, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for values, same in (([0.50001, np.nan, 0.25], True), ([0.6, np.nan, 0.25], False), ([0.5, 0.1, 0.25], False)):
        parquet.write(elsewhere / "a.parquet", parquet.table({"loss": np.array(values, np.float32)}))
        assert manifest.close(tmp_path / "a.parquet", elsewhere / "a.parquet") is same


def test_on_another_processor_small_numbers_may_not_be_ten_times_as_large(tmp_path):
    for name, number in (("one", "0.0001"), ("same", "0.00010001"), ("other", "0.001")):
        (tmp_path / f"{name}.csv").write_text(f"loss\n{number}\n")
    assert manifest.close(tmp_path / "one.csv", tmp_path / "same.csv")
    assert not manifest.close(tmp_path / "one.csv", tmp_path / "other.csv")
    (tmp_path / "other.json").write_text("{")
    assert not manifest.close(tmp_path / "other.json", tmp_path / "one.csv")


def test_a_table_made_from_something_else_has_no_manifest(made):
    with pytest.raises(StudyError, match=r"b.csv: was not made from today's config"):
        manifest.describe(["a.parquet", "b.csv"], {"a.parquet": "d1", "b.csv": "d2"}, {}, Path())
    records.path_of("a.parquet").unlink()
    with pytest.raises(StudyError, match=r"a.parquet: was not made"):
        manifest.describe(["a.parquet"], {"a.parquet": "d1"}, {}, Path())


def test_records_that_disagree_with_the_manifest_are_named(made):
    assert manifest.disagreeing(made) == []
    records.write("b.csv", "d2", "made")
    records.path_of("c.json").unlink()
    assert manifest.disagreeing(made) == ["b.csv", "c.json"]


def test_several_versions_of_a_library_are_all_named():
    found = [{"libraries": {"numpy": "2.3.0", "python": "3.11.7"}}, {"libraries": {"numpy": "2.2.1"}}]
    assert manifest.libraries(found) == {"numpy": "2.2.1, 2.3.0", "python": "3.11.7"}
