"""Keras's own fits for the tests, in a process of their own: there TensorFlow is Keras's backend, in the tests' JAX."""

import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def fitted(cases: list[dict]) -> list:
    """Return the histories that `keras_fit.train` makes, one for each case.

    A case has `program` (a path), `splits`, `definitions`, `seeds`, and the numbers that `train` takes.
    """
    with tempfile.TemporaryDirectory() as folder:
        asked, made = Path(folder, "asked.pickle"), Path(folder, "made.pickle")
        asked.write_bytes(pickle.dumps(cases))
        done = subprocess.run([sys.executable, __file__, asked, made], capture_output=True, text=True, timeout=540)
        assert done.returncode == 0, done.stderr
        return pickle.loads(made.read_bytes())


def main(asked: str, made: str) -> None:
    """Fit the pickled cases."""
    from lrstudy.training import keras_fit  # TensorFlow first
    from lrstudy.training.engine import Engine
    from lrstudy.training.keras_import import keras

    assert keras.backend.backend() == "tensorflow"
    results = []
    for case in pickle.loads(Path(asked).read_bytes()):
        engine = Engine(case.pop("program"), case.pop("splits"))
        results.append(keras_fit.train(engine, case.pop("definitions"), case.pop("seeds"), **case))
    Path(made).write_bytes(pickle.dumps(results))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "scripts"))
    main(*sys.argv[1:])
