"""Figures look the same whatever a user has set for other figures, whose settings they leave alone."""

import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from lrstudy.figures import descent, pairplot, style

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"
USERS = {"font.size": 20, "axes.facecolor": "red", "lines.linewidth": 9, "savefig.dpi": 30, "text.parse_math": True}
TABLE = pd.DataFrame({"a $x$": np.arange(20.0), "b": np.arange(20.0) ** 2, "class": [0, 1] * 10})
DRAWN = {
    "pairs": lambda: pairplot.draw(TABLE, {"title": "Made"}),
    "one feature": lambda: pairplot.draw(TABLE[["b", "class"]], {"title": "Made"}),
    "no feature": lambda: pairplot.draw(TABLE[["class"]], {"title": "Made"}),
    "words": lambda: descent.none_to_draw({"dataset": "Made", "simulated": False}),
}


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_what_a_user_has_set_changes_no_figure_and_is_not_changed(draw, tmp_path):
    style.save(draw(), tmp_path / "plain.png")
    with mpl.rc_context(USERS):
        style.save(draw(), tmp_path / "users.png")
        assert {name: mpl.rcParams[name] for name in USERS} == USERS
    assert (tmp_path / "plain.png").read_bytes() == (tmp_path / "users.png").read_bytes()


def test_importing_the_figures_changes_no_setting():
    code = (
        "import matplotlib as mpl; before = dict(mpl.rcParams)\n"
        "import lrstudy.figures.pairplot, lrstudy.figures.rates\n"
        "assert dict(mpl.rcParams) == before"
    )
    environment = {"PYTHONPATH": str(SCRIPTS), "MPLBACKEND": "svg"}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0


def test_the_look_is_no_longer_there_after_an_error():
    with pytest.raises(ZeroDivisionError), style.applied():
        assert mpl.rcParams["axes.spines.top"] is False
        raise ZeroDivisionError
    assert mpl.rcParams["axes.spines.top"] is True
    assert Figure().subplots().spines["top"].get_visible()
