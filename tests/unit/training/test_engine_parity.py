"""The engine's histories are those of Keras's own `fit`, fed with the same weights and the same order of rows."""

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.preprocessing import scale

from lrstudy.files.errors import StudyError
from lrstudy.training import keras_fit, keras_objects, orders, xla
from lrstudy.training.engine import Engine
from lrstudy.training.keras_import import tf
from lrstudy.training.program import Program

ROOT = Path(__file__).resolve().parents[3]
SEED = 7
GLOROT = {"class": "GlorotUniform"}

OPTIMIZERS = {
    "sgd": {"class": "SGD"},
    "momentum": {"class": "SGD", "momentum": 0.3},
    "nesterov": {"class": "SGD", "momentum": 0.3, "nesterov": True},
    "adam": {"class": "Adam"},
    "adamw": {"class": "AdamW"},
    "adagrad": {"class": "Adagrad"},
    "rmsprop": {"class": "RMSprop"},
    "nadam": {"class": "Nadam"},
    "lion": {"class": "Lion"},
    "clipped": {"class": "SGD", "clipvalue": 0.01},
    "exponential": {"class": "SGD", "schedule": {"class": "ExponentialDecay", "decay_steps": 10, "decay_rate": 0.9}},
    "cosine": {
        "class": "SGD",
        "schedule": {
            "class": "CosineDecay",
            "initial_learning_rate": 0.1,
            "decay_steps": 40,
            "warmup_target": 1.0,
            "warmup_steps": 10,
        },
    },
    "accumulated": {
        "class": "SGD",
        "gradient_accumulation_steps": 4,
        "schedule": {"class": "ExponentialDecay", "decay_steps": 10, "decay_rate": 0.5},
    },
    "piecewise": {
        "class": "SGD",
        "schedule": {"class": "PiecewiseConstantDecay", "boundaries": [10, 30], "values": [1.0, 0.5, 0.1]},
    },
}
NETWORKS = {"logistic": {"hidden": []}, "mlp": {"hidden": [8, 4], "activation": "tanh"}, "softmax": {"hidden": []}}

# A small and a very large learning rate. The very large one is where losses have saturated or overshot, yet a
# rounding error does not grow from step to step; beyond it no two programs agree, Keras on another machine included.
RATES = {"Lion": (0.0005, 0.02), "SGD": (0.01, 2.0), "Adagrad": (0.01, 1.0)}
OTHERS = (0.001, 0.1)


