"""Keras's own objects, made from the words of the config.

A definition is a dict of a Keras class name and its arguments, as `config/config.yaml` has it:
`{"class": "SGD", "momentum": 0.3}`. A schedule is written for a learning rate of 1 and multiplied by the
training's learning rate, so that one definition serves a whole range of rates.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeAlias

from lrstudy.errors import StudyError
from lrstudy.training.keras_import import keras, tf

Schedule: TypeAlias = keras.optimizers.schedules.LearningRateSchedule

# Optimizers whose update of one weight looks at that weight alone, so that the weights of many seeds can be
# updated as one array. Adafactor, LAMB and Muon look at whole matrices; LossScaleOptimizer at all of them.
ELEMENTWISE = ("SGD", "RMSprop", "Adam", "AdamW", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "Lion")

# Optimizer arguments that would let one seed's gradients touch another's.
ACROSS_SEEDS = ("clipnorm", "global_clipnorm", "loss_scale_factor")


def build(package: ModuleType, definition: dict, where: str, **more: Any) -> Any:
    """Return `package.CLASS(**arguments, **more)`; raises `StudyError` naming `where` for what Keras refuses."""
    arguments = {key: value for key, value in definition.items() if key not in ("class", "schedule")}
    kind = getattr(package, definition["class"], None)
    if kind is None:
        raise StudyError(f"{where}: Keras has no {definition['class']!r} in {package.__name__}")
    try:
        return kind(**arguments, **more)
    except (TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise StudyError(f"{where}: Keras refuses {arguments} for {definition['class']}: {reason}") from None


def optimizer(definition: dict, learning_rate: float | Schedule = 1.0) -> keras.optimizers.Optimizer:
    """Return the Keras optimizer; `learning_rate` is a number or a Keras schedule.

    Raises `StudyError` for an optimizer or an argument that mixes the gradients of stacked seeds.
    """
    if definition["class"] not in ELEMENTWISE:
        raise StudyError(
            f"optimizers: {definition['class']!r} cannot train many seeds at once; use one of {', '.join(ELEMENTWISE)}"
        )
    for key in ACROSS_SEEDS:
        if definition.get(key) is not None:
            raise StudyError(
                f"optimizers: {key} of {definition['class']} takes a norm over all seeds; use clipvalue instead"
            )
    return build(keras.optimizers, definition, "optimizers", learning_rate=learning_rate)


def schedule(definition: dict) -> Schedule | None:
    """Return the optimizer's Keras schedule for a learning rate of 1, or None where the rate is constant."""
    if "schedule" not in definition:
        return None
    where = "optimizers: schedule"
    arguments = dict(definition["schedule"])
    if arguments.get("class") != "PiecewiseConstantDecay":
        arguments["initial_learning_rate"] = arguments.get("initial_learning_rate", 1.0)
    if "values" in arguments:  # whole numbers would make Keras's factor one
        arguments["values"] = [float(value) for value in arguments["values"]]
    return build(keras.optimizers.schedules, arguments, where)


def initializer(definition: dict, seed: int = 0) -> keras.initializers.Initializer:
    """Return the Keras initializer, seeded where it draws random numbers."""
    try:
        made = build(keras.initializers, definition, "initializer", seed=seed)
    except StudyError:
        made = build(keras.initializers, definition, "initializer")  # Zeros, Ones, Constant, …: no seed
    _try(lambda: made((3, 2)), (3, 2), f"initializers: {definition['class']}")
    return made


def _try(use: Callable[[], tf.Tensor], shape: tuple, where: str) -> None:
    """Raise `StudyError` naming `where` unless `use()` gives an array of this shape: some of Keras's do not."""
    try:
        found = tuple(use().shape)
    except Exception as error:  # whatever Keras and TensorFlow raise for a use they do not know
        raise StudyError(f"{where} cannot be used here: {' '.join(str(error).split())[:150]}") from None
    if found != shape:
        raise StudyError(f"{where} cannot be used here: of shape {shape} it makes {found}")


def layers(network: dict, classes: int) -> list[tuple[int, Callable[[tf.Tensor], tf.Tensor]]]:
    """Return (units, Keras activation) of each dense layer, the output layer last.

    Two classes have one sigmoid unit, more have a softmax over as many units as classes.
    """
    try:
        hidden = keras.activations.get(network.get("activation", "relu"))
    except ValueError:
        raise StudyError(f"networks: Keras has no activation {network['activation']!r}") from None
    _try(lambda: hidden(tf.ones((3, 4))), (3, 4), f"networks: the activation {network.get('activation', 'relu')!r}")
    output = (1, keras.activations.sigmoid) if classes == 2 else (classes, keras.activations.softmax)
    return [*((units, hidden) for units in network["hidden"]), output]


def loss_and_accuracy(targets: tf.Tensor, probabilities: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return Keras's loss and accuracy of each prediction, shape (rows, seeds).

    `targets` has shape (rows, seeds) and class indices as numbers; `probabilities` (rows, seeds, units).
    """
    if probabilities.shape[-1] == 1:
        targets = targets[..., None]
        return (
            keras.losses.binary_crossentropy(targets, probabilities),
            keras.metrics.binary_accuracy(targets, probabilities)[..., 0],
        )
    return (
        keras.losses.sparse_categorical_crossentropy(targets, probabilities),
        keras.metrics.sparse_categorical_accuracy(targets, probabilities),
    )
