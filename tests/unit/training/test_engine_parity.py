"""The engine's histories are those of Keras's own `fit`, fed with the same weights and the same order of rows."""

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from lrstudy.data.prepared import Prepared
from lrstudy.data.splits import Splits
from lrstudy.errors import StudyError
from lrstudy.training import keras_fit, keras_objects, xla
from lrstudy.training.engine import Block, Engine
from lrstudy.training.keras_import import tf
from lrstudy.training.program import Program

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
SEED = 7
GLOROT = {"class": "GlorotUniform"}
WARM = {"decay_steps": 40, "warmup_target": 1.0, "warmup_steps": 10}

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
    "cosine": {"class": "SGD", "schedule": {"class": "CosineDecay", "initial_learning_rate": 0.1, **WARM}},
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


def splits_of(network: str, kind: str, fit_on: str = "all") -> Splits:
    """Return the splits into 96 training and 40 test rows of a small real table, scaled; `train` has gaps to fill."""
    table = load_iris() if network == "softmax" else load_breast_cancer()
    rows = np.column_stack([scale(table.data[:, :4]), table.target]).astype(np.float32)
    rows = rows[np.random.default_rng(0).permutation(len(rows))[:136]]
    classes = list("012" if network == "softmax" else "01")
    gaps = {1: np.arange(136) % 5 == 0} if fit_on == "train" else {}
    return Splits(Prepared(list("abcd"), classes, rows, np.arange(136) < 96, fit_on, gaps=gaps), kind)


def engine_of(folder: Path, network: dict, optimizer: dict, splits: Splits) -> Engine:
    """Return an engine with a program of 16 lanes."""
    Program(network, optimizer, GLOROT, **splits.shape, lanes=16).save(folder / "program.zip")
    return Engine(folder / "program.zip", splits)


def seen_by_keras(engine: Engine, seed: int) -> tuple:
    """Return initial weights, orders of training rows, training rows and test rows of a seed, as Keras takes them.

    With `fit_on: train` the rows are filled and scaled by scikit-learn, fitted on the seed's training rows.
    """
    block = Block(engine, *[np.array([seed])] * 3)
    weights = [xla.to_host(weight)[..., 0] for weight in block.values[: engine.weights]]
    train_rows, test_rows = (rows[0] for rows in engine.splits.of(np.array([seed])))
    orders = (np.searchsorted(train_rows, order[:, 0]) for order in block.orders())
    train, test = engine.splits.table[train_rows], engine.splits.table[test_rows]
    if engine.rescaled:
        scaler = make_pipeline(SimpleImputer(strategy="median"), StandardScaler()).fit(train[:, :-1])
        train, test = (np.column_stack([scaler.transform(rows[:, :-1]), rows[:, -1]]) for rows in (train, test))
    return weights, orders, train, test


FIXED = ("Zeros", "Ones", "Constant")
# Every optimizer on the logistic network, and some on the others: an optimizer takes each weight by itself.
ON = {
    "logistic": list(OPTIMIZERS),
    "mlp": ["sgd", "nesterov", "adam", "accumulated"],
    "softmax": ["sgd", "adamw", "adagrad", "nadam"],
}
CASES = [(name, network) for network, names in ON.items() for name in names]
KINDS = {"momentum": ("one", "all"), "nesterov": ("each", "train")}  # of all others: a split each, scaled on all rows


@pytest.mark.parametrize(("optimizer", "network"), CASES)
def test_each_history_is_keras_own(tmp_path, optimizer, network):
    """The seed's weights, orders and split, given to Keras, make the seed's history."""
    splits = splits_of(network, *KINDS.get(optimizer, ("each", "all")))
    definition = OPTIMIZERS[optimizer]
    engine = engine_of(tmp_path, NETWORKS[network], definition, splits)
    for batch_size, learning_rate in zip((32, 25), RATES.get(definition["class"], OTHERS), strict=True):
        ours = engine.train(16, epochs=10, batch_size=batch_size, learning_rate=learning_rate)[SEED, 1:]
        reference = keras_fit.model(
            NETWORKS[network], definition, features=4, classes=splits.classes, learning_rate=learning_rate
        )
        weights, orders, train, test = seen_by_keras(engine, SEED)
        reference.set_weights(weights)
        keras = keras_fit.fit_in_order(reference, orders, train, test, epochs=10, batch_size=batch_size)
        assert ours[:, [0, 2]] == pytest.approx(keras[:, [0, 2]], rel=1e-4)
        assert ours[0, [0, 2]] == pytest.approx(keras[0, [0, 2]], rel=1e-5)
        assert ours[:, 1] == pytest.approx(keras[:, 1], abs=1.01 / len(train))
        assert ours[:, 3] == pytest.approx(keras[:, 3], abs=1.01 / len(test))


