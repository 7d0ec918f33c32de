"""How many seeds train at once: Keras's own model and optimizer, traced once by JAX and mapped over the seeds.

Every array that belongs to a seed has the seeds as its first axis. One step is Keras's `stateless_call`, loss and
`stateless_apply`; `jax.vmap` maps it over the seeds, `lax.scan` runs it over the batches of an epoch, and the outcome
is a file that `lrstudy.training.engine` runs without importing JAX or Keras.

Within a program all that an array's shape depends on is fixed: rows, features, network, batch size and the number of
seeds side by side. The learning rate and the number of epochs are not.
"""

import json
import os
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from lrstudy.training import keras_objects, networks, xla
from lrstudy.training.initial import Draws
from lrstudy.training.jax_import import jax, jnp, keras, lax

# How many seeds train side by side: the work of a small network's step hardly grows with them, that of others does, and
# their memory. Their number may decide the last bit of a result, so that it must not be that of a study's seeds.
SEEDS, SEEDS_OF_SMALL = 8, 32
SMALL = 20_000  # operations of a step of one seed, and rows, up to which a training is a small one
AT_ONCE = 256  # rows of each seed that are evaluated together
MEMORY = 2**29  # bytes that the seeds side by side may take; of a network that takes more there are fewer
OF_A_ROW = 28  # bytes of each seed and row: the row, its place in the order, drawn, sorted and handed over

Arrays: TypeAlias = list[jax.Array]


