"""The report's captions say what they mean to, of what their rules are given."""

import re
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest
import yaml

from lrstudy.plan import given, jobs, reading, run

ROOT = Path(__file__).resolve().parents[3]
RULES = "\n".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
CAPTIONS = [
    (name, caption)
    for name, block in re.findall(r"^rule (\w+):\n((?:    .*\n|\n)+)", RULES, re.MULTILINE)
    for caption in re.findall(r'caption="../report/(\w+).rst"', block)
]


@pytest.fixture(scope="module")
def simulated() -> run.Run:
    """The run of all the project's studies on the simulated banknotes."""
    config = {**reading.read_mapping(ROOT / "config/config.yaml"), "dataset": "banknote_standin"}

    def schema(name: str) -> dict:
        return yaml.safe_load((ROOT / f"workflow/schemas/{name}.schema.yaml").read_text())

    return run.load(config, ROOT / "config", schema, [])


def test_every_caption_has_a_rule():
    written = {path.stem for path in (ROOT / "workflow/report").glob("*.rst")}
    assert {caption for _, caption in CAPTIONS} == written - {"workflow"}


@pytest.mark.parametrize(("rule", "caption"), CAPTIONS)
def test_a_caption_says_that_data_are_simulated(simulated, rule, caption):
    job = jobs.Job(rule, "banknote_standin", "" if rule in jobs.OF_A_DATASET else "stability_map")
    params = {"settings": given.given(simulated, job)}
    text = (ROOT / f"workflow/report/{caption}.rst").read_text()
    template = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(text)
    said = template.render(snakemake=SimpleNamespace(params=SimpleNamespace(**params)))
    if "simulated" in text:
        assert "**These data are simulated.**" in said
    if "*{{" in text:
        assert "Study *Stability map* on Banknote stand-in, 100 seeds a training." in said
