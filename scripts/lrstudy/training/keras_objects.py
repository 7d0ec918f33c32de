"""Keras's own objects, made from the words of the config.

A definition is a dict of a Keras class name and its arguments, as `config/config.yaml` has it:
`{"class": "SGD", "momentum": 0.3}`. An argument may be such a dict itself. A schedule is written for a learning rate of
1 and multiplied by the training's learning rate, so that one definition serves a whole range of rates.
"""

import contextlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any, TypeAlias

from lrstudy.errors import StudyError
from lrstudy.labels import in_steps
from lrstudy.training.keras_import import keras

Schedule: TypeAlias = keras.optimizers.schedules.LearningRateSchedule

# Where Keras has the class of a definition that is an argument, by what the argument's name ends in.
PACKAGES = {
    "regularizer": keras.regularizers,
    "constraint": keras.constraints,
    "initializer": keras.initializers,
    "optimizer": keras.optimizers,
    "layer": keras.layers,
    "cell": keras.layers,
    "cells": keras.layers,
}

# The arguments that take the initializer of the config: those of the weights that features are multiplied by.
KERNELS = ("kernel_initializer", "depthwise_initializer", "pointwise_initializer", "embeddings_initializer")


@contextlib.contextmanager
def refused(where: str) -> Iterator[None]:
    """Raise `StudyError` in one line that names `where` for what Keras refuses within."""
    try:
        yield
    except StudyError:
        raise
    except Exception as error:  # whatever Keras and its backend raise for a use they do not know
        lines = [line for line in str(error).splitlines() if line.strip() and not line.startswith("Arguments received")]
        reason = " ".join(" ".join(lines).split())[:200] or type(error).__name__
        raise StudyError(f"{where}: Keras refuses this: {reason}") from None


def build(package: ModuleType, definition: dict, where: str, **more: Any) -> Any:
    """Return `package.CLASS(**arguments, **more)`; raises `StudyError` naming `where` for what Keras refuses."""
    kind = getattr(package, definition["class"], None)
    if kind is None:
        raise StudyError(f"{where}: Keras has no {definition['class']!r} in {package.__name__}")
    arguments = {
        key: _nested(key, value, f"{where}.{key}")
        for key, value in definition.items()
        if key not in ("class", "schedule")
    }
    with refused(f"{where}: {definition['class']}"):
        return kind(**arguments, **more)


def _nested(key: str, value: Any, where: str) -> Any:
    """Return an argument's value, with what stands for an object of Keras as that object."""
    package = PACKAGES.get(key.rpartition("_")[2])
    if package is not None and isinstance(value, dict):
        return build(package, value, where)
    if package is not None and isinstance(value, list):
        return [_nested(key, item, where) for item in value]
    return value


def layer(definition: dict, where: str, initializer_of_kernels: dict) -> keras.Layer:
    """Return a Keras layer; where it takes an initializer of its kernel and names none, it has the one given."""
    made = build(keras.layers, definition, where)
    takes = [key for key in KERNELS if hasattr(made, key) and key not in definition]
    more = {key: initializer(initializer_of_kernels) for key in takes}
    return build(keras.layers, definition, where, **more) if more else made


class Scaled(Schedule):
    """A schedule that is written for a learning rate of 1, times a training's learning rate."""

    def __init__(self, schedule: Schedule, learning_rate: Any = 1.0):
        self.schedule, self.learning_rate = schedule, learning_rate

    def __call__(self, step: Any) -> Any:
        """Return the rate of a step."""
        return self.learning_rate * self.schedule(step)


def rate(definition: dict, steps: int, learning_rate: float = 1.0) -> float | Scaled:
    """Return what an optimizer of this definition takes as its learning rate; an epoch has `steps`."""
    found = schedule(definition.get("inner_optimizer", definition), steps)
    return learning_rate if found is None else Scaled(found, learning_rate)


def optimizer(definition: dict, learning_rate: float | Schedule = 1.0) -> keras.optimizers.Optimizer:
    """Return the Keras optimizer; `learning_rate` is a number or a Keras schedule."""
    if definition["class"] == "LossScaleOptimizer":
        inner = optimizer(definition["inner_optimizer"], learning_rate)
        own = {key: value for key, value in definition.items() if key != "inner_optimizer"}
        return build(keras.optimizers, own, "optimizers", inner_optimizer=inner)
    return build(keras.optimizers, definition, "optimizers", learning_rate=learning_rate)


def schedule(definition: dict, steps: int) -> Schedule | None:
    """Return the optimizer's Keras schedule for a learning rate of 1, or None where the rate is constant."""
    if "schedule" not in definition:
        return None
    arguments = in_steps(definition["schedule"], steps)
    if arguments.get("class") != "PiecewiseConstantDecay":
        arguments["initial_learning_rate"] = float(arguments.get("initial_learning_rate", 1.0))
    if "values" in arguments:  # whole numbers would make Keras's factor one
        arguments["values"] = [float(value) for value in arguments["values"]]
    return build(keras.optimizers.schedules, arguments, "optimizers: schedule")


def initializer(definition: dict) -> keras.initializers.Initializer:
    """Return the Keras initializer; one that draws random numbers draws by Keras's global seed."""
    return build(keras.initializers, definition, f"initializers: {definition['class']}")


def loss_and_accuracy(targets: Any, predictions: Any, logits: bool) -> tuple[Any, Any]:
    """Return Keras's loss (cross-entropy in nats) and accuracy of each row, two arrays of shape (rows,).

    `targets` (rows,) are class indices as numbers; `predictions` (rows, outputs) probabilities, or `logits`. Keras on
    TensorFlow takes the loss from the logits, which it finds behind the last activation; on JAX it would count
    probabilities below 1e-7 as 1e-7, and a sure mistake would have no gradient.
    """
    if predictions.shape[-1] == 1:
        targets = targets[:, None]
        return (
            keras.losses.binary_crossentropy(targets, predictions, from_logits=logits),
            keras.metrics.binary_accuracy(targets, predictions, threshold=0.0 if logits else 0.5)[:, 0],
        )
    return (
        keras.losses.sparse_categorical_crossentropy(targets, predictions, from_logits=logits),
        keras.metrics.sparse_categorical_accuracy(targets, predictions),
    )