DRAWN = ("GlorotUniform", "GlorotNormal", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform", "RandomNormal")
DRAWN += ("RandomUniform", "TruncatedNormal", "VarianceScaling", "Orthogonal")


@pytest.mark.parametrize("name", FIXED + DRAWN)
def test_initial_weights_are_drawn_as_keras_draws_them(name):
    splits, seeds = splits_of("logistic", "one"), np.arange(800, dtype=np.int32)
    ours = Program({"hidden": []}, {"class": "SGD"}, {"class": name}, **splits.shape, lanes=800)
    rows = np.zeros((96, 800), np.int32)
    kernel, *_ = tf.function(ours.start)(seeds, splits.weight_stream, splits.table, rows, rows[:40])
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


@pytest.mark.faults
@pytest.mark.skipif("DATA_MIRROR" not in os.environ, reason="the genuine data need DATA_MIRROR")
def test_a_thousand_seeds_are_distributed_as_thirty_ordinary_fits(tmp_path):
    path = ROOT / os.environ["DATA_MIRROR"] / "data_banknote_authentication.txt"
    notes = np.loadtxt(path, delimiter=",")
    rows = np.column_stack([scale(notes[:, :4]), notes[:, 4]]).astype(np.float32)
    rows = rows[np.random.default_rng(42).permutation(len(rows))]
    splits = Splits(Prepared(list("abcd"), ["0", "1"], rows, np.arange(len(rows)) < 960), "one")
    engine = engine_of(tmp_path, {"hidden": []}, {"class": "SGD"}, splits)
    reference = keras_fit.model({"hidden": []}, {"class": "SGD"}, features=4, classes=2, learning_rate=1.0)
    reference.steps_per_execution = 60  # an epoch's: the same steps, with one return to Python
    for learning_rate in (0.01, 0.05, 0.1, 0.5):
        ours = engine.train(1000, epochs=2, batch_size=16, learning_rate=learning_rate)[:, -1, 0]
        reference.optimizer.learning_rate = learning_rate
        keras = []
        for seed in range(30):
            kernel = np.asarray(keras_objects.initializer(GLOROT, seed=seed)((4, 1)))
            reference.set_weights([kernel, np.zeros(1)])
            keras.append(keras_fit.final_loss(reference, rows[:960], seed=seed, epochs=2, batch_size=16))
        assert ks_2samp(ours, keras).pvalue > 0.01, learning_rate


@pytest.mark.parametrize(
    ("make", "definition", "message"),
    [
        ("layers", {"hidden": [4], "activation": "glu"}, "networks: the activation 'glu' cannot"),
        ("layers", {"hidden": [4], "activation": "threshold"}, "networks: the activation 'thresh"),
        ("initializer", {"class": "Initializer"}, "initializers: Initializer cannot be used here"),
        ("initializer", {"class": "STFT"}, "initializers: STFT cannot be used here"),
        ("initializer", {"class": "RandomUniform", "minval": "a"}, "initializers: RandomUniform"),
    ],
)
def test_what_keras_has_and_cannot_be_used_here_is_one_line(make, definition, message):
    with pytest.raises(StudyError) as caught:
        getattr(keras_objects, make)(definition, *([2] if make == "layers" else []))
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_schedule_of_whole_numbers_is_one_of_numbers():
    made = {"class": "SGD", "schedule": {"class": "PiecewiseConstantDecay", "boundaries": [5], "values": [1, 2]}}
    assert float(keras_objects.schedule(made)(9)) == 2.0
