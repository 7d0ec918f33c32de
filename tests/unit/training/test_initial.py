"""Initial weights: drawn as Keras draws them, each seed's by itself, whatever draws them."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from lrstudy.training import networks
from lrstudy.training.initial import Draws
from lrstudy.training.jax_import import jax
from lrstudy.training.keras_import import keras
from training_made import GLOROT, dense, engine_of, own_network

pytestmark = pytest.mark.slow

FIXED = ("Zeros", "Ones", "Constant")
DRAWN = ("GlorotUniform", "GlorotNormal", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform", "RandomNormal")
DRAWN += ("RandomUniform", "TruncatedNormal", "VarianceScaling", "Orthogonal")
NUMPYS = """
import keras
import numpy as np


def model(features, outputs, activation):
    made = keras.Sequential([keras.Input((features,)), keras.layers.Dense(outputs, activation=activation)])
    made.layers[0].kernel.assign(np.random.normal(size=(features, outputs)))
    return made
"""


def draws_of(network: dict, initializer: dict = GLOROT) -> Draws:
    return Draws(lambda: networks.model(network, initializer, features=4, classes=2))


def weights(draws: Draws, seeds: int, stream: int = 0) -> list[np.ndarray]:
    """Return the initial weights of seeds, each (seeds, …)."""
    kept = [values[0] for values in draws.keep(seeds, [stream])]
    keys = draws.keys(stream, range(seeds))
    drawn, _ = jax.jit(jax.vmap(draws.of_seed))(keys, keys, kept)
    return [np.asarray(values) for values in drawn]


@pytest.mark.parametrize("name", FIXED + DRAWN)
def test_initial_weights_are_drawn_as_keras_draws_them(name):
    kernel, bias = weights(draws_of({"hidden": []}, {"class": name}), 400)
    assert not bias.any()
    if name in FIXED:
        assert np.unique(kernel).tolist() == np.unique(np.asarray(getattr(keras.initializers, name)()((4, 1)))).tolist()
    else:
        keras_own = [np.asarray(getattr(keras.initializers, name)(seed=seed)((4, 1))) for seed in range(200)]
        assert ks_2samp(np.ravel(kernel), np.ravel(keras_own)).pvalue > 0.001
        assert len(np.unique(kernel.reshape(400, -1), axis=0)) == 400


@pytest.mark.parametrize("kind", ["layers", "own file", "NumPy"])
def test_every_seed_has_its_own_weights_whoever_draws_them(tmp_path, kind):
    (tmp_path / "numpys.py").write_text(NUMPYS)
    network = {
        "layers": {"layers": [{"class": "Reshape", "target_shape": [4, 1]}, {"class": "GRU", "units": 3}, dense(2)]},
        "own file": own_network(tmp_path),
        "NumPy": {"file": str(tmp_path / "numpys.py")},
    }[kind]
    draws = draws_of(network)
    assert any(draws.kept)
    few, many, other = weights(draws, 3), weights(draws, 5), weights(draws, 3, stream=9)
    for three, five, elsewhere in zip(few, many, other, strict=True):
        assert np.allclose(three, five[:3], atol=1e-6)
        if np.unique(three).size > 2:  # no bias
            assert len(np.unique(five.reshape(5, -1), axis=0)) == 5
            assert not np.isin(elsewhere, three).any()


def test_layers_of_one_shape_have_weights_of_their_own():
    first, _, second, *_ = weights(draws_of({"hidden": [4, 4]}), 4)
    assert first.shape == second.shape
    assert not np.isin(first, second).any()


def test_what_draws_a_networks_weights_does_not_change_a_history(tmp_path):
    """Kept in the program's file, or drawn within it: seeds beyond the block too."""
    engine = engine_of(tmp_path / "program.zip", {"layers": [dense(3, kernel_initializer="orthogonal")]}, seeds=70)
    many = engine.train(70, epochs=1, learning_rate=0.1)
    assert len(np.unique(many[:, 0, 0])) == 70
    some = np.array([69, 2])
    assert engine.train_crossed(some, some, some, epochs=1, learning_rate=0.1).tobytes() == many[some].tobytes()
