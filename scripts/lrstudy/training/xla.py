"""Compiled programs in files: compile StableHLO once, load and run it in a tenth of a second.

This is the only module that touches jaxlib, the Python binding of the XLA compiler. TensorFlow holds the same
compiler, but importing it costs three seconds a job; jaxlib costs 0.1 s. What is used of it is not a public
interface, which is why it is kept to this page, listed in `USED`, and its version fixed by the lock file.
"""

import contextlib
import fcntl
import functools
import hashlib
import io
import json
import logging
import os
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import jaxlib
import numpy as np
from jaxlib import _jax, xla_client

from lrstudy.errors import Damaged
from lrstudy.io import replacing

# All that this page uses of jaxlib, none of it public, by module and dotted name. A test names what an upgrade lacks.
USED = {
    "jaxlib": ["__version__"],
    "jaxlib.xla_client": ["make_cpu_client", "DeviceList", "CompileOptions", "CompileOptions.env_option_overrides"],
    "jaxlib._jax": [
        "ArrayImpl",
        "ArrayImpl._single_device_array_to_np_array_did_copy",
        "Client",
        "Client.compile_and_load",
        "Client.deserialize_executable",
        "Client.local_devices",
        "Device",
        "ExecuteResults.disassemble_into_single_device_arrays",
        "LoadedExecutable",
        "LoadedExecutable.execute_sharded",
        "LoadedExecutable.serialize",
        "dlpack_managed_tensor_to_buffer",
    ],
}

# Instructions that every x86-64 processor since 2013 has, so that one program file runs, with equal results, on
# all nodes of a cluster. YNNPACK is XLA's library for large reductions; ours are small, and pay 3 times for it. Without
# fusion emitters, and in one part, programs run as fast and are compiled in half the time.
OPTIONS: list[tuple[str, str | bool]] = [
    ("xla_cpu_max_isa", "AVX2"),
    ("xla_cpu_experimental_ynn_fusion_type", ""),
    ("xla_cpu_use_fusion_emitters", False),
    ("xla_cpu_parallel_codegen_split_count", "1"),
]

# A job has one thread. XLA would start one for each core, and they would wait for each other's few microseconds of
# work in a busy loop, in the way of the other jobs.
os.environ["NPROC"] = "1"
os.environ["ONEDNN_MAX_CPU_ISA"] = "AVX2"  # matrix products go through oneDNN, which chooses its code by the processor
os.environ.pop("XLA_FLAGS", None)  # of the user's other work; a flag that this version does not know ends the process


def multiply_small_matrices() -> None:
    """Let this process multiply matrices by Eigen's own kernels: for small ones they take half of oneDNN's time.

    XLA reads this when it multiplies for the first time.
    """
    os.environ["TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL"] = "false"


Array: TypeAlias = _jax.ArrayImpl  # an array as XLA holds it

_EPOCH_OF_ZIP = (1980, 1, 1, 0, 0, 0)  # equal programs give equal bytes


@contextlib.contextmanager
def _jax_not_looked_for() -> Iterator[None]:
    """Let jaxlib's search for jax, at every array it makes, fail at once: in vain it takes longer than an epoch."""
    if "jax" in sys.modules:
        yield
        return
    sys.modules["jax"] = None  # type: ignore[assignment]  # so that `import` raises ImportError
    try:
        yield
    finally:
        del sys.modules["jax"]


class Function:
    """A compiled function of arrays; its results stay where XLA put them, ready to be given to it again."""

    def __init__(self, executable: _jax.LoadedExecutable, device: _jax.Device):
        self._executable = executable
        self._device = device

    def __call__(self, *arrays: np.ndarray | np.generic | Array) -> list[Array]:
        """Return the function's results as XLA holds them; NumPy arrays among `arrays` are copied to there."""
        with _jax_not_looked_for():
            buffers = [self.to_device(array) for array in arrays]
            results = self._executable.execute_sharded(buffers).disassemble_into_single_device_arrays()
        return [result[0] for result in results]

    @_jax_not_looked_for()
    def to_device(self, array: np.ndarray | np.generic | Array) -> Array:
        """Return the array as XLA holds it; one that it already holds is returned as it is."""
        if isinstance(array, _jax.ArrayImpl):
            return array
        rows_first = np.array(array, order="C")  # of another layout programs would read other cells
        return _jax.dlpack_managed_tensor_to_buffer(rows_first.__dlpack__(), self._device, None)


@_jax_not_looked_for()
def to_host(array: Array) -> np.ndarray:
    """Return an array that XLA holds as a NumPy array."""
    return np.array(_jax.ArrayImpl._single_device_array_to_np_array_did_copy(array)[0])


FUNCTIONS = ("start", "epoch")  # of every program; a member `NAME.stablehlo` holds what each was compiled from


