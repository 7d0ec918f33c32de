"""A script finds what Snakemake would hand it, under the same names, and Snakemake is not imported for it."""

import inspect
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake.io import _IOFile
from snakemake.iocontainers import InputFiles, Log, OutputFiles, Params
from snakemake.script import PythonScript

from lrstudy.files import handed

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"
SCRIPT = SCRIPTS / "train.py"


def given(kind, **named):
    """Return one of Snakemake's own lists."""
    made = kind()
    for name, value in named.items():
        start = len(made)
        made.extend(value if isinstance(value, list) else [value])
        made._set_name(name, start, end=len(made) if isinstance(value, list) else None)
    return made


@pytest.fixture
def script():
    """What Snakemake runs a script with."""
    settings = {"rates": [0.01, 0.1], "name": "naïve 'rate'", "none": None, 3: (True, float("inf"))}
    return SimpleNamespace(
        rulename="train",
        input=given(InputFiles, table="a b.csv", histories=["1.parquet", "2.parquet"], none=[]),
        output=given(OutputFiles, history=_IOFile("out/é.parquet", rule=None)),
        params=given(Params, settings=settings, digest="0f"),
        log=Log(["logs/train.log"]),
    )


def seen_by(preamble: str, expression: str) -> str:
    """Return what a script that starts with `preamble` sees."""
    code = f"{preamble}\nimport sys\nprint(ascii({expression}))"
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_a_script_sees_what_snakemake_would_show_it(script):
    arguments = dict.fromkeys(inspect.signature(PythonScript.generate_preamble).parameters)
    folder = SimpleNamespace(get_path_or_uri=lambda secret_free: str(SCRIPTS))
    arguments |= {**vars(script), "input_": script.input, "path": SimpleNamespace(get_basedir=lambda: folder)}
    del arguments["input"]
    theirs = PythonScript.generate_preamble(**{**arguments, "resources": {}, "preamble_addendum": ""})
    shown = "[list(s.input), s.input.table, list(s.input.histories), list(s.input.none), s.output[0], s.output.history,"
    shown = f"(lambda s: {shown} s.params.settings, s.params.digest, list(s.log), s.rule])(snakemake)"
    ours = seen_by(handed.preamble(script, SCRIPT), shown)
    assert ours == seen_by(theirs, shown)
    assert "1.parquet" in ours
    assert "rates" in ours


def test_snakemake_is_not_imported(script):
    shown = "(snakemake.params.settings['none'], [name for name in sys.modules if name.startswith('snakemake')])"
    assert seen_by(handed.preamble(script, SCRIPT), shown) == "(None, [])\n"


def test_a_script_knows_where_it_lies_and_what_it_was_not_given(script):
    preamble = handed.preamble(script, SCRIPT)
    assert seen_by(preamble, "__file__") == f"{str(SCRIPT)!a}\n"
    assert seen_by(preamble, "getattr(snakemake.input, 'recommendation', 'none')") == "'none'\n"
