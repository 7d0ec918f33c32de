"""Which of our files a script is made of."""

import ast
from pathlib import Path

import pytest

from lrstudy import code

ROOT = Path(__file__).resolve().parents[2]


def test_every_way_to_import_is_followed(tmp_path):
    package = tmp_path / "lrstudy"
    package.mkdir()
    for name, text in {
        "one": "from lrstudy.two import Two\n",
        "two": "def later():\n    from lrstudy import (\n        three,\n        four,\n    )\n",
        "three": "import json\n",
        "four": "# from lrstudy import five\n",
        "five": "",
        "six": "",
    }.items():
        (package / f"{name}.py").write_text(text)
    script = tmp_path / "script.py"
    script.write_text('"""Words."""\n\nfrom lrstudy import one, missing  # and not six\n')
    names = [path.stem for path in code.files_of(script)]
    assert names == ["four", "one", "three", "two", "script"]


def test_a_training_is_not_made_of_figures():
    names = {path.stem for path in code.files_of(ROOT / "scripts/train.py")}
    assert {"train", "engine", "xla", "shuffle", "job"} <= names
    assert not {"style", "curves", "program", "settings"} & names


@pytest.mark.parametrize("path", sorted((ROOT / "scripts").rglob("*.py")), ids=lambda path: path.stem)
def test_every_import_is_written_in_a_way_that_is_found(path):
    """The search is quicker than a parser and knows fewer ways; what it overlooked would not be run again."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {each.name.split(".")[1] for each in node.names if each.name.startswith("lrstudy.")}
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lrstudy"):
            imported |= {each.name for each in node.names} if node.module == "lrstudy" else {node.module.split(".")[1]}
    assert imported <= set(code._imported(path))
