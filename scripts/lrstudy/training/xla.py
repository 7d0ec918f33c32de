"""Compiled programs in files: compile StableHLO once, load and run it in a tenth of a second.

This is the only module that touches jaxlib, the Python binding of the XLA compiler. TensorFlow holds the same
compiler, but importing it costs three seconds a job; jaxlib costs 0.1 s. What is used of it is not a public
interface, which is why it is kept to this page and its version is fixed by the lock file.
"""

import contextlib
import io
import os
import sys
import zipfile
import zlib
from collections.abc import Iterator

import numpy as np
from jaxlib import _jax, xla_client

from lrstudy.files.atomic import replacing
from lrstudy.files.errors import Damaged

# Instructions that every x86-64 processor since 2013 has, so that one program file runs, with equal results, on
# all nodes of a cluster. YNNPACK is XLA's library for large reductions; ours are small, and pay 3 times for it.
OPTIONS = [("xla_cpu_max_isa", "AVX2"), ("xla_cpu_experimental_ynn_fusion_type", "")]

# A job has one thread. XLA would start one for each core, and they would wait for each other's few microseconds of
# work in a busy loop, in the way of the other jobs.
os.environ["NPROC"] = "1"
os.environ.pop("XLA_FLAGS", None)  # of the user's other work; a flag that this version does not know ends the process

_EPOCH_OF_ZIP = (1980, 1, 1, 0, 0, 0)  # equal programs give equal bytes


@contextlib.contextmanager
def _jax_not_looked_for() -> Iterator[None]:
    """Let jaxlib's search for jax, at every array it makes, fail at once: in vain it takes longer than an epoch."""
    if "jax" in sys.modules:
        yield
        return
    sys.modules["jax"] = None
    try:
        yield
    finally:
        del sys.modules["jax"]


class Function:
    """A compiled function of arrays; its results stay where XLA put them, ready to be given to it again."""

    def __init__(self, executable, device):
        self._executable = executable
        self._device = device

    def __call__(self, *arrays) -> list:
        """Return the function's results as XLA holds them; NumPy arrays among `arrays` are copied to there."""
        with _jax_not_looked_for():
            buffers = [self.to_device(array) for array in arrays]
            results = self._executable.execute_sharded(buffers).disassemble_into_single_device_arrays()
        return [result[0] for result in results]

    @_jax_not_looked_for()
    def to_device(self, array):
        """Return the array as XLA holds it; one that it already holds is returned as it is."""
        if isinstance(array, _jax.ArrayImpl):
            return array
        rows_first = np.array(array, order="C")  # of another layout programs would read other cells
        return _jax.dlpack_managed_tensor_to_buffer(rows_first.__dlpack__(), self._device, None)


@_jax_not_looked_for()
def to_host(array) -> np.ndarray:
    """Return an array that XLA holds as a NumPy array."""
    return np.array(_jax.ArrayImpl._single_device_array_to_np_array_did_copy(array)[0])


def save(path, functions: dict[str, bytes], **members: bytes) -> None:
    """Compile serialised StableHLO functions and write them, beside `members`, into one file."""
    client = xla_client.make_cpu_client(asynchronous=False)
    options = xla_client.CompileOptions()
    options.env_option_overrides = OPTIONS
    devices = xla_client.DeviceList(tuple(client.local_devices()))
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, stablehlo in functions.items():
            compiled = client.compile_and_load(stablehlo, devices, options)
            members[name] = compiled.serialize()
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH_OF_ZIP), content, zipfile.ZIP_DEFLATED)


# What zipfile raises for one bit or another that is wrong.
_UNREADABLE = (OSError, EOFError, KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error)


def load(path) -> tuple[dict[str, Function], dict[str, bytes]]:
    """Return the functions of a file written by `save`, and its other members.

    Raises `Damaged` for a file that the archive's checksums show to be so.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in ("start", "epoch", "facts", "state")}
    except _UNREADABLE as error:
        if getattr(error, "errno", None):  # not to be reached, and perhaps not damaged
            raise
        raise Damaged(path, f"not a readable program: {error}") from None
    client = xla_client.make_cpu_client(asynchronous=False)
    devices = xla_client.DeviceList(tuple(client.local_devices()))
    functions = {
        name: Function(
            client.deserialize_executable(members.pop(name), devices, xla_client.CompileOptions()),
            client.local_devices()[0],
        )
        for name in ("start", "epoch")
    }
    return functions, members


def pack_arrays(arrays: list[np.ndarray]) -> bytes:
    """Return arrays as bytes of an .npz archive."""
    stream = io.BytesIO()
    np.savez(stream, *arrays)
    return stream.getvalue()


def unpack_arrays(content: bytes) -> list[np.ndarray]:
    """Return the arrays that `pack_arrays` packed."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return [arrays[name] for name in arrays.files]
