"""Trainings by Keras's own `fit` on TensorFlow, one seed after another: the reference for the engine.

Each begins with the engine's initial weights and reads the rows in the engine's order.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from lrstudy.labels import METRICS
from lrstudy.training import tensorflow_import  # noqa: F401  # before Keras

# isort: split
from lrstudy.training import keras_objects, networks, xla
from lrstudy.training.engine import Block, Engine
from lrstudy.training.keras_import import keras


def train(
    engine: Engine, definitions: dict[str, dict], seeds: Sequence[int], *,
    epochs: int, batch_size: int, learning_rate: float, callbacks: Sequence[dict] = (),
) -> np.ndarray:  # fmt: skip
    """Return the histories of some seeds, float32 of shape (seeds, epochs + 1, 4), as `Engine.train` has them.

    `definitions` are those of network, optimizer and initializer, with which the engine's program was made, and of the
    Keras `callbacks`. Where one of them ends a training early, the rest of its history is what its weights then give.
    """
    return np.stack([
        _of_seed(engine, definitions, seed, epochs, batch_size, learning_rate, callbacks) for seed in seeds
    ])  # fmt: skip


def _of_seed(
    engine: Engine, definitions: dict, seed: int, epochs: int, batch_size: int, learning_rate: float,
    callbacks: Sequence[dict],
) -> np.ndarray:  # fmt: skip
    block = Block(engine, *[np.array([seed])] * 3)
    train, test = rows_of_seed(engine, seed)
    model = networks.model(
        definitions["network"], definitions["initializer"], features=train.shape[1] - 1, classes=engine.splits.classes
    )
    variables = [*model.trainable_variables, *model.non_trainable_variables]
    for variable, value in zip(variables, block.values, strict=False):
        variable.assign(xla.to_host(value)[0].astype(variable.dtype))
    compiled(model, definitions["optimizer"], classes=engine.splits.classes, steps=engine.steps, rate=learning_rate)
    model.optimizer.build(model.trainable_variables)  # some begin with copies of the weights, once
    size = min(batch_size, len(train))
    met = model.fit(
        _batches(train, _places(block), size),
        steps_per_epoch=engine.steps,
        epochs=epochs,
        validation_data=(test[:, :-1], test[:, -1]),
        validation_batch_size=len(test),
        callbacks=[*_averaged(model), *(keras_objects.build(keras.callbacks, each, "callbacks") for each in callbacks)],
        shuffle=False,
        verbose=0,
    ).history
    history = np.empty((epochs + 1, len(METRICS)), np.float32)
    history[0] = block.row[0]
    ended = len(met["loss"])
    history[1 : ended + 1] = np.array([met[name] for name in METRICS]).T
    if ended < epochs or callbacks:
        history[-1, :2] = history[ended, :2]
        history[-1, 2:] = model.evaluate(test[:, :-1], test[:, -1], batch_size=len(test), verbose=0)
        history[ended + 1 :] = history[-1]
    return history


def _averaged(model: keras.Model) -> list[keras.callbacks.Callback]:
    """Return the callback with which Keras validates by the averaged weights, where the optimizer has such."""
    inner = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    return [keras.callbacks.SwapEMAWeights()] if inner.use_ema else []


def _places(block: Block) -> Iterator[np.ndarray]:
    """Yield, epoch after epoch, the places among the first seed's training rows in the order of reading them."""
    return (np.searchsorted(block.train_rows[0], order[0]) for order in block.orders())


def rows_of_seed(engine: Engine, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a seed's training and test rows, (rows, features + 1), filled and scaled as the engine does it."""
    splits, found = engine.splits, []
    both = [rows[0] for rows in splits.of(np.array([seed]))]
    for rows in both:
        table = splits.table[rows]
        if engine.rescaled:
            fill, mean, factor = splits.scale(both[0][None])[..., 0]
            features = (np.where(np.isnan(table[:, :-1]), fill, table[:, :-1]) - mean) * factor
            table = np.column_stack([features, table[:, -1]])
        found.append(table)
    return found[0], found[1]


def compiled(made: keras.Model, optimizer: dict, *, classes: int, steps: int, rate: float) -> keras.Model:
    """Return a Keras model, compiled for a training with this optimizer and learning rate."""
    made.compile(
        optimizer=keras_objects.optimizer(optimizer, keras_objects.rate(optimizer, steps, rate)),
        loss="binary_crossentropy" if classes == 2 else "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,  # nothing of the engine's compiler, and no compilation for a hundred rows
    )
    return made


def _batches(train: np.ndarray, orders: Iterator[np.ndarray], batch_size: int) -> Iterator[tuple]:
    """Yield batches of training rows without end, each epoch in the next of the given orders."""
    for order in orders:
        for first in range(0, len(train), batch_size):
            rows = train[order[first : first + batch_size]]
            yield rows[:, :-1], rows[:, -1]
