"""Whatever is written into the config, it is accepted or refused in one line that names the file."""

import copy
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lrstudy.config import settings as project
from lrstudy.errors import StudyError

ROOT = Path(__file__).resolve().parents[3]
FILES = {
    "config": "config/config.yaml",
    "study": "config/studies/stability_map.yaml",
    "datasets": "config/datasets.yaml",
}
CONTENT = {name: project.read_yaml(ROOT / path) for name, path in FILES.items()}
SCHEMAS = {name: yaml.safe_load((ROOT / f"workflow/schemas/{name}.schema.yaml").read_text()) for name in FILES}

bounded = settings(max_examples=60, derandomize=True, deadline=None, database=None)

WORDS = st.sampled_from(
    ["seeds", "dataset", "banknote", "learning_rate", "log", "class", "mlp", "sources", "../x", "a~b"]
) | st.sampled_from(
    ["SGD", "momentum", "schedule", "activation", "decimal", "units", "na_values", "missing_texts", "title"]
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**7), 10**7), st.floats(), WORDS, st.text(max_size=6), st.dates()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(WORDS, SCALARS), inner, max_size=3)),
    max_leaves=6,
)


def places(value, path=()) -> list[tuple]:
    """Return the path of every value within a config."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


@st.composite
def edited(draw, content):
    """Return the content with one to three values changed, added or removed anywhere."""
    content = copy.deepcopy(content)
    for _ in range(draw(st.integers(1, 3))):
        *path, last = draw(st.sampled_from([place for place in places(content) if place]))
        parent = content
        for key in path:
            parent = parent[key]
        if draw(st.booleans()) and isinstance(parent, dict):
            last = draw(st.one_of(WORDS, SCALARS))
        if draw(st.integers(0, 5)) == 0:
            parent.pop(last, None) if isinstance(parent, dict) else parent.pop(last)
        else:
            parent[last] = draw(VALUES)
    return content


def one_line(load, *arguments):
    """Return what `load` returns; a refusal must be our one line that names a file."""
    try:
        return load(*arguments)
    except StudyError as error:
        assert "\n" not in str(error)
        assert ".yaml: " in str(error)
        return None


@bounded
@given(edited(CONTENT["config"]))
def test_any_edit_of_the_config(config):
    found = one_line(project.load_config, config, SCHEMAS["config"])
    assert found is None or 1 <= found["seeds"] <= 100_000


@bounded
@given(edited(CONTENT["study"]))
def test_any_edit_of_a_study(tmp_path_factory, study):
    path = tmp_path_factory.getbasetemp() / "mine.yaml"
    path.write_text(yaml.safe_dump(study))
    config = project.load_config(CONTENT["config"], SCHEMAS["config"])
    found = one_line(project.load_study, path, SCHEMAS["study"], config)
    assert found is None or all(0 < training["learning_rate"] < float("inf") for training in found.trainings)


@bounded
@given(edited(CONTENT["datasets"]))
def test_any_edit_of_the_datasets(tmp_path_factory, datasets):
    path = tmp_path_factory.getbasetemp() / "datasets.yaml"
    path.write_text(yaml.safe_dump(datasets))
    one_line(project.load_datasets, path, list(datasets), SCHEMAS["datasets"])


@bounded
@given(st.one_of(st.binary(max_size=80), st.text("{}[]:,-&*!|>'\"%@`#?<~=\\ \n\tab10.e_", max_size=80).map(str.encode)))
def test_any_file_is_yaml_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content)
    one_line(project.read_yaml, path)
