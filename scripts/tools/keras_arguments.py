"""Write scripts/lrstudy/config/keras.json: the classes of Keras that a config may name, and their arguments.

The config is checked against it at every start, which must not wait for Keras. Run from the project's root, after an
update of Keras: PYTHONPATH=scripts .venv/bin/python scripts/tools/keras_arguments.py
"""

import inspect
from pathlib import Path
from types import ModuleType
from typing import Any

from lrstudy import io
from lrstudy.training.keras_import import keras

FILE = Path(__file__).resolve().parents[1] / "lrstudy/config/keras.json"
# No business of a config's.
OURS = ("self", "name", "learning_rate", "initial_learning_rate", "seed", "dtype", "input_axes", "output_axes")
REQUIRED = "required"

# Layers that read several inputs, text or another framework's model; a file of one's own can use them.
NOT_IN_A_STACK = (
    "Layer", "Wrapper", "InputLayer", "Lambda", "Pipeline", "Add", "Average", "Concatenate", "Dot", "Maximum",
    "Minimum", "Multiply", "Subtract", "Attention", "AdditiveAttention", "MultiHeadAttention", "GroupQueryAttention",
    "GroupedQueryAttention", "StringLookup", "IntegerLookup", "TextVectorization", "Hashing", "HashedCrossing",
    "InputSpec", "MaxNumBoundingBoxes", "MixUp", "CutMix",
    "TFSMLayer", "TorchModuleWrapper", "FlaxLayer", "JaxLayer", "AutoContrast", "STFTSpectrogram", "MelSpectrogram",
)  # fmt: skip
NO_OPTIMIZERS = ("Optimizer", "MultiOptimizer", "OptimizerMap")  # they ask for a model's layers
CALLBACKS = ("EarlyStopping", "ReduceLROnPlateau", "TerminateOnNaN")  # those that change a training and write no file


def arguments(kind: type) -> dict:
    """Return a class's arguments with their defaults, `REQUIRED` for those that have none."""
    found = inspect.signature(kind.__init__).parameters  # type: ignore[misc]  # a class's own, not an object's
    return {
        name: _default(one.default)
        for name, one in found.items()
        if name not in OURS and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    }


def _default(value: Any) -> Any:
    """Return a default as JSON has it, None for what is no number, text or list of such."""
    if value is inspect.Parameter.empty:
        return REQUIRED
    return value if isinstance(value, bool | int | float | str | tuple | list) else None


def classes(package: ModuleType, without: tuple[str, ...] = ()) -> dict[str, dict]:
    """Return the arguments of a package's classes by every name that Keras knows them under."""
    found = {name: kind for name, kind in vars(package).items() if inspect.isclass(kind) and not name.startswith("_")}
    return {name: arguments(kind) for name, kind in sorted(found.items()) if name not in without}


def initialises(kind: type) -> bool:
    """Return whether an initializer makes a layer's kernel of what has a default."""
    given = {name: 0.5 for name, default in arguments(kind).items() if default == REQUIRED}
    try:
        return tuple(kind(**given)((3, 2)).shape) == (3, 2)
    except Exception:  # whatever Keras and its backend raise for a use they do not know
        return False


def activates(name: str) -> bool:
    """Return whether Keras has an activation of this name that keeps a layer's shape."""
    try:
        return tuple(keras.activations.get(name)(keras.ops.ones((3, 4))).shape) == (3, 4)
    except Exception:
        return False


def content() -> dict:
    """Return all of keras.json."""
    drawn = [name for name, kind in vars(keras.initializers).items() if inspect.isclass(kind) and not initialises(kind)]
    return {
        "layers": classes(keras.layers, NOT_IN_A_STACK),
        "optimizers": classes(keras.optimizers, NO_OPTIMIZERS),
        "schedules": classes(keras.optimizers.schedules, ("LearningRateSchedule",)),
        "initializers": classes(keras.initializers, tuple(drawn)),
        "regularizers": classes(keras.regularizers, ("Regularizer",)),
        "constraints": classes(keras.constraints, ("Constraint",)),
        "callbacks": {name: arguments(getattr(keras.callbacks, name)) for name in CALLBACKS},
        "activations": sorted(name for name in dir(keras.activations) if activates(name)),
    }


if __name__ == "__main__":
    io.write_json(FILE, content())
