"""The simulated stand-in: the same on every machine, and how close it comes to the genuine banknotes."""

import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import fit_standin
import pandas as pd
import pytest
import yaml

from lrstudy.data import datasets, standin, tables

ROOT = Path(__file__).resolve().parents[3]
REGISTRY = yaml.safe_load((ROOT / "config/datasets.yaml").read_text())
PARAMETERS = json.loads((ROOT / REGISTRY["banknote_standin"]["standin"]).read_text())
TABLE_SHA256 = "da3f4a8ebc201f5e07533cc0265cb43ca5adfeed8cd60620aa62cd1d55fc7173"

needs_the_data = pytest.mark.skipif("DATA_MIRROR" not in os.environ, reason="the genuine data need DATA_MIRROR")


def test_the_same_bytes_everywhere():
    text, provenance = datasets.fetch("banknote_standin", {**REGISTRY["banknote_standin"], "standin": PARAMETERS})
    assert hashlib.sha256(text).hexdigest() == TABLE_SHA256
    assert provenance["source"] == "drawn"


def test_rows_and_columns():
    table = standin.draw(PARAMETERS)
    assert list(table) == ["variance", "skewness", "curtosis", "entropy", "class"]
    assert table["class"].value_counts().to_dict() == {0: 762, 1: 610}
    assert not table.duplicated().any()


def test_drawing_needs_no_scikit_learn():
    program = "import sys; from lrstudy.data import standin; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": str(ROOT / "scripts")}).returncode == 0


def genuine() -> pd.DataFrame:
    """Return the genuine table."""
    return pd.read_csv(io.BytesIO(datasets.fetch("banknote", REGISTRY["banknote"])[0]))


@needs_the_data
def test_no_genuine_row_is_among_the_drawn(monkeypatch):
    monkeypatch.setenv("DATA_MIRROR", str((ROOT / os.environ["DATA_MIRROR"]).resolve()))
    both = pd.concat([genuine().drop_duplicates(), standin.draw(PARAMETERS)])
    assert not both.duplicated().any()


@needs_the_data
def test_how_close_it_comes(monkeypatch):
    monkeypatch.setenv("DATA_MIRROR", str((ROOT / os.environ["DATA_MIRROR"]).resolve()))
    real, drawn = fit_standin.marks(genuine()), fit_standin.marks(standin.draw(PARAMETERS))
    assert real["forest accuracy"] == pytest.approx(0.993, abs=0.003)
    assert drawn["forest accuracy"] == pytest.approx(real["forest accuracy"], abs=0.005)
    assert drawn["converged loss"] == pytest.approx(real["converged loss"], abs=0.002)
    assert drawn["converged accuracy"] == pytest.approx(real["converged accuracy"], abs=0.003)
    for epochs in (1, 3, 10):
        assert drawn[f"loss after {epochs}"] == pytest.approx(real[f"loss after {epochs}"], rel=0.06)


@needs_the_data
def test_fitting_gives_parameters_that_can_be_drawn_from(monkeypatch):
    monkeypatch.setenv("DATA_MIRROR", str((ROOT / os.environ["DATA_MIRROR"]).resolve()))
    table = standin.draw(fit_standin.fit(genuine(), components=2))
    assert tables.to_csv(table).count(b"\n") == 1373
