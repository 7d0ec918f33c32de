"""Libraries are imported without what they do not need here, and nobody else misses it."""

import subprocess
import sys
from pathlib import Path

import pytest

from lrstudy.files.imports import without

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"


def test_what_is_hidden_is_back_afterwards_also_after_a_mistake():
    with pytest.raises(ZeroDivisionError), without("wave", "sys"):
        assert sys is not None
        with pytest.raises(ImportError):
            import wave
        raise ZeroDivisionError
    import wave

    assert wave.open


@pytest.mark.parametrize(
    ("module", "hidden"),
    [("evidence.descent", "pandas"), ("data.baselines", "pandas"), ("figures.pairplot", "scipy")],
)
def test_a_module_is_imported_without(module, hidden):
    code = f"import sys; import lrstudy.{module}; sys.exit({hidden!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(SCRIPTS)}).returncode == 0
