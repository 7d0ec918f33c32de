"""The digest of a script's code, and what a manifest notices."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from lrstudy import provenance
from lrstudy.data import parquet

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def package(tmp_path) -> Path:
    """A script that imports modules in every way that Python knows."""
    for name, text in {
        "lrstudy/__init__": "",
        "lrstudy/one/__init__": "",
        "lrstudy/one/first": "from lrstudy.two.first import Two\n",
        "lrstudy/one/second": "from . import third\nfrom ..two import (\n    second,  # not sixth\n    third as a\n)\n",
        "lrstudy/one/third": "from .fourth import Four\n",
        "lrstudy/one/fourth": "import lrstudy.two.fourth\n",
        "lrstudy/two/__init__": "from lrstudy.two import seventh\n",
        "lrstudy/two/first": "def later():\n    from lrstudy.one \\\n        import second\n",
        "lrstudy/two/second": "import json, lrstudy.two.fifth\n",
        "lrstudy/two/third": "# from lrstudy.two import sixth\nimport numpy as np\n",
        "lrstudy/two/fourth": "",
        "lrstudy/two/fifth": "",
        "lrstudy/two/sixth": "",
        "lrstudy/two/seventh": "",
    }.items():
        path = tmp_path / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    script = tmp_path / "script.py"
    script.write_text('"""Words."""\n\nfrom lrstudy.one import first, missing  # and not lrstudy.two.sixth\n')
    return script


@pytest.fixture
def digest():
    """The digest of a script as a Snakemake that starts now would compute it."""

    def forget() -> None:
        for each in (
            provenance.digest_of_code,
            provenance._imports,
            provenance._modules,
            provenance._checksum,
            provenance.version,
        ):
            each.cache_clear()

    def anew(script: Path) -> str:
        forget()
        return provenance.digest_of_code(script)

    yield anew
    forget()


def test_every_way_to_import_is_followed(package):
    found = {str(path.relative_to(package.parent).with_suffix("")) for path in provenance.files_of(package)}
    everything = {str(path.relative_to(package.parent).with_suffix("")) for path in package.parent.rglob("*.py")}
    assert found == everything - {"lrstudy/two/sixth"}


def test_a_digest_changes_with_a_module_a_template_and_a_librarys_version(package, digest, monkeypatch, tmp_path):
    first = digest(package)
    (tmp_path / "lrstudy/two/sixth.py").write_text("edited = True\n")
    assert digest(package) == first
    (tmp_path / "lrstudy/two/fifth.py").write_text("edited = True\n")
    second = digest(package)
    (tmp_path / "lrstudy/one/page.css").write_text("p {}\n")
    third = digest(package)
    monkeypatch.setattr(provenance.importlib.metadata, "version", lambda name: "99")
    assert len({first, second, third, digest(package)}) == 4


def test_a_training_is_not_made_of_figures():
    names = {path.stem for path in provenance.files_of(ROOT / "scripts/train.py")}
    assert {"train", "engine", "xla", "job"} <= names
    assert not {"style", "curves", "program", "settings"} & names


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A folder with a table of each kind, and its manifest."""
    folder = tmp_path_factory.mktemp("original")
    parquet.write(folder / "a.parquet", parquet.table({"loss": np.array([0.5, np.nan, 0.25], np.float32)}))
    (folder / "b.csv").write_text("model,accuracy\nforest,0.993\n")
    (folder / "c.json").write_text(json.dumps({"recommended": 0.5, "at": ["sgd", None]}))
    with pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        return folder, provenance.manifest(["a.parquet", "b.csv", "c.json"], {"seeds": 3}, folder)


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
    assert made["processor"]["vectors"]
    assert provenance.differences(made, tmp_path) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [("b.csv", "model,accuracy\nforest,0.9931\n"), ("c.json", '{"recommended": 0.5, "at": ["sgd", null]}\n')],
)
def test_any_other_byte_differs_on_a_processor_of_the_same_kind(made, tmp_path, name, content):
    (tmp_path / name).write_text(content)
    assert provenance.differences(made, tmp_path) == [name]


def test_a_file_that_is_gone_differs(made, tmp_path):
    (tmp_path / "a.parquet").unlink()
    assert provenance.differences(made, tmp_path) == ["a.parquet"]


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
    assert provenance.differences(foreign, elsewhere) == ([] if same else [name])


def test_numbers_of_a_table_of_another_processor(made, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for values, same in (([0.50001, np.nan, 0.25], True), ([0.6, np.nan, 0.25], False), ([0.5, 0.1, 0.25], False)):
        parquet.write(elsewhere / "a.parquet", parquet.table({"loss": np.array(values, np.float32)}))
        assert provenance.close(tmp_path / "a.parquet", elsewhere / "a.parquet") is same


def test_on_another_processor_small_numbers_may_not_be_ten_times_as_large(tmp_path):
    for name, number in (("one", "0.0001"), ("same", "0.00010001"), ("other", "0.001")):
        (tmp_path / f"{name}.csv").write_text(f"loss\n{number}\n")
    assert provenance.close(tmp_path / "one.csv", tmp_path / "same.csv")
    assert not provenance.close(tmp_path / "one.csv", tmp_path / "other.csv")
    (tmp_path / "other.json").write_text("{")
    assert not provenance.close(tmp_path / "other.json", tmp_path / "one.csv")
