"""Studies of tables that are smaller than their batches, before any job."""

from pathlib import Path

import pytest
import yaml

from lrstudy.files.errors import StudyError
from lrstudy.plan import closing, reading, run, small_tables

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def wine() -> run.Run:
    """The run of all the project's studies on wine."""
    config = {**reading.read_mapping(ROOT / "config/config.yaml"), "dataset": "wine"}

    def schema(name: str) -> dict:
        return yaml.safe_load((ROOT / f"workflow/schemas/{name}.schema.yaml").read_text())

    return run.load(config, ROOT / "config", schema, [])


def test_a_study_with_no_batch_size_within_the_table_is_refused(wine):
    small_tables.check(wine, "wine", "batch_sizes", 178)
    small_tables.check(wine, "wine", "first_model", 20)
    with pytest.raises(StudyError) as caught:
        small_tables.check(wine, "wine", "batch_sizes", 22)
    assert str(caught.value) == (
        "config/studies/batch_sizes.yaml: vary.batch_size: the dataset 'wine' has 15 training rows, and the smallest "
        "batch size is 16; add smaller ones"
    )


def test_what_a_run_says_of_a_small_table(wine):
    said = small_tables.words(wine, "wine", "stability_map", 178)
    assert said == "Batch sizes 128 and 256 are left out, more than the 124 training rows."
    assert small_tables.words(wine, "wine", "learning_rates", 178) == ""


def test_the_last_words_of_a_run_name_leaks_and_small_tables(wine, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = Path("data/wine")
    folder.mkdir(parents=True)
    assert small_tables.rows_of("wine") is None
    small_tables.check_known(wine, ["batch_sizes"], ["wine"])
    (folder / "source.json").write_text('{"rows": 30}')
    (folder / "provenance.json").write_text('{"warnings": ["column \'id\' is a running number"]}')
    made = [f"results/wine/studies/{study}/curves.png" for study in ("first_model", "learning_rates")]
    assert closing.cautions(["data/wine/provenance.json", *made], wine).splitlines() == [
        "warning: wine: column 'id' is a running number",
        "wine, first_model: A batch of 32 is more than the 21 training rows: each step takes all of them.",
    ]
    (folder / "source.json").write_text('{"rows": 20}')
    with pytest.raises(StudyError, match="the dataset 'wine' has 14 training rows, and the smallest batch size is 16"):
        small_tables.check_known(wine, ["batch_sizes"], ["wine"])