def rows_of(network: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Return 96 training and 40 test rows of a small real table, scaled, and its number of classes."""
    table = load_iris() if network == "softmax" else load_breast_cancer()
    rows = np.column_stack([scale(table.data[:, :4]), table.target]).astype(np.float32)
    rows = rows[np.random.default_rng(0).permutation(len(rows))]
    return rows[:96], rows[96:136], 3 if network == "softmax" else 2


def program(folder: Path, network: dict, optimizer: dict, train, test, classes, initializer=GLOROT) -> Path:
    """Compile a program of 16 lanes."""
    shape = {"rows": len(train), "test_rows": len(test), "features": train.shape[1] - 1, "classes": classes}
    Program(network, optimizer, initializer, **shape, lanes=16).save(folder / "program.zip")
    return folder / "program.zip"


def weights_of(engine: Engine, seed: int) -> list[np.ndarray]:
    """Return the initial weights of one seed as Keras has them."""
    *weights, _ = engine.start(np.arange(16, dtype=np.int32), *engine.tables)
    return [xla.to_host(weight)[..., seed] for weight in weights]


FIXED = ("Zeros", "Ones", "Constant")
SCHEDULED = ("exponential", "cosine", "piecewise")
CASES = [
    (name, network) for name in OPTIMIZERS for network in NETWORKS if name not in SCHEDULED or network == "logistic"
]


@pytest.mark.parametrize(("optimizer", "network"), CASES)
def test_each_history_is_keras_own(tmp_path, optimizer, network):
    train, test, classes = rows_of(network)
    definition = OPTIMIZERS[optimizer]
    engine = Engine(program(tmp_path, NETWORKS[network], definition, train, test, classes), train, test)
    for batch_size, learning_rate in zip((32, 25), RATES.get(definition["class"], OTHERS), strict=True):
        ours = engine.train(16, epochs=10, batch_size=batch_size, learning_rate=learning_rate)[SEED, 1:]
        reference = keras_fit.model(
            NETWORKS[network], definition, features=4, classes=classes, learning_rate=learning_rate
        )
        reference.set_weights(weights_of(engine, SEED))
        lane = (order[:, 0] for order in orders.orders(np.array([SEED]), len(train)))
        keras = keras_fit.fit_in_order(reference, lane, train, test, epochs=10, batch_size=batch_size)
        assert ours[:, [0, 2]] == pytest.approx(keras[:, [0, 2]], rel=1e-4)
        assert ours[0, [0, 2]] == pytest.approx(keras[0, [0, 2]], rel=1e-5)
        assert ours[:, 1] == pytest.approx(keras[:, 1], abs=1.01 / len(train))
        assert ours[:, 3] == pytest.approx(keras[:, 3], abs=1.01 / len(test))


@pytest.mark.parametrize(
    "name",
    [
        *FIXED,
        "GlorotUniform",
        "GlorotNormal",
        "HeNormal",
        "HeUniform",
        "LecunNormal",
        "LecunUniform",
        "RandomNormal",
        "RandomUniform",
        "TruncatedNormal",
        "VarianceScaling",
        "Orthogonal",
    ],
)
def test_initial_weights_are_drawn_as_keras_draws_them(name):
    train, test, classes = rows_of("logistic")
    shape = {"rows": len(train), "test_rows": len(test), "features": 4, "classes": classes}
    ours = Program({"hidden": []}, {"class": "SGD"}, {"class": name}, **shape, lanes=800)
    kernel, *_ = tf.function(ours.start)(np.arange(800, dtype=np.int32), train, test)
    keras = [keras_objects.initializer({"class": name}, seed=seed)((4, 1)) for seed in range(200)]
    if name in FIXED:
        assert np.unique(kernel).tolist() == np.unique(keras).tolist()
    else:
        assert ks_2samp(np.ravel(kernel), np.ravel(keras)).pvalue > 0.001


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ({"class": "SGD", "clipnorm": 1.0}, "clipnorm of SGD takes a norm over all seeds"),
        ({"class": "Adam", "global_clipnorm": 1.0}, "global_clipnorm of Adam"),
        ({"class": "Lamb"}, "'Lamb' cannot train many seeds at once"),
        ({"class": "Sgd"}, "'Sgd' cannot train many seeds at once"),
        ({"class": "SGD", "momentun": 0.3}, "Keras refuses"),
    ],
)
def test_what_cannot_be_stacked_is_refused_by_name(definition, message):
    with pytest.raises(StudyError, match=message):
        keras_objects.optimizer(definition)


@pytest.mark.skipif("DATA_MIRROR" not in os.environ, reason="the genuine data need DATA_MIRROR")
def test_a_thousand_seeds_are_distributed_as_thirty_ordinary_fits(tmp_path):
    path = ROOT / os.environ["DATA_MIRROR"] / "data_banknote_authentication.txt"
    notes = np.loadtxt(path, delimiter=",")
    rows = np.column_stack([scale(notes[:, :4]), notes[:, 4]]).astype(np.float32)
    rows = rows[np.random.default_rng(42).permutation(len(rows))]
    train, test = rows[:960], rows[960:]
    engine = Engine(program(tmp_path, {"hidden": []}, {"class": "SGD"}, train, test, 2), train, test)
    reference = keras_fit.model({"hidden": []}, {"class": "SGD"}, features=4, classes=2, learning_rate=1.0)
    reference.steps_per_execution = 60  # an epoch's: the same steps, with one return to Python
    for learning_rate in (0.01, 0.05, 0.1, 0.5):
        ours = engine.train(1000, epochs=2, batch_size=16, learning_rate=learning_rate)[:, -1, 0]
        reference.optimizer.learning_rate = learning_rate
        keras = []
        for seed in range(30):
            kernel = np.asarray(keras_objects.initializer(GLOROT, seed=seed)((4, 1)))
            reference.set_weights([kernel, np.zeros(1)])
            keras.append(keras_fit.final_loss(reference, train, seed=seed, epochs=2, batch_size=16))
        assert ks_2samp(ours, keras).pvalue > 0.01, learning_rate


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: keras_objects.layers({"hidden": [4], "activation": "glu"}, 2),
            "networks: the activation 'glu' cannot",
        ),
        (
            lambda: keras_objects.layers({"hidden": [4], "activation": "threshold"}, 2),
            "networks: the activation 'thresh",
        ),
        (lambda: keras_objects.initializer({"class": "Initializer"}), "initializers: Initializer cannot be used here"),
        (lambda: keras_objects.initializer({"class": "STFT"}), "initializers: STFT cannot be used here"),
        (lambda: keras_objects.initializer({"class": "RandomUniform", "minval": "a"}), "initializers: RandomUniform"),
    ],
)
def test_what_keras_has_and_cannot_be_used_here_is_one_line(make, message):
    with pytest.raises(StudyError) as caught:
        make()
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_schedule_of_whole_numbers_is_one_of_numbers():
    made = {"class": "SGD", "schedule": {"class": "PiecewiseConstantDecay", "boundaries": [5], "values": [1, 2]}}
    assert float(keras_objects.schedule(made)(9)) == 2.0