class Program:
    """The start of a training and one epoch of it, for `seeds` seeds at once.

    The table has shape (rows, features + 1): scaled features, then the class index. Each seed trains on `train_rows`
    and is tested on `test_rows` of its rows, all the same or not. Where the program is `rescaled`, each seed has a
    scale of its own, see `read`. Raises `StudyError` for what Keras refuses.
    """

    def __init__(
        self, network: dict, optimizer: dict, initializer: dict, *,
        rows: int, train_rows: int, test_rows: int, features: int, classes: int, batch_size: int,
        rescaled: bool = False,
    ):  # fmt: skip
        self.rows, self.train_rows, self.test_rows, self.features = rows, train_rows, test_rows, features
        self.batch_size, self.rescaled = min(batch_size, train_rows), rescaled
        shape = {"features": features, "classes": classes}
        self.logits = networks.gives_logits(network, initializer, **shape)
        self.draws = Draws(lambda: networks.model(network, initializer, **shape, logits=self.logits))
        self.model = self.draws.model
        self.rate = keras_objects.rate(optimizer, self.steps)
        self.optimizer, self.copies = self.draws.copied(lambda: keras_objects.optimizer(optimizer, self.rate))
        self.seeds = self._side_by_side()

    @property
    def variables(self) -> list[list[keras.Variable]]:
        """All that a training changes: weights, the layers' other state (means, random state), the optimizer's."""
        return [self.model.trainable_variables, self.model.non_trainable_variables, self.optimizer.variables]

    def _side_by_side(self) -> int:
        """Return how many seeds train side by side, by what a step of one seed costs before XLA makes less of it."""
        carried = tuple([of(*one.shape, dtype=one.dtype) for one in group] for group in self.variables)
        table, scale = of(self.rows, self.features + 1), [of(3, self.features)] * self.rescaled
        batch, evaluated = (of(rows, dtype="int32") for rows in (self.batch_size, min(AT_ONCE, self.rows)))

        def predicted(carried: tuple, rows: jax.Array, table: jax.Array, *scale: jax.Array) -> jax.Array:
            return self.predict(carried[0], carried[1], self.read(table, rows, *scale)[0], training=False)[0]

        step = _cost(self.step, carried, batch, of(), table, *scale)
        evaluation = _cost(predicted, carried, evaluated, table, *scale)
        bytes_of_seed = max(step["bytes accessed"], evaluation["bytes accessed"]) + OF_A_ROW * self.rows
        small = max(self.train_rows, step["flops"]) <= SMALL
        return max(1, min(SEEDS_OF_SMALL if small else SEEDS, int(MEMORY // bytes_of_seed)))

    @property
    def steps(self) -> int:
        """Batches of an epoch, the last smaller one among them."""
        return -(-self.train_rows // self.batch_size)

    def read(self, table: jax.Array, rows: jax.Array, *scale: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Return features (rows, features) and class (rows,) of some rows of one seed.

        Where the program is rescaled, `scale` (3, features) has what the seed puts in place of a gap, what it subtracts
        and what it multiplies by.
        """
        cells = table[rows]
        features = cells[:, :-1]
        if scale:
            fill, mean, factor = scale[0]
            features = (jnp.where(jnp.isnan(features), fill, features) - mean) * factor
        return features, cells[:, -1]

    def predict(self, weights: Arrays, state: Arrays, features: jax.Array, training: bool) -> tuple:
        """Return Keras's predictions, weights and other state after them, and the sum of the penalties.

        Predictions have shape (rows, outputs); they are logits where `logits` says so, else probabilities. Keras's
        `stateless_call` would not return the weights, which a layer may change (`SpectralNormalization`).
        """
        ours = self.draws.variables
        mapping = list(zip(ours, [*weights, *state], strict=True))
        with keras.StatelessScope(mapping, collect_losses=True) as scope:
            predictions = self.model(features, training=training)
            penalties = sum(self.model.losses)
        after = [scope.get_current_value(variable) for variable in ours]
        return predictions, after[: len(weights)], after[len(weights) :], penalties

    def step(self, carried: tuple, rows: jax.Array, rate: jax.Array, table: jax.Array, *scale: jax.Array) -> tuple:
        """Return what one seed carries on after a batch, `rows` of the table, and the batch's loss and hits.

        The loss is the mean over the batch and the penalties, as Keras's `fit` shows it.
        """
        weights, state, optimizer = carried
        features, classes = self.read(table, rows, *scale)
        optimizer = self._at(rate, optimizer)

        def loss_of(weights: Arrays, state: Arrays) -> tuple:
            predictions, weights, state, penalties = self.predict(weights, state, features, training=True)
            losses, hits = keras_objects.loss_and_accuracy(classes, predictions, self.logits)
            loss = jnp.mean(losses) + penalties
            with keras.StatelessScope(list(zip(self.optimizer.variables, optimizer, strict=True))):
                return self.optimizer.scale_loss(loss), (loss, jnp.sum(hits), weights, state)

        gradients, (loss, hits, weights, state) = jax.grad(loss_of, has_aux=True)(weights, state)
        weights, optimizer = self.optimizer.stateless_apply(optimizer, gradients, weights)
        return (weights, state, optimizer), loss, hits

    def _at(self, rate: jax.Array, optimizer: Arrays) -> Arrays:
        """Return the optimizer's variables with this learning rate; a schedule has it multiplied."""
        if isinstance(self.rate, keras_objects.Scaled):
            self.rate.learning_rate = rate
            return optimizer
        ours = self.optimizer.learning_rate
        return [rate if one is ours else value for one, value in zip(self.optimizer.variables, optimizer, strict=True)]

    def epoch(self, order: jax.Array, rates: jax.Array, table: jax.Array, test: jax.Array, *more: jax.Array) -> tuple:
        """Train one epoch; return all that changed, the history's row (seeds, 4) and each batch's loss.

        `order` (seeds, train_rows) names the row that each seed reads at each place, `rates` (steps,) the learning rate
        of each step, `test` (seeds, test_rows) the rows that a seed is tested on where the epoch ends; `more` is the
        scale where the program is rescaled, and `variables`. As in Keras, the last batch may be smaller and is averaged
        by its own size, and the epoch's loss and accuracy are those met on the way. Each batch's loss, before its step,
        has shape (seeds, steps).
        """
        scale, begun = self._split(more)
        whole, size = self.train_rows // self.batch_size, self.batch_size
        losses: Any

        def train(carried: tuple, hits: jax.Array, first: Any, rate: jax.Array, size: int) -> tuple:
            rows = lax.dynamic_slice_in_dim(order, first, size, axis=1)
            step = jax.vmap(self.step, (0, 0, None, None, *[0] * len(scale)))
            carried, loss, more = step(carried, rows, rate, table, *scale)
            return (carried, hits + more), loss

        def train_whole(sofar: tuple, step: tuple) -> tuple:
            return train(sofar[0], sofar[1], step[0] * size, step[1], size)

        (carried, hits), losses = lax.scan(
            train_whole, (begun, jnp.zeros(self.seeds)), (jnp.arange(whole), rates[:whole])
        )
        sums = size * jnp.sum(losses, axis=0)
        if rest := self.train_rows - whole * size:
            (carried, hits), last = train(carried, hits, whole * size, rates[whole], rest)
            losses, sums = jnp.concatenate([losses, last[None]]), sums + rest * last
        trained = jnp.stack([sums, hits], axis=1) / self.train_rows
        tested = self.evaluate(*self._evaluated(carried), table, test, *scale)
        return *jax.tree.leaves(carried), jnp.concatenate([trained, tested], axis=1), losses.T

    def _split(self, more: Sequence[jax.Array]) -> tuple[list, tuple]:
        """Return the scale, where there is one, and the variables of `more`, as `variables` groups them."""
        count = int(self.rescaled)
        values, groups = iter(more[count:]), self.variables
        return list(more[:count]), tuple([next(values) for _ in group] for group in groups)

    def _evaluated(self, carried: tuple) -> tuple:
        """Return the weights and state that Keras evaluates with when `fit` ends: averaged ones where `use_ema` is."""

        def of_one_seed(weights: Arrays, state: Arrays, optimizer: Arrays) -> tuple:
            trained, _, kept = self.variables
            with keras.StatelessScope(list(zip([*trained, *kept], [*weights, *optimizer], strict=True))) as scope:
                self.optimizer.finalize_variable_values(trained)
            return [scope.get_current_value(variable) for variable in trained], state

        return jax.vmap(of_one_seed)(*carried)

    def evaluate(
        self, weights: Arrays, state: Arrays, table: jax.Array, rows: jax.Array, *scale: jax.Array, first: int = 0
    ) -> jax.Array:
        """Return each seed's mean loss and accuracy over rows of the table, those that `rows` (seeds, rows) names.

        Shape (seeds, 2), or (seeds, 4) where the `first` so many rows are averaged by themselves. The rows are read in
        parts of one size, at most `AT_ONCE`.
        """
        count = rows.shape[1]
        parts = -(-count // AT_ONCE)
        size = -(-count // parts)
        padded = jnp.pad(rows, [(0, 0), (0, parts * size - count)])
        ends = [(0, first), (first, count)] if first else [(0, count)]

        def part(weights: Arrays, state: Arrays, begin: jax.Array, rows: jax.Array, *scale: jax.Array) -> jax.Array:
            features, classes = self.read(table, lax.dynamic_slice_in_dim(rows, begin, size), *scale)
            predictions, _, _, penalties = self.predict(weights, state, features, training=False)
            losses, hits = keras_objects.loss_and_accuracy(classes, predictions, self.logits)
            places = begin + jnp.arange(size)
            counted = jnp.stack([(places >= low) & (places < high) for low, high in ends])
            values = jnp.stack([losses + penalties, hits])
            return jnp.sum(jnp.where(counted[:, None], values, 0), axis=2)

        each = jax.vmap(part, (0, 0, None, 0, *[0] * len(scale)))
        sums, _ = lax.scan(
            lambda sofar, begin: (sofar + each(weights, state, begin, padded, *scale), None),
            jnp.zeros((self.seeds, len(ends), 2)),
            jnp.arange(parts) * size,
        )
        return (sums / jnp.array([high - low for low, high in ends])[:, None]).reshape(self.seeds, -1)

    def start(self, keys: jax.Array, noise: jax.Array, table: jax.Array, rows: jax.Array, *more: jax.Array) -> tuple:
        """Return all that a training changes, as it begins, and the history's row before training, shape (seeds, 4).

        `keys` and `noise` (seeds, variables, 2) are what initial weights and the layers' random state are drawn from.
        `rows` (seeds, rows) are those of training, then those of test; `more` is the scale where the program is
        rescaled, and the weights that were drawn when it was compiled, (seeds, …).
        """
        scale, kept = list(more[: int(self.rescaled)]), list(more[int(self.rescaled) :])
        weights, state = lax.map(lambda seed: self.draws.of_seed(*seed), (keys, noise, kept))
        optimizer = [
            jnp.broadcast_to(variable.value, (self.seeds, *variable.shape)) if copied is None else weights[copied]
            for variable, copied in zip(self.optimizer.variables, self.copies, strict=True)
        ]
        row = self.evaluate(weights, state, table, rows, *scale, first=self.train_rows)
        return *weights, *state, *optimizer, row

    def lower(self, kept: list) -> dict[str, bytes]:
        """Return `start` and `epoch` as StableHLO; `kept` (streams, seeds, …) is what `start` is given of each seed."""
        table = of(self.rows, self.features + 1)
        train, test = (of(self.seeds, rows, dtype="int32") for rows in (self.train_rows, self.test_rows))
        keys = of(self.seeds, len(self.draws.variables), 2, dtype="uint32")
        both = of(self.seeds, self.train_rows + self.test_rows, dtype="int32")
        scale = [of(self.seeds, 3, self.features)] if self.rescaled else []
        given = [of(self.seeds, *values.shape[2:], dtype=values.dtype) for values in kept]
        changing = [of(self.seeds, *one.shape, dtype=one.dtype) for group in self.variables for one in group]
        start = keys, keys, table, both, *scale, *given
        epoch = train, of(self.steps), table, test, *scale, *changing
        return {"start": _stablehlo(self.start, start), "epoch": _stablehlo(self.epoch, epoch)}

    def save(self, path: str | os.PathLike, seeds: int, streams: Sequence[int] = (0,)) -> None:
        """Compile and write the program to `path`, where `engine.Engine` reads it.

        Weights that no program can draw are drawn here for seeds 0 to `seeds` - 1 and each of the `streams`.
        """
        kept = self.draws.keep(seeds, streams)
        facts = {
            "seeds": self.seeds,
            "small": self.seeds > SEEDS,
            "batch_size": self.batch_size,
            "steps": self.steps,
            "variables": [len(group) for group in self.variables],
            "rescaled": self.rescaled,
            "streams": list(streams),
            "random": self.draws.random,
        }
        functions = self.lower(kept)
        xla.save(path, functions, facts=json.dumps(facts).encode(), kept=xla.pack_arrays(kept))


def of(*shape: int, dtype: Any = "float32") -> jax.ShapeDtypeStruct:
    """Return what JAX traces in place of an array."""
    return jax.ShapeDtypeStruct(shape, dtype)


def _cost(function: Callable, *arguments: Any) -> Any:
    """Return XLA's estimate of a function's operations (`flops`) and of the bytes that it reads and writes."""
    return jax.jit(function).lower(*arguments).cost_analysis()


def _stablehlo(function: Callable, arguments: Sequence[jax.ShapeDtypeStruct]) -> bytes:
    """Return a function traced for arguments of these shapes as StableHLO, without the places of code it comes from."""
    return jax.jit(function, keep_unused=True).lower(*arguments).as_text().encode()
