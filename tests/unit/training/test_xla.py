"""Programs in files: which fit this machine and this compiler, and what is done where one does not."""

import importlib
import json
import logging
import zipfile
from functools import reduce

import numpy as np
import pytest

from lrstudy.errors import Damaged
from lrstudy.training import program, xla
from lrstudy.training.jax_import import jax, jnp

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """A cache folder of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/learning-rate-study"


NUMBERS = np.linspace(-2, 2, 32, dtype=np.float32)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A program of two small functions."""
    spec = [jax.ShapeDtypeStruct((32,), "float32")]
    functions = {"start": lambda x: [jnp.tanh(x)], "epoch": lambda x: [jnp.sum(jnp.exp(x) * x)]}
    lowered = {name: program._stablehlo(function, spec) for name, function in functions.items()}
    path = tmp_path_factory.mktemp("program") / "program.zip"
    xla.save(path, lowered, facts=b"{}")
    return path


def edited(path, to, **changes):
    """Write a program with some of its members changed, and checksums that fit."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, changes[name](content) if name in changes else content)
    return to


def marked(**marks):
    """Return a change of what a program says that it was made with."""
    return lambda content: json.dumps({**json.loads(content), **marks}).encode()


def results(path) -> list[np.ndarray]:
    functions, members = xla.load(path)
    assert members == {"facts": b"{}"}
    return [xla.to_host(functions[name](NUMBERS)[0]) for name in xla.FUNCTIONS]


def test_a_program_that_fits_is_not_compiled_again(saved, monkeypatch, caplog):
    monkeypatch.setattr(xla, "_compile", None)
    first, last = results(saved)
    assert first == pytest.approx(np.tanh(NUMBERS), rel=1e-5)
    assert last == pytest.approx(np.sum(np.exp(NUMBERS) * NUMBERS), rel=1e-5)
    assert caplog.records == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"made_with": marked(jaxlib="0.8.3")}, "it was compiled by jaxlib 0.8.3, and this is "),
        ({"made_with": marked(machine="riscv64")}, "it was compiled for riscv64, and this is "),
        ({"made_with": marked(instructions=["avx2", "avx512f"])}, "it was compiled for a processor with avx512f"),
        ({"epoch": lambda content: content[: len(content) // 2]}, "it does not load"),
        ({"start": lambda content: b"no executable"}, "it does not load"),
    ],
    ids=["another version", "another machine", "another processor", "half an executable", "no executable"],
)
def test_a_program_that_does_not_fit_is_compiled_once_and_one_log_says_so(saved, tmp_path, caplog, changes, said):
    caplog.set_level(logging.WARNING)
    path = edited(saved, tmp_path / "program.zip", **changes)
    for _ in range(3):  # as many jobs
        assert [one.tobytes() for one in results(path)] == [one.tobytes() for one in results(saved)]
    assert len(caplog.messages) == 1
    assert f"program.zip: compiled anew, once for all jobs: {said}" in caplog.messages[0]


def test_without_a_cache_each_job_compiles_what_does_not_fit(saved, tmp_path, caplog, cache):
    cache.parent.write_text("no folder")
    path = edited(saved, tmp_path / "program.zip", made_with=marked(jaxlib="0.8.3"))
    assert [one.tobytes() for one in results(path)] == [one.tobytes() for one in results(saved)]
    assert "program.zip: compiled anew for this job: " in caplog.text


def test_a_damaged_cache_harms_nobody(saved, tmp_path, cache):
    path = edited(saved, tmp_path / "program.zip", made_with=marked(jaxlib="0.8.3"))
    results(path)
    (kept,) = cache.glob("*.zip")
    kept.write_bytes(b"damaged")
    assert [one.tobytes() for one in results(path)] == [one.tobytes() for one in results(saved)]


def test_a_processor_that_lacks_an_instruction(saved, monkeypatch, caplog):
    monkeypatch.setattr(xla, "_instructions", lambda: set())
    results(saved)
    assert "it was compiled for a processor with " in caplog.text or xla.made_with()["machine"] != "x86_64"


@pytest.mark.parametrize("member", ["made_with", "epoch.stablehlo", "start"])
def test_a_program_without_one_of_its_parts_is_damaged(saved, tmp_path, member):
    path = tmp_path / "program.zip"
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            if name != member:
                new.writestr(name, old.read(name))
    with pytest.raises(Damaged, match=r"program\.zip: damaged"):
        xla.load(path)


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in xla.USED.items() for name in names])
def test_jaxlib_has_what_is_used_of_it(module, name):
    reduce(getattr, name.split("."), importlib.import_module(module))
