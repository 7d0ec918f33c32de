"""Libraries are imported without what they do not need here, and nobody else misses it."""

import subprocess
import sys
from pathlib import Path

import pytest

from lrstudy.files.imports import until_called, without

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


@pytest.mark.parametrize(
    ("module", "hidden"),
    [
        ("evidence.descent", "pandas"),
        ("data.baselines", "pandas"),
        ("data.baselines", "scipy.stats"),
        ("data.preparation", "scipy.stats"),
        ("figures.pairplot", "scipy"),
        ("files.parquet", "pyarrow._s3fs"),
    ],
)
def test_a_module_is_imported_without(module, hidden):
    code = f"import sys; import lrstudy.{module}; sys.exit({hidden!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(SCRIPTS)}).returncode == 0
