"""The path of gradient descent is that of Keras's own `fit`."""

import numpy as np
import pytest

from lrstudy.data.draws import keys
from lrstudy.statistics import descent
from lrstudy.training.jax_import import keras


def test_the_path_of_descent_is_that_of_a_keras_fit():
    features = np.random.default_rng(1).normal(size=(50, 2)).astype(np.float32)
    table = np.column_stack([features, features.sum(axis=1) > 0.3]).astype(np.float32)
    rates = [0.05, 1.5]
    for rate, path in descent.follow(table, rates).items():
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
        model.compile(keras.optimizers.SGD(rate, weight_decay=descent.PENALTY), "binary_crossentropy")
        model.set_weights([np.array(descent.START[:2])[:, None], np.array(descent.START[2:])])
        places = [np.concatenate([weights.ravel() for weights in model.get_weights()])]
        for _ in range(descent.STEPS):
            model.train_on_batch(features, table[:, 2])
            places.append(np.concatenate([weights.ravel() for weights in model.get_weights()]))
        assert path == pytest.approx(np.array(places), abs=1e-4)


def test_the_path_starts_where_seed_0_does():
    """Where a network of two weights starts: with what Keras draws of the first key of seed 0."""
    initializer = keras.initializers.GlorotUniform(seed=keras.random.SeedGenerator(0))
    initializer.seed.state.assign(keys(0, [0], 2)[0, 0])
    assert pytest.approx([*np.ravel(initializer((2, 1))), 0]) == descent.START
