"""From the registry's entries to verified tables."""

import copy
import hashlib
import io
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import scale

from lrstudy import datasets
from lrstudy.errors import StudyError

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = yaml.safe_load((ROOT / "config/datasets.yaml").read_text())
needs_the_data = pytest.mark.skipif("DATA_MIRROR" not in os.environ, reason="the genuine data need DATA_MIRROR")

COLUMNS = ["width", "height", "class"]
CSV = "".join(f"{row},{row * row % 7}.5,{row % 2}\n" for row in range(12))


def entry(tmp_path, content: str | bytes, **changes) -> dict:
    """Return a registry entry of a file with this content."""
    content = content.encode() if isinstance(content, str) else content
    (tmp_path / "file.txt").write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    source = {"file": "file.txt", "format": "csv", "columns": COLUMNS, "sha256": sha256}
    return {"title": "T", "target": "class", "licence": "", "citation": "", "sources": [{**source, **changes}]}


@pytest.fixture(autouse=True)
def mirror(monkeypatch, tmp_path, request):
    """Let DATA_MIRROR name the test's own folder, except where the genuine data are wanted."""
    if "genuine" not in request.node.name:
        monkeypatch.setenv("DATA_MIRROR", str(tmp_path))
    elif "DATA_MIRROR" in os.environ:
        monkeypatch.setenv("DATA_MIRROR", str((ROOT / os.environ["DATA_MIRROR"]).resolve()))


@pytest.mark.parametrize("content", [CSV, "\ufeff" + CSV, CSV.replace("\n", "\r\n"), CSV.rstrip("\n")])
def test_a_table(tmp_path, content):
    text, provenance = datasets.fetch("mine", entry(tmp_path, content))
    assert text.splitlines()[:3] == ["width,height,class", "0,0.5,0", "1,1.5,1"]
    assert provenance["source"] == "DATA_MIRROR: file.txt"
    assert provenance["simulated"] is False


def test_a_table_reads_back_exactly(tmp_path):
    values = np.random.default_rng(0).normal(size=(20, 2))
    rows = "".join(f"{a!r},{b!r},{place % 2}\n" for place, (a, b) in enumerate(values.tolist()))
    described = entry(tmp_path, rows)
    (tmp_path / "table.csv").write_text(datasets.fetch("mine", described)[0])
    assert (datasets.load_table(tmp_path / "table.csv", described)[["width", "height"]].to_numpy() == values).all()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "it is empty"),
        (CSV.replace("3,", "three,", 1), "row 4, column 'width': 'three' is not a finite number"),
        (CSV.replace("3,", ",", 1), "row 4, column 'width': 'nan' is not a finite number"),
        (CSV.replace("3,", "inf,", 1), "row 4, column 'width': 'inf' is not a finite number"),
        (CSV.encode("utf-16"), "not UTF-8 text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff", "not UTF-8 text"),
        ("1,2,0\n" * 9, "at least two classes"),
        ("1,2,0\n" * 9 + "1,2,1\n", "at least two classes of three rows"),
    ],
)
def test_a_bad_table_is_refused_with_the_place(tmp_path, content, message):
    with pytest.raises(StudyError) as caught:
        datasets.fetch("mine", entry(tmp_path, content))
    assert message in str(caught.value)
    assert "DATA_MIRROR" in str(caught.value)


def test_every_refused_source_is_listed(tmp_path):
    described = entry(tmp_path, CSV, sha256="0" * 64)
    described["sources"].append({**described["sources"][0], "file": "absent.txt"})
    with pytest.raises(StudyError) as caught:
        datasets.fetch("mine", described)
    lines = str(caught.value).splitlines()
    assert lines[0] == "no source of the dataset 'mine' could serve:"
    assert "not 000000000000" in lines[1]
    assert "there is no such file" in lines[2]


def test_a_later_source_serves_when_the_first_cannot(tmp_path):
    described = entry(tmp_path, CSV)
    described["sources"].insert(0, {**described["sources"][0], "file": "absent.txt"})
    assert datasets.fetch("mine", described)[0].startswith("width,height,class")


ARFF = "% a comment\n@RELATION notes\n@ATTRIBUTE V1 REAL\n@attribute 'V 2' numeric\n@ATTRIBUTE Class {1,2}\n\n@DATA\n"


