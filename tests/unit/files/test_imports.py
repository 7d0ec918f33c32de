"""Libraries are imported without what they do not need here, and nobody else misses it."""

import subprocess
import sys
from pathlib import Path

import pytest

from lrstudy.files.imports import until_called, without, without_help

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"


def test_what_is_hidden_is_back_afterwards_also_after_a_mistake():
    with pytest.raises(ZeroDivisionError), without("wave", "sys"):
        assert sys is not None
        with pytest.raises(ImportError):
            import wave
        raise ZeroDivisionError
    import wave

    assert wave.open


def test_a_module_that_is_put_off_is_imported_by_the_first_call():
    with until_called("this"):
        import this
    assert "this" not in sys.modules
    with pytest.raises(AttributeError):
        this.what_it_has_not()
    assert "this" in sys.modules


def test_a_module_that_is_called_too_early_is_imported_at_once():
    assert ran(
        "from lrstudy.files.imports import until_called\n"
        "with until_called('colorsys'):\n"
        "    import colorsys; assert colorsys.rgb_to_hsv(1, 1, 1) == (0, 0, 1)\n"
        "assert sys.modules['colorsys'].__file__"
    )


def test_a_package_that_imports_what_it_is_asked_for_has_the_stand_in_too():
    assert ran(
        "import numpy; from lrstudy.files.imports import until_called\n"
        "with until_called('numpy.f2py'): numpy.f2py\n"
        "assert 'numpy.f2py' not in sys.modules; assert numpy.f2py.run_main"
    )


def test_numpy_is_whole_when_it_is_asked():
    assert ran(
        "from lrstudy.files import imports; imports.numpy(); import numpy\n"
        "assert 'numpy.linalg' not in sys.modules; assert numpy.linalg.norm([3, 4]) == 5\n"
        "assert numpy.asmatrix([[2]]) ** 3 == 8"
    )


def test_help_is_written_again_for_what_is_imported_later():
    from matplotlib.artist import Artist

    with without_help():

        class Silent(Artist):
            pass

    class Helpful(Artist):
        pass

    assert "Properties" not in (Silent.set.__doc__ or "") and "Properties" in Helpful.set.__doc__


def test_no_help_of_matplotlib_is_written_for_figures():
    assert ran(
        "import lrstudy.figures.rates; from matplotlib.text import Text\n"
        "assert 'Properties' not in (Text.set.__doc__ or '')"
    )


def test_histories_are_joined_without_pandas():
    assert ran(
        "import numpy as np; from lrstudy.evidence import histories\n"
        "one = histories.to_table(np.zeros((2, 3, 4), np.float32), 9)\n"
        "histories.join([one], ['learning_rate', 'optimizer'], [{'learning_rate': 1, 'optimizer': 'sgd'}])\n"
        "assert 'pandas' not in sys.modules"
    )


def test_a_table_is_checked_without_hypothesis(tmp_path):
    rows = "\n".join(f"{row / 7},{row % 2}" for row in range(20))
    (tmp_path / "table.csv").write_text(f"x,class\n{rows}\n")
    source = {"file": "table.csv", "format": "csv"}
    assert ran(
        "from lrstudy.data import datasets\n"
        f"datasets.fetch('mine', {{'target': 'class', 'sources': [{source}]}})\n"
        "assert 'pandera' in sys.modules and 'hypothesis' not in sys.modules",
        DATA_MIRROR=tmp_path,
    )


def ran(code, **environment):
    """Return whether Python code runs, with our modules, in a process of its own."""
    environment = {"PYTHONPATH": str(SCRIPTS), **{name: str(value) for name, value in environment.items()}}
    return subprocess.run([sys.executable, "-c", f"import sys\n{code}"], env=environment).returncode == 0


@pytest.mark.parametrize(
    ("module", "hidden"),
    [
        ("evidence.descent", "pandas"),
        ("data.baselines", "pandas"),
        ("data.baselines", "scipy.stats"),
        ("data.preparation", "scipy.stats"),
        ("data.preparation", "sklearn.linear_model"),
        ("evidence.descent", "numpy.f2py"),
        ("figures.pairplot", "http.client"),
        ("figures.pairplot", "scipy"),
        ("files.parquet", "pyarrow._s3fs"),
        ("files.parquet", "ssl"),
        ("training.keras_import", "tensorflow.lite"),
    ],
)
def test_a_module_is_imported_without(module, hidden):
    assert ran(f"import lrstudy.{module}; assert {hidden!r} not in sys.modules")
