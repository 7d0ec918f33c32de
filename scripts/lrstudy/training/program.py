"""How a thousand trainings run at once.

The weights of all seeds are stacked along a last axis, the *lanes*: a kernel has shape (inputs, units, lanes).
Nothing ever sums over that axis, so each lane is a training of its own. Keras's initializers, activations,
losses and optimizers do their parts on the stacked arrays; TensorFlow traces one epoch of it, XLA compiles it,
and the outcome is a file that `lrstudy.training.engine` runs without importing either of them.

Within a program everything that an array's shape depends on is fixed (rows, features, network, lanes). The
learning rate, the batch size and the number of epochs are not: one program serves all of them.
"""

import itertools
import json
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np

from lrstudy.training import keras_objects, xla
from lrstudy.training.keras_import import keras, tf

# Rows that are read, predicted and differentiated together. A batch is a sequence of such pieces whose
# gradients add up, which is what leaves the batch size free. Measured on 2 cores, 16 rows cost 1.6 times, 32 rows 3
# times as much, and of lanes 256 a fifth less than 128.
PIECE = 8
EVALUATION_PIECE = 64  # the same for evaluation, which keeps no gradients


Tensor: TypeAlias = tf.Tensor | tf.Variable  # what TensorFlow traces: of no values yet, and of the shapes named below


