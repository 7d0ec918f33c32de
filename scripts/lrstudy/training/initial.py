"""What a training begins with: each seed's weights, drawn as Keras draws them, and what the optimizer keeps.

A model is built twice, from two of Keras's global seeds. What is equal in both is the same for every seed. What is
not is drawn anew for each seed: by the initializer that gave the model its values, within the compiled program, or
where no initializer is found that did (an own layer that draws by NumPy), or the initializer needs more than XLA's own
instructions (`Orthogonal`), here, once and for all seeds.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from lrstudy.data.draws import keys
from lrstudy.errors import StudyError
from lrstudy.training.jax_import import jax, keras

Values: TypeAlias = list[np.ndarray]


class Draws:
    """How the variables of a model that `make` builds are drawn for a seed.

    `model` is that model. `kept` says for each of its variables whether its values are drawn here.
    """

    def __init__(self, make: Callable[[], keras.Model]):
        self._make = make
        self.model, self._other = (_built(make, seed) for seed in (1, 2))
        self.variables = _variables(self.model)
        differs = [not _equal(*pair) for pair in zip(self.variables, _variables(self._other), strict=True)]
        self._random_state = [_is_random_state(self.model, variable) for variable in self.variables]
        self._initializers: list[Any] = [
            _seeded(_initializer_of(self.model, variable)) if new and not state else None
            for variable, new, state in zip(self.variables, differs, self._random_state, strict=True)
        ]
        drawn = [found is not None for found in self._initializers]
        beyond_xla = any(drawn) and "custom_call" in jax.jit(self._drawn).lower(self.keys(0, [0])[0]).as_text()
        self.kept = [
            new and not state and (beyond_xla or not here)
            for new, state, here in zip(differs, self._random_state, drawn, strict=True)
        ]

    @property
    def random(self) -> bool:
        """Whether a layer draws random numbers as it trains."""
        return any(self._random_state)

    def keys(self, stream: int, seeds: Iterable[int]) -> np.ndarray:
        """Return what each variable of each seed is drawn from, uint32 of shape (seeds, variables, 2)."""
        return keys(stream, seeds, len(self.variables))

    def of_seed(self, keys: Any, noise: Any, kept: Sequence[Any]) -> tuple[list, list]:
        """Return one seed's initial weights and other state of the layers, traced.

        `keys` (variables, 2) decide the weights, `noise`, of the same shape, the random state of layers such as
        dropout. `kept` are the seed's values of those variables that are drawn beforehand.
        """
        drawn, given = self._drawn(keys), iter(kept)
        values: list = []
        for place, variable in enumerate(self.variables):
            if self.kept[place]:
                values.append(next(given))
            elif self._random_state[place]:
                values.append(noise[place])
            else:
                values.append(variable.value if drawn[place] is None else drawn[place])
        weights = len(self.model.trainable_variables)
        return values[:weights], values[weights:]

    def _drawn(self, keys: Any) -> list:
        """Return what the initializers draw from `keys` (variables, 2), None for what none of them draws."""
        return [
            None if initializer is None else _draw(initializer, variable, key)
            for initializer, variable, key in zip(self._initializers, self.variables, keys, strict=True)
        ]

    def keep(self, seeds: int, streams: Sequence[int]) -> Values:
        """Return the `kept` variables of seeds 0 to `seeds` - 1, each of shape (streams, seeds, …)."""
        if not any(self.kept):
            return []
        places = [place for place, kept in enumerate(self.kept) if kept]
        if all(self._initializers[place] is not None for place in places):
            each = jax.jit(jax.vmap(self._drawn))
            drawn = [each(self.keys(stream, range(seeds))) for stream in streams]
            return [np.stack([np.asarray(of_stream[place]) for of_stream in drawn]) for place in places]
        built = [[self._values(stream, seed, places) for seed in range(seeds)] for stream in streams]
        return [np.stack([[seed[at] for seed in stream] for stream in built]) for at in range(len(places))]

    def _values(self, stream: int, seed: int, places: list[int]) -> Values:
        variables = _variables(_built(self._make, int(self.keys(stream, [seed])[0, 0, 0])))
        return [np.asarray(variables[place]) for place in places]

    def copied(self, make: Callable[[], keras.Optimizer]) -> tuple[keras.Optimizer, list[int | None]]:
        """Return an optimizer built for the model, and which weight each of its variables begins as a copy of.

        None for a variable that begins with the same value for every seed. Raises `StudyError` for an optimizer that
        begins with anything else.
        """
        pairs = []
        for model in (self.model, self._other):
            optimizer = make()
            optimizer.build(model.trainable_variables)
            pairs.append((model, optimizer))
        (model, optimizer), (_, other) = pairs
        found: list[int | None] = []
        for variable, again in zip(optimizer.variables, other.variables, strict=True):
            places = [at for at, weight in enumerate(model.trainable_variables) if _equal(weight, variable)]
            if not _equal(variable, again) and not places:
                raise StudyError(f"optimizers: {type(optimizer).__name__} begins with what differs between seeds")
            found.append(None if _equal(variable, again) else places[0])
        return optimizer, found


def _built(make: Callable[[], keras.Model], seed: int) -> keras.Model:
    """Return a model whose weights are drawn from `seed`; Keras's own `set_random_seed` would import TensorFlow."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  # what an own model may draw from
    return make()


def _variables(model: keras.Model) -> list[keras.Variable]:
    return [*model.trainable_variables, *model.non_trainable_variables]


def _equal(one: keras.Variable, other: keras.Variable) -> bool:
    return one.shape == other.shape and np.array_equal(np.asarray(one), np.asarray(other), equal_nan=True)


def _is_random_state(model: keras.Model, variable: keras.Variable) -> bool:
    """Return whether a variable is what a layer draws random numbers from: Keras counts it among no weights."""
    return not any(variable is weight for weight in model.weights)


def _initializer_of(model: keras.Model, variable: keras.Variable) -> keras.Initializer | None:
    """Return the initializer within a model that gave a variable its values: called again, it gives them again."""
    for initializer in _initializers(model):
        try:
            again = np.asarray(initializer(variable.shape, dtype=variable.dtype))
        except Exception:  # whatever an initializer raises for another variable's shape
            continue
        if np.array_equal(again, np.asarray(variable)):
            return initializer
    return None


def _initializers(thing: Any, seen: list | None = None) -> Iterator[keras.Initializer]:
    """Yield the initializers that a model, its layers and what these hold have as attributes."""
    seen = [] if seen is None else seen
    if isinstance(thing, keras.Initializer):
        yield thing
    elif isinstance(thing, keras.Layer) and not any(thing is one for one in seen):
        seen.append(thing)
        yield from _initializers(vars(thing), seen)
    elif isinstance(thing, list | tuple | dict):
        for item in list(thing.values() if isinstance(thing, dict) else thing):
            yield from _initializers(item, seen)


def _seeded(initializer: keras.Initializer | None) -> keras.Initializer | None:
    """Return an initializer that draws from a generator whose state a trace can set; None where it takes none."""
    if initializer is None or not hasattr(initializer, "seed"):
        return None
    if not isinstance(initializer.seed, keras.random.SeedGenerator):
        initializer.seed = keras.random.SeedGenerator(0)
    return initializer


def _draw(initializer: Any, variable: keras.Variable, key: jax.Array) -> jax.Array:
    with keras.StatelessScope([(initializer.seed.state, key)]):
        return initializer(variable.shape, dtype=variable.dtype)