def test_arff_with_other_names_and_classes_gives_the_same_table(tmp_path):
    plain = datasets.fetch("mine", entry(tmp_path, CSV))[0]
    rows = "".join(f"{line[:-1]}{int(line[-1]) + 1}\n" for line in CSV.splitlines())
    described = entry(tmp_path, ARFF + rows, format="arff", values={"class": {1: 0, 2: 1}})
    described["table_sha256"] = hashlib.sha256(plain.encode()).hexdigest()
    assert datasets.fetch("mine", described)[0] == plain
    described["sources"][0]["values"] = {"class": {1: 1, 2: 0}}
    with pytest.raises(StudyError, match="its table is not the known one"):
        datasets.fetch("mine", described)


@needs_the_data
def test_the_genuine_banknotes_from_mirror_and_arff(tmp_path, monkeypatch):
    banknote = REGISTRY["banknote"]
    text, provenance = datasets.fetch("banknote", banknote)
    table = pd.read_csv(io.StringIO(text))
    assert table["class"].value_counts().to_dict() == {0: 762, 1: 610}
    assert provenance["sha256"] == banknote["sources"][0]["sha256"]
    # The same rows the way OpenML serves them must give the same table.
    rows = table.assign(**{"class": table["class"] + 1}).to_csv(index=False, header=False)
    names = "".join(f"@ATTRIBUTE V{place} REAL\n" for place in range(1, 5))
    arff = f"@RELATION banknote\n{names}@ATTRIBUTE Class {{1,2}}\n@DATA\n{rows}"
    (tmp_path / "notes.arff").write_text(arff)
    monkeypatch.setenv("DATA_MIRROR", str(tmp_path))
    openml = {key: value for key, value in banknote["sources"][2].items() if key != "openml"}
    again = copy.deepcopy({**banknote, "sources": [{**openml, "file": "notes.arff"}]})
    assert datasets.fetch("banknote", again)[0] == text


def standin() -> pd.DataFrame:
    """Return the simulated stand-in as it is drawn."""
    return datasets.draw_standin(json.loads((ROOT / REGISTRY["banknote_standin"]["standin"]).read_text()))


def test_the_stand_in_is_the_same_everywhere():
    table = standin()
    assert table["class"].value_counts().to_dict() == {0: 762, 1: 610}
    digest = hashlib.sha256(datasets.to_csv(table).encode()).hexdigest()
    assert digest == STANDIN_SHA256


STANDIN_SHA256 = "3a74b3a161bebf1210968ad5e83872a6d629ce80881caa6cd4575729559416e3"


def learning_curve(features: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the training loss of 10 epochs of full-batch gradient descent at rate 1 from zero weights."""
    weights, losses = np.zeros(features.shape[1] + 1), []
    inputs = np.column_stack([features, np.ones(len(features))])
    for _ in range(10):
        probabilities = 1 / (1 + np.exp(-inputs @ weights))
        losses.append(log_loss(target, probabilities))
        weights -= inputs.T @ (probabilities - target) / len(target)
    return np.array(losses)


@needs_the_data
def test_the_stand_in_comes_close_to_the_genuine_ones():
    text, _ = datasets.fetch("banknote", REGISTRY["banknote"])
    found = {}
    for name, table in (("real", pd.read_csv(io.StringIO(text))), ("simulated", standin())):
        features, target = scale(table.drop(columns="class")), table["class"].to_numpy()
        forest = cross_val_score(RandomForestClassifier(random_state=0), features, target, cv=3).mean()
        floor = LogisticRegression(C=np.inf, max_iter=1000).fit(features, target)
        found[name] = forest, log_loss(target, floor.predict_proba(features)), learning_curve(features, target)
    real, simulated = found["real"], found["simulated"]
    print(f"forest {real[0]:.4f} {simulated[0]:.4f}; floor {real[1]:.4f} {simulated[1]:.4f}; {real[2] / simulated[2]}")
    assert simulated[0] == pytest.approx(real[0], abs=0.01)
    assert simulated[1] == pytest.approx(real[1], abs=0.02)
    assert simulated[2] == pytest.approx(real[2], rel=0.05)
