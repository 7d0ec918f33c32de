"""Studies of tables that are smaller than their batches, before any job."""

from pathlib import Path

import pytest
import yaml

from lrstudy.files.errors import StudyError
from lrstudy.plan import reading, run, small_tables

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
