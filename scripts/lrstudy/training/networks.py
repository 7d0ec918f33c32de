"""A network of the config as a Keras model: by its hidden layers, its layers, or a file of the user's own."""

import contextlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lrstudy.errors import StudyError
from lrstudy.training import keras_objects
from lrstudy.training.keras_import import keras


def output_of(classes: int) -> tuple[int, str]:
    """Return units and activation of the output layer: one sigmoid for two classes, else a softmax over all."""
    return (1, "sigmoid") if classes == 2 else (classes, "softmax")


def model(network: dict, initializer: dict, *, features: int, classes: int, logits: bool = False) -> keras.Model:
    """Return the Keras model of a network for a table of `features`; every call makes and draws it anew.

    Its outputs are probabilities, or with `logits` what its last activation makes them from, see `gives_logits`. The
    `initializer` is that of the kernels of layers which name none. Raises `StudyError` in one line for a network
    that Keras refuses, or whose output does not fit the classes.
    """
    outputs, activation = output_of(classes)
    where = f"networks.{network['name']}" if "name" in network else "networks"
    last = "linear" if logits else activation
    if "file" in network:
        made = _own(network["file"], where)(features, outputs, last)
    else:
        made = _sequential(network, initializer, features, where)
        with keras_objects.refused(f"{where}: the output layer"):
            made.add(keras_objects.layer(_output(outputs, last), where, initializer))
    _check(made, features, outputs, where)
    if "file" in network and not logits:
        _check_probabilities(made, features, activation, where)
    return made


def gives_logits(network: dict, initializer: dict, *, features: int, classes: int) -> bool:
    """Return whether `model` can give a network's logits.

    Of an own model it can where that applies the activation that it is handed, and nothing else, at its end. Raises
    `StudyError` as `model` does.
    """
    if "file" not in network:
        return True
    made = model(network, initializer, features=features, classes=classes)
    made.set_weights(_moved(made.get_weights()))
    rows = _some_rows(features)
    try:
        linear = model(network, initializer, features=features, classes=classes, logits=True)
        linear.set_weights(made.get_weights())
        activated = keras.activations.get(output_of(classes)[1])(linear(rows, training=False))
    except (StudyError, ValueError):  # made otherwise for another activation
        return False
    probabilities = keras.ops.convert_to_numpy(made(rows, training=False))
    return np.allclose(keras.ops.convert_to_numpy(activated), probabilities, atol=1e-5)


def _output(units: int, activation: str) -> dict:
    return {"class": "Dense", "units": units, "activation": activation}


def _sequential(network: dict, initializer: dict, features: int, where: str) -> keras.Sequential:
    if "layers" in network:
        layers = network["layers"]
    else:
        layers = [_output(units, network.get("activation", "relu")) for units in network["hidden"]]
    made = keras.Sequential([keras.Input((features,))])
    shape: tuple = (features,)
    for place, definition in enumerate(layers):
        here = f"{where}.layers[{place}]" if "layers" in network else f"{where}.hidden"
        with keras_objects.refused(f"{here}: {definition['class']} on {shape}"):
            made.add(keras_objects.layer(definition, here, initializer))
            shape = tuple(made.outputs[0].shape[1:])
    if len(shape) != 1:
        raise StudyError(f"{where}.layers: end in an output of shape {shape}; write {{class: Flatten}} as the last one")
    return made


def _own(path: str, where: str) -> Any:
    """Return the function `model` of a Python file, which may import what lies next to it."""
    file = Path(path).resolve()
    spec = importlib.util.spec_from_file_location(f"own_model_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise StudyError(f"{where}.file: {path}: not a Python file; its name ends in .py")
    module = importlib.util.module_from_spec(spec)
    with _run(file.parent, f"{where}.file: {path}"):
        spec.loader.exec_module(module)
    if not callable(getattr(module, "model", None)):
        raise StudyError(f"{where}.file: {path}: has no function model(features, outputs, activation)")

    def make(features: int, outputs: int, activation: str) -> keras.Model:
        with _run(file.parent, f"{where}.file: {path}: model({features}, {outputs}, {activation!r})"):
            return module.model(features, outputs, activation)

    return make


@contextlib.contextmanager
def _run(folder: Path, where: str) -> Iterator[None]:
    """Run a user's code, which may import what lies in its folder; raise `StudyError` for whatever it raises."""
    sys.path.insert(0, str(folder))
    try:
        yield
    except Exception as error:
        reason = " ".join(str(error).split())[:300]
        raise StudyError(f"{where}: {type(error).__name__}: {reason}") from error
    finally:
        sys.path.remove(str(folder))


def _check(made: Any, features: int, outputs: int, where: str) -> None:
    """Raise `StudyError` unless a model reads so many features and has so many outputs."""
    if not isinstance(made, keras.Model):
        raise StudyError(f"{where}: model() returned {type(made).__name__}; it should return a Keras model")
    if not made.built:
        with keras_objects.refused(where):
            made.build((None, features))
    with keras_objects.refused(f"{where}: {features} features"):
        shape = tuple(made(keras.KerasTensor((2, features))).shape)
    if shape != (2, outputs):
        raise StudyError(
            f"{where}: of 2 rows the model's output has the shape {shape}; for this table it should be (2, {outputs})"
        )


def _check_probabilities(made: keras.Model, features: int, activation: str, where: str) -> None:
    """Raise `StudyError` where a model's outputs are no probabilities, of which the loss would mean nothing."""
    with keras_objects.refused(f"{where}: {features} features"):
        found = keras.ops.convert_to_numpy(made(_some_rows(features), training=False))
    outside = ((found < 0) | (found > 1)).any(axis=1)
    if found.shape[1] > 1:
        outside |= np.abs(found.sum(axis=1) - 1) > 1e-3
    for row in found[outside][:1]:
        shown = ", ".join(f"{value:.3g}" for value in row[:5])
        raise StudyError(
            f"{where}: its outputs should be probabilities, and of one row they are {shown}{', …' * (len(row) > 5)}; "
            f"give the last layer activation={activation!r}"
        )


def _some_rows(features: int) -> np.ndarray:
    return np.random.Generator(np.random.PCG64(0)).standard_normal((16, features)).astype(np.float32)


def _moved(weights: list[np.ndarray]) -> list[np.ndarray]:
    """Return weights a little away from what they are: layers that begin at zero would tell nothing."""
    generator = np.random.Generator(np.random.PCG64(0))
    return [one + generator.uniform(-0.3, 0.3, one.shape).astype(one.dtype) for one in weights]
