"""Write scripts/lrstudy/config/keras.json: the classes of Keras that a config may name, and their arguments.

The config is checked against it at every start, which must not wait for TensorFlow. Run from the project's root, after
an update of Keras: PYTHONPATH=scripts .venv/bin/python scripts/tools/keras_arguments.py
"""

import inspect
from pathlib import Path
from types import ModuleType

from lrstudy import io
from lrstudy.training.keras_import import keras, tf
from lrstudy.training.keras_objects import ACROSS_SEEDS, ELEMENTWISE

FILE = Path(__file__).resolve().parents[1] / "lrstudy/config/keras.json"
# No business of a config's.
OURS = ("self", "name", "learning_rate", "initial_learning_rate", "seed", "dtype", "input_axes", "output_axes")
REQUIRED = "required"


def arguments(kind: type) -> dict:
    """Return a class's arguments with their defaults, `REQUIRED` for those that have none."""
    found = inspect.signature(kind.__init__).parameters  # type: ignore[misc]  # a class's own, not an object's
    return {
        name: REQUIRED if one.default is inspect.Parameter.empty else one.default
        for name, one in found.items()
        if name not in OURS and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    }


def classes(package: ModuleType) -> dict[str, type]:
    """Return a package's classes by every name that Keras knows them under."""
    return {name: kind for name, kind in vars(package).items() if inspect.isclass(kind) and not name.startswith("_")}


def initialises(kind: type) -> bool:
    """Return whether an initializer makes a layer's kernel of what has a default."""
    given = {name: 0.5 for name, default in arguments(kind).items() if default == REQUIRED}
    try:
        return tuple(kind(**given)((3, 2)).shape) == (3, 2)
    except Exception:  # whatever Keras and TensorFlow raise for a use they do not know
        return False


def activates(name: str) -> bool:
    """Return whether Keras has an activation of this name that keeps a layer's shape."""
    try:
        return tuple(keras.activations.get(name)(tf.ones((3, 4))).shape) == (3, 4)
    except Exception:
        return False


def content() -> dict:
    """Return all of keras.json."""
    optimizers = {name: arguments(getattr(keras.optimizers, name)) for name in ELEMENTWISE}
    schedules = classes(keras.optimizers.schedules)
    initializers = {name: kind for name, kind in classes(keras.initializers).items() if initialises(kind)}
    return {
        "optimizers": optimizers,
        "not elementwise": sorted(set(classes(keras.optimizers)) - {*ELEMENTWISE, "Optimizer"}),
        "across seeds": list(ACROSS_SEEDS),
        "schedules": {name: arguments(kind) for name, kind in schedules.items() if name != "LearningRateSchedule"},
        "initializers": {name: arguments(kind) for name, kind in initializers.items()},
        "activations": sorted(name for name in dir(keras.activations) if activates(name)),
    }


if __name__ == "__main__":
    io.write_json(FILE, content())
