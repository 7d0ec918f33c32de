"""The house as its imports draw it: each room stands above what it uses, and no arrow runs back up."""

import re
from pathlib import Path

import pytest

from lrstudy.plan import code

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"
PACKAGE = SCRIPTS / "lrstudy"
ROOMS = ("files", "data", "evidence", "training", "figures")  # from the ground up
MAY_USE = {room: set(ROOMS[: ROOMS.index(room) + 1]) for room in ROOMS} | {"plan": {"files", "plan"}}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE)
LONGEST = 330  # lines that a reader takes in as one


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0]


def used_by(path: Path) -> set[Path]:
    """Return the modules that a module imports itself; a room's own words, `__init__.py`, are no module."""
    return {each for each in code._imported(path, SCRIPTS) if each.name != "__init__.py" and each != path}


def test_every_room_has_its_floor():
    assert {room_of(path) for path in MODULES} == MAY_USE.keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_uses_what_stands_below_it(path):
    assert {room_of(each) for each in used_by(path)} <= MAY_USE[room_of(path)]


def test_no_module_is_used_by_what_it_uses():
    waiting = {path: used_by(path) for path in MODULES}
    while free := {path for path, used in waiting.items() if not used & waiting.keys()}:
        waiting = {path: used for path, used in waiting.items() if path not in free}
    assert waiting == {}


def test_training_knows_no_statistics():
    used = {each.stem for path in MODULES if room_of(path) == "training" for each in used_by(path)}
    of_evidence = {path.stem for path in MODULES if room_of(path) == "evidence"}
    assert used & of_evidence <= {"histories"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_no_longer_than_can_be_read(path):
    assert len(path.read_text().splitlines()) <= LONGEST


def test_rules_scripts_and_logs_bear_one_name():
    rules = "\n".join(path.read_text() for path in (SCRIPTS.parent / "workflow/rules").glob("*.smk"))
    blocks = re.findall(r"^rule (\w+):\n(.*?)(?=^rule |\Z)", rules, re.MULTILINE | re.DOTALL)
    with_scripts = {name: block for name, block in blocks if "script:" in block}
    assert {path.stem for path in SCRIPTS.glob("*.py")} == with_scripts.keys()
    for name, block in with_scripts.items():
        assert f'"../../scripts/{name}.py"' in block
        assert re.search(rf'log:\n +"results/[^"]*logs/{name}[./]', block), name
        assert {f'settings_of("{name}")' in block or name == "manifest", f'digest_of("{name}")' in block} == {True}


def test_rules_are_short():
    text = "\n".join(path.read_text() for path in (SCRIPTS.parent / "workflow/rules").glob("*.smk"))
    blocks = re.findall(r"^rule (\w+):\n((?:    .*\n|\n)+)", text, re.MULTILINE)
    lengths = [1 + len(block.strip("\n").splitlines()) for _, block in blocks]
    assert sum(lengths) / len(lengths) <= 26
    assert len((SCRIPTS.parent / "workflow/rules/common.smk").read_text().splitlines()) <= 130


# One module of each room, and the rules whose scripts use it and are not asked for by another change.
TOUCHED = {
    "files/labels.py": {"collect", "plot"},
    "data/standin.py": {"fetch"},
    "data/preparation.py": {"prepare"},
    "evidence/histories.py": {"collect", "train"},
    "training/program.py": {"compile"},
    "training/range_tests.py": {"range_test"},
    "training/engine.py": {"train"},
    "figures/curves.py": {"plot"},
}


@pytest.mark.parametrize("module", TOUCHED)
def test_a_change_touches_the_scripts_that_use_the_module(module):
    using = {path.stem for path in SCRIPTS.glob("*.py") if PACKAGE / module in code.files_of(path)}
    assert using >= TOUCHED[module]
    if module.split("/")[0] in ("figures", "data") and module != "data/preparation.py":
        assert "train" not in using
