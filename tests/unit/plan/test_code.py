"""Which of our files a script is made of."""

import ast
from pathlib import Path

import pytest

from lrstudy.plan import code

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = ROOT / "scripts"


def test_every_way_to_import_is_followed(tmp_path):
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
        "lrstudy/two/third": "# from lrstudy.two import sixth\n",
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
    found = {str(path.relative_to(tmp_path).with_suffix("")) for path in code.files_of(script)}
    everything = {str(path.relative_to(tmp_path).with_suffix("")) for path in tmp_path.rglob("*.py")}
    assert found == everything - {"lrstudy/two/sixth"}


def test_a_training_is_not_made_of_figures():
    names = {path.stem for path in code.files_of(SCRIPTS / "train.py")}
    assert {"train", "engine", "xla", "orders", "job"} <= names
    assert not {"style", "curves", "program", "settings"} & names


@pytest.mark.parametrize("path", sorted(SCRIPTS.rglob("*.py")), ids=lambda path: str(path.relative_to(SCRIPTS)))
def test_every_import_is_written_in_a_way_that_is_found(path):
    """The search is quicker than a parser and knows fewer ways; what it overlooked would not be run again."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {SCRIPTS / f"{each.name.replace('.', '/')}.py" for each in node.names}
        if isinstance(node, ast.ImportFrom):
            module = SCRIPTS / (node.module or "").replace(".", "/")
            imported |= {module.with_suffix(".py"), *(module / f"{each.name}.py" for each in node.names)}
    assert {each for each in imported if each.is_file()} <= set(code._imported(path, SCRIPTS))