class Program:
    """One epoch of training, and the start of one, for `lanes` seeds at once.

    The table has shape (rows, features + 1): scaled features, then the class index. Each lane trains on
    `train_rows` and is tested on `test_rows` of its rows, all the same or not. Where it is `rescaled`, each lane has
    a scale of its own, see `piece`.
    """

    def __init__(
        self, network: dict, optimizer: dict, initializer: dict, *,
        rows: int, train_rows: int, test_rows: int, features: int, classes: int, lanes: int,
        rescaled: bool = False,
    ):  # fmt: skip
        self.rows, self.train_rows, self.test_rows, self.features = rows, train_rows, test_rows, features
        self.lanes, self.rescaled = lanes, rescaled
        self.layers = keras_objects.layers(network, classes)
        widths = [features, *(units for units, _ in self.layers)]
        self.kernel_shapes = list(itertools.pairwise(widths))
        self.initializer = keras_objects.initializer(initializer)
        self.optimizer = keras_objects.optimizer(optimizer)
        self.schedule = keras_objects.schedule(optimizer)
        self.weights = []  # kernel, bias, kernel, bias, …
        for inputs, units in self.kernel_shapes:
            self.weights.append(keras.Variable(np.zeros((inputs, units, lanes), "float32"), name="kernel"))
            self.weights.append(keras.Variable(np.zeros((units, lanes), "float32"), name="bias"))
        self.optimizer.build(self.weights)

    def predict(self, weights: Sequence[Tensor], features: Tensor) -> Tensor:
        """Return probabilities (rows, lanes, units) for `features` of shape (rows, features, lanes)."""
        hidden = features
        for kernel, bias, (_, activation) in zip(weights[::2], weights[1::2], self.layers, strict=True):
            sums = tf.reduce_sum(hidden[:, :, None, :] * kernel[None], axis=1) + bias
            outputs = activation(tf.transpose(sums, [0, 2, 1]))  # Keras wants the units last
            hidden = tf.transpose(outputs, [0, 2, 1])
        return outputs

    def piece(self, table: Tensor, rows: Tensor, *scale: Tensor) -> tuple[Tensor, Tensor]:
        """Return features (rows, features, lanes) and class (rows, lanes) of the table's `rows` (rows, lanes).

        Where the program is rescaled, `scale` (3, features, lanes) has what each lane puts in place of a gap, what
        it subtracts and what it multiplies by.
        """
        if self.layers[0][0] == 1:  # each feature is used once: half to nine tenths of the other way's time
            features, classes = tf.transpose(tf.gather(table[:, :-1], rows), [0, 2, 1]), tf.gather(table[:, -1], rows)
        else:  # each is used once a unit: of a wide table half to four fifths of the other way's time
            width = self.features + 1
            cells = tf.gather(tf.reshape(table, [-1]), rows[:, None] * width + tf.range(width)[:, None])
            features, classes = cells[:, :-1], cells[:, -1]
        if scale:
            fill, mean, factor = tf.unstack(*scale)
            features = (tf.where(tf.math.is_nan(features), fill, features) - mean) * factor
        return features, classes

    def sums(self, weights: Sequence[Tensor], features: Tensor, classes: Tensor, counted: Tensor) -> Iterator[Tensor]:
        """Return the sums of loss and accuracy over the rows of a piece, each of shape (lanes,).

        `counted` (rows, 1) is 1 for its rows, 0 for filling.
        """
        probabilities = self.predict(weights, features)
        loss, accuracy = keras_objects.loss_and_accuracy(classes, probabilities)
        return (tf.reduce_sum(value * tf.cast(counted, "float32"), axis=0) for value in (loss, accuracy))

    def evaluate(
        self, weights: Sequence[Tensor], table: Tensor, rows: Tensor, first: Tensor | int, last: Tensor | int,
        *scale: Tensor,
    ) -> Tensor:  # fmt: skip
        """Return each lane's sums of loss and accuracy over rows of the table, shape (2, lanes).

        Its rows are those that `rows` (rows, lanes) names from place `first` to before `last`; where there are none
        the sums are zeros, and take no time.
        """
        padded = tf.pad(rows, [[0, EVALUATION_PIECE], [0, 0]])

        def add_piece(start: Tensor, loss: Tensor, accuracy: Tensor) -> tuple[Tensor, ...]:
            piece = self.piece(table, tf.slice(padded, [start, 0], [EVALUATION_PIECE, self.lanes]), *scale)
            counted = (start + tf.range(EVALUATION_PIECE) < last)[:, None]
            more_loss, more_accuracy = self.sums(weights, *piece, counted)
            return start + EVALUATION_PIECE, loss + more_loss, accuracy + more_accuracy

        nothing = tf.zeros(self.lanes)
        _, loss, accuracy = tf.while_loop(lambda start, *_: start < last, add_piece, (first, nothing, nothing))
        return tf.stack([loss, accuracy])

    def start(
        self, seeds: Tensor, stream: Tensor, table: Tensor, train: Tensor, test: Tensor, *scale: Tensor
    ) -> tuple[Tensor, ...]:
        """Return initial weights, and the history's row before training, shape (4, lanes).

        `seeds` (lanes,) and `stream`, a number, alone decide the weights: kernel `i` of seed `s` is drawn with
        Keras's stateless generator keyed by (s, stream + i). Biases start at zero, as Keras's do.
        """
        weights = []
        for index, shape in enumerate(self.kernel_shapes):
            drawn = tf.map_fn(
                lambda seed, index=index, shape=shape: self.draw(shape, tf.stack([seed, stream + index])),
                seeds,
                fn_output_signature=tf.float32,
            )
            weights += [tf.transpose(drawn, [1, 2, 0]), tf.zeros((shape[1], self.lanes))]
        rows, counts = tf.concat([train, test], axis=0), np.array([self.train_rows, self.test_rows], "float32")
        sums = tf.map_fn(  # a loop, so that what evaluates is compiled once
            lambda places: self.evaluate(weights, table, rows, places[0], places[1], *scale),
            tf.constant([[0, self.train_rows], [self.train_rows, self.train_rows + self.test_rows]]),
            fn_output_signature=tf.float32,
        )
        return *weights, tf.reshape(sums / counts[:, None, None], (4, self.lanes))

    def draw(self, shape: tuple[int, int], key: Tensor) -> Tensor:
        """Return one kernel drawn by the Keras initializer from the random `key`, an int32 pair."""
        if hasattr(self.initializer, "seed"):
            self.initializer.seed = _Key(key)
        return self.initializer(shape)

    def epoch(
        self, order: Tensor, first: Tensor, last: Tensor, batch_size: Tensor, learning_rate: Tensor, table: Tensor,
        test: Tensor, *scale: Tensor,
    ) -> tuple[Tensor, ...]:  # fmt: skip
        """Train one epoch, or a part of it; return the weights, the optimizer's state and the history's row (4, lanes).

        `order` (train_rows, lanes) names the row that each lane reads at each place; the places read are those from
        `first` to before `last`. `test` (test_rows, lanes) names the rows that a lane is tested on where the epoch
        ends. As in Keras, the last batch may be smaller and is averaged by its own size, and the epoch's loss and
        accuracy are those met on the way.
        """
        order = tf.pad(order, [[0, PIECE], [0, 0]])

        def train_batch(start: Tensor, loss: Tensor, accuracy: Tensor) -> tuple[Tensor, ...]:
            end = tf.minimum(start + batch_size, last)
            weights = [weight.value for weight in self.weights]

            def add_piece(place: Tensor, loss: Tensor, accuracy: Tensor, gradients: list[Tensor]) -> tuple:
                piece = self.piece(table, tf.slice(order, [place, 0], [PIECE, self.lanes]), *scale)
                counted = (place + tf.range(PIECE) < end)[:, None]
                with tf.GradientTape() as tape:
                    tape.watch(weights)
                    more_loss, more_accuracy = self.sums(weights, *piece, counted)
                more = tape.gradient(more_loss, weights)
                gradients = [sofar + gradient for sofar, gradient in zip(gradients, more, strict=True)]
                return place + PIECE, loss + more_loss, accuracy + more_accuracy, gradients

            nothing = [tf.zeros_like(weight) for weight in weights]
            _, loss, accuracy, gradients = tf.while_loop(
                lambda place, *_: place < end, add_piece, (start, loss, accuracy, nothing)
            )
            if self.schedule is not None:
                factor = self.schedule(self.optimizer._iterations)  # batches: `iterations` are of accumulated ones
                self.optimizer.learning_rate = learning_rate * factor
            self.optimizer.apply([total / tf.cast(end - start, "float32") for total in gradients], self.weights)
            return end, loss, accuracy

        if self.schedule is None:
            self.optimizer.learning_rate = learning_rate
        nothing = tf.zeros(self.lanes)
        _, loss, accuracy = tf.while_loop(lambda start, *_: start < last, train_batch, (first, nothing, nothing))
        measured = tf.stack([loss, accuracy]) / tf.cast(last - first, "float32")
        values = [variable.value for variable in self.variables]
        tested = tf.where(last == self.train_rows, self.test_rows, 0)
        sums = self.evaluate(values[: len(self.weights)], table, test, 0, tested, *scale)
        return *map(tf.identity, values), tf.concat([measured, sums / self.test_rows], axis=0)

    @property
    def variables(self) -> list[keras.Variable]:
        """All that an epoch changes: the weights, then the optimizer's state."""
        return [*self.weights, *self.optimizer.variables]

    def lower(self) -> tuple[bytes, bytes, list[int]]:
        """Return `start` and `epoch` as StableHLO, and which variable each further input of `epoch` is."""
        table = tf.TensorSpec((self.rows, self.features + 1), tf.float32)
        train, test, order = (
            tf.TensorSpec((rows, self.lanes), tf.int32) for rows in (self.train_rows, self.test_rows, self.train_rows)
        )
        scale = [tf.TensorSpec((3, self.features, self.lanes), tf.float32)] if self.rescaled else []
        seeds = tf.TensorSpec((self.lanes,), tf.int32)
        whole, real = tf.TensorSpec((), tf.int32), tf.TensorSpec((), tf.float32)
        start = _traced(self.start, seeds, whole, table, train, test, *scale)
        epoch = _traced(self.epoch, order, whole, whole, whole, real, table, test, *scale)
        handles = [id(variable.value.handle) for variable in self.variables]
        captured = [handles.index(id(handle)) for handle in epoch.captured_inputs]
        return _stablehlo(start), _stablehlo(epoch), captured

    def save(self, path: str | os.PathLike) -> None:
        """Compile and write the program to `path`, where `engine.Engine` reads it."""
        start, epoch, captured = self.lower()
        facts = {
            "lanes": self.lanes,
            "test_rows": self.test_rows,
            "rescaled": self.rescaled,
            "weights": len(self.weights),
            "captured": captured,
        }
        state = xla.pack_arrays([variable.numpy() for variable in self.optimizer.variables])
        xla.save(path, {"start": start, "epoch": epoch}, facts=json.dumps(facts).encode(), state=state)


class _Key(keras.random.SeedGenerator):
    """A Keras seed generator that gives one key, so that a traced seed can reach an initializer."""

    def __init__(self, key: Tensor):
        self.key = key

    def __setattr__(self, name: str, value: Tensor) -> None:  # Keras's tracker wants state that this one does not have
        object.__setattr__(self, name, value)

    def next(self, ordered: bool = True) -> Tensor:
        return self.key


def _traced(function: Callable, *specs: tf.TensorSpec) -> tf.types.experimental.ConcreteFunction:
    return tf.function(function, jit_compile=True, autograph=False).get_concrete_function(*specs)


def _stablehlo(traced: tf.types.experimental.ConcreteFunction) -> bytes:
    """Return a traced function as serialised StableHLO.

    The public `experimental_get_compiler_ir` refuses functions that mix specifications with variables; this is
    what it calls itself.
    """
    from tensorflow.python.eager.polymorphic_function import compiler_ir

    return compiler_ir.from_concrete_function(traced)(stage="stablehlo_serialized", platform_name="CPU")