def save(path: str | os.PathLike, functions: dict[str, bytes], **members: bytes) -> None:
    """Compile serialised StableHLO functions, and write them before and after, beside `members`, into one file."""
    members["made_with"] = json.dumps(made_with()).encode()
    for name, stablehlo in functions.items():
        members[f"{name}.stablehlo"] = stablehlo
        members[name] = _compile(stablehlo).serialize()
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH_OF_ZIP), content, zipfile.ZIP_DEFLATED)


def made_with() -> dict:
    """Return what an executable is made for: jaxlib's version and the processor's instructions, of those it may use."""
    return {"jaxlib": jaxlib.__version__, "machine": os.uname().machine, "instructions": sorted(_instructions())}


def _instructions() -> set[str]:
    """Return which of the instructions that `OPTIONS` allow this processor has; none where Linux does not say."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return set()
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), [])
    return {"sse4_2", "avx", "avx2", "fma", "f16c", "bmi1", "bmi2"} & set(flags)


def _compile(stablehlo: bytes) -> _jax.LoadedExecutable:
    """Return the executable of a function."""
    options = xla_client.CompileOptions()
    options.env_option_overrides = OPTIONS
    return _client().compile_and_load(stablehlo, _devices(), options)


@functools.cache
def _client() -> _jax.Client:
    return xla_client.make_cpu_client(asynchronous=False)


@functools.cache
def _devices() -> xla_client.DeviceList:
    return xla_client.DeviceList(tuple(_client().local_devices()))


# What zipfile raises for one bit or another that is wrong.
_UNREADABLE = (OSError, EOFError, KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error)


def load(path: str | os.PathLike) -> tuple[dict[str, Function], dict[str, bytes]]:
    """Return the functions of a file written by `save`, and its other members.

    Functions that do not fit this jaxlib or this processor, or that do not load, are compiled anew, once for all jobs,
    see `_compiled_here`. Raises `Damaged` for a file that the archive's checksums show to be so.
    """
    members = _members(path)
    try:
        programs = {name: (members.pop(name), members.pop(f"{name}.stablehlo")) for name in FUNCTIONS}
        reason = _unfit(json.loads(members.pop("made_with")))
    except (KeyError, ValueError) as error:
        raise Damaged(path, f"not a readable program: {error}") from None
    executables = {}
    if not reason:
        try:
            executables = {name: _loaded(serialised) for name, (serialised, _) in programs.items()}
        except Exception as error:  # whatever jaxlib raises: it says nowhere what that may be
            reason = f"it does not load ({(str(error).splitlines() or [type(error).__name__])[0]})"
    if reason:
        executables = _compiled_here(path, {name: stablehlo for name, (_, stablehlo) in programs.items()}, reason)
    device = _client().local_devices()[0]
    return {name: Function(executable, device) for name, executable in executables.items()}, members


def _members(path: str | os.PathLike) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except _UNREADABLE as error:
        if getattr(error, "errno", None):  # not to be reached, and perhaps not damaged
            raise
        raise Damaged(path, f"not a readable program: {error}") from None


def _loaded(serialised: bytes) -> _jax.LoadedExecutable:
    return _client().deserialize_executable(serialised, _devices(), xla_client.CompileOptions())


def _compiled_here(path: str | os.PathLike, functions: dict[str, bytes], reason: str) -> dict:
    """Return executables that fit this machine, compiled by the first job that needs them and kept for the others.

    They are kept in the user's cache folder, by a digest of what they are compiled from and for. The log of the job
    that compiles says so, with the reason.
    """
    made_from = [*functions.values(), json.dumps([made_with(), OPTIONS]).encode()]
    digest = hashlib.sha256(b"".join(made_from)).hexdigest()
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "learning-rate-study"
    kept = folder / f"{digest}.zip"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(folder / f"{digest}.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # others wait; it ends with its process
            if not kept.exists():
                logging.warning("%s: compiled anew, once for all jobs: %s", path, reason)
                save(kept, functions)
        members = _members(kept)
        return {name: _loaded(members[name]) for name in functions}
    except Exception as error:  # no such folder, a full disk, or what does not load again
        logging.warning("%s: compiled anew for this job: %s (not kept: %s)", path, reason, error)
        return {name: _compile(stablehlo) for name, stablehlo in functions.items()}


def _unfit(made: dict) -> str | None:
    """Return why executables made with `made` do not fit here, None where they do."""
    here = made_with()
    if made["jaxlib"] != here["jaxlib"]:
        return f"it was compiled by jaxlib {made['jaxlib']}, and this is {here['jaxlib']}"
    if made["machine"] != here["machine"]:
        return f"it was compiled for {made['machine']}, and this is {here['machine']}"
    missing = sorted(set(made["instructions"]) - set(here["instructions"]))
    return f"it was compiled for a processor with {', '.join(missing)}" if missing else None


def pack_arrays(arrays: list[np.ndarray]) -> bytes:
    """Return arrays as bytes of an .npz archive."""
    stream = io.BytesIO()
    np.savez(stream, *arrays)
    return stream.getvalue()


def unpack_arrays(content: bytes) -> list[np.ndarray]:
    """Return the arrays that `pack_arrays` packed."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return [arrays[name] for name in arrays.files]
