"""One training by Keras's own `model.fit`: the reference that the engine is measured against."""

from collections.abc import Iterator

import numpy as np

from lrstudy.statistics.histories import METRICS
from lrstudy.training import keras_objects
from lrstudy.training.keras_import import keras, tf


class Scaled(keras_objects.Schedule):
    """A schedule written for a learning rate of 1, multiplied by the training's."""

    def __init__(self, schedule: keras_objects.Schedule, learning_rate: float):
        self.schedule, self.learning_rate = schedule, learning_rate

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        return self.learning_rate * self.schedule(step)


def batches(train: np.ndarray, orders: Iterator[np.ndarray], batch_size: int) -> Iterator[tuple]:
    """Yield batches of training rows without end, each epoch in the next of the given orders."""
    for order in orders:
        for first in range(0, len(train), batch_size):
            rows = train[order[first : first + batch_size]]
            yield rows[:, :-1], rows[:, -1]


def model(network: dict, optimizer: dict, *, features: int, classes: int, learning_rate: float) -> keras.Model:
    """Return the compiled Keras model of a training."""
    layers = [keras.layers.Dense(units, activation=name) for units, name in keras_objects.layers(network, classes)]
    schedule = keras_objects.schedule(optimizer)
    rate = learning_rate if schedule is None else Scaled(schedule, learning_rate)
    made = keras.Sequential([keras.Input((features,)), *layers])
    made.compile(
        optimizer=keras_objects.optimizer(optimizer, rate),
        loss="binary_crossentropy" if classes == 2 else "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,  # nothing of the engine's compiler, and no compilation for a hundred rows
    )
    return made


def final_loss(made: keras.Model, train: np.ndarray, *, seed: int, epochs: int, batch_size: int) -> float:
    """Return the last epoch's training loss of an ordinary `fit`; Keras shuffles the rows by `seed`."""
    keras.utils.set_random_seed(seed)
    history = made.fit(train[:, :-1], train[:, -1], epochs=epochs, batch_size=batch_size, verbose=0).history
    return history["loss"][-1]


def fit_in_order(
    made: keras.Model,
    orders: Iterator[np.ndarray],
    train: np.ndarray,
    test: np.ndarray,
    *,
    epochs: int,
    batch_size: int,
) -> np.ndarray:
    """Return the history of a `fit` that reads the rows of each epoch in the order given, shape (epochs, 4)."""
    history = made.fit(
        batches(train, orders, batch_size),
        steps_per_epoch=-(-len(train) // batch_size),
        epochs=epochs,
        validation_data=(test[:, :-1], test[:, -1]),
        validation_batch_size=len(test),
        shuffle=False,
        verbose=0,
    ).history
    return np.array([history[name] for name in METRICS]).T
