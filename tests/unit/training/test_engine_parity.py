"""The engine's histories are those of Keras's own `fit` on TensorFlow, from the same weights in the same order."""

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sklearn.preprocessing import scale

from fits import fitted
from lrstudy.data.prepared import Prepared
from lrstudy.data.splits import Splits
from training_made import GLOROT, SGD, dense, engine_of, own_network, splits_of

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
SEED = 7
WARM = {"class": "CosineDecay", "initial_learning_rate": 0, "warmup_target": 1.0, "warmup_epochs": 1, "decay_epochs": 5}
STEPWISE = {"class": "PiecewiseConstantDecay", "boundaries": [10, 30], "values": [1, 0.5, 0.1]}
HALVED = {"class": "ExponentialDecay", "decay_steps": 10, "decay_rate": 0.5}

LOGISTIC, TANH = {"hidden": []}, {"hidden": [8, 4], "activation": "tanh"}
PIXELS = {"class": "Reshape", "target_shape": [2, 2, 1]}
NETWORKS = {
    "normalised": [
        dense(8),
        {"class": "BatchNormalization", "momentum": 0.9},
        dense(4),
        {"class": "LayerNormalization"},
    ],
    "penalised": [dense(8, kernel_regularizer={"class": "L1", "l1": 0.01}, kernel_constraint={"class": "MaxNorm"})],
    "orthogonal": [dense(8, kernel_initializer={"class": "Orthogonal"}), {"class": "GroupNormalization", "groups": 2}],
    "recurrent": [{"class": "Reshape", "target_shape": [4, 1]}, {"class": "LSTM", "units": 3}],
    "separable": [PIXELS, {"class": "SeparableConv2D", "filters": 4, "kernel_size": 2}, {"class": "Flatten"}],
}
OPTIMIZERS = {
    **{name: {"class": name} for name in ("Adafactor", "Adagrad", "Adam", "Lamb", "Lion", "Muon", "Nadam", "RMSprop")},
    "nesterov": {"class": "SGD", "momentum": 0.3, "nesterov": True},
    "decayed": {"class": "AdamW", "weight_decay": 0.01},
    "clipped": {"class": "SGD", "clipnorm": 0.05},
    "clipped together": {"class": "SGD", "global_clipnorm": 0.05},
    "averaged": {"class": "SGD", "use_ema": True, "ema_momentum": 0.9},
    "averaged often": {"class": "Adam", "use_ema": True, "ema_overwrite_frequency": 7},
    "scaled": {"class": "LossScaleOptimizer", "inner_optimizer": SGD, "dynamic_growth_steps": 5},
    "accumulated": {"class": "SGD", "gradient_accumulation_steps": 4, "schedule": HALVED},
    "warm": {"class": "SGD", "schedule": WARM},
    "stepwise": {"class": "SGD", "schedule": STEPWISE},
}
# In turn with the others, so that each is met by several networks and optimizers.
INITIALIZERS = [
    GLOROT,
    {"class": "HeNormal"},
    {"class": "LecunUniform"},
    {"class": "RandomNormal", "stddev": 0.5},
    {"class": "Orthogonal"},
    {"class": "TruncatedNormal", "stddev": 0.3},
    {"class": "VarianceScaling", "mode": "fan_avg", "distribution": "uniform"},
]
# The learning rate but for some. At 0.3 two normalisations in a row make a thousandth of the last digits by epoch 6.
RATE = 0.3
RATES = {
    "normalised": 0.05,
    "a hundred": 100.0,
    "a hundred of three": 100.0,
    "Lion": 0.01,
    "Muon": 0.05,
    "Lamb": 0.05,
    "Adam": 0.05,
    "Nadam": 0.05,
    "averaged often": 0.05,
}


def cases(folder: Path) -> dict[str, tuple[dict, dict, Splits]]:
    """Return networks, optimizers and splits by name: optimizers on one network, networks with one optimizer."""
    two, three = splits_of(), splits_of(classes=3)
    found = {name: (LOGISTIC, optimizer, two) for name, optimizer in OPTIMIZERS.items()}
    found |= {name: ({"layers": layers}, SGD, two) for name, layers in NETWORKS.items()}
    found["one split"] = (TANH, SGD, splits_of("one"))
    found["gaps"] = (TANH, {"class": "Adam"}, splits_of(fit_on="train"))
    found["muon on matrices"] = (TANH, {"class": "Muon"}, three)
    found["softmax"] = (LOGISTIC, {"class": "AdamW"}, three)
    # Many rows are sure mistakes here, with probabilities below 1e-7: loss and gradient are those of the logits.
    found["a hundred"] = (LOGISTIC, SGD, two)
    found["a hundred of three"] = (LOGISTIC, SGD, three)
    found["own"] = (own_network(folder), SGD, two)
    return found


def initializer_of(name: str) -> dict:
    """Return the initializer of a case."""
    return INITIALIZERS[NAMES.index(name) % len(INITIALIZERS)]


def compared(folder: Path, names: list[str]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return the engine's and Keras's history of one seed, (epochs + 1, 4) each, by the names of cases."""
    ours, asked, known = {}, [], cases(folder)
    for name in names:
        network, optimizer, splits = known[name]
        path = folder / f"{name}.zip"
        rate, initializer = RATES.get(name, RATE), initializer_of(name)
        engine = engine_of(path, network, optimizer, splits, initializer=initializer)
        ours[name] = engine.train(SEED + 1, epochs=6, learning_rate=rate)[SEED]
        definitions = {"network": network, "optimizer": optimizer, "initializer": initializer}
        numbers = {"epochs": 6, "batch_size": 25, "learning_rate": rate}
        asked.append({"program": path, "splits": splits, "definitions": definitions, "seeds": [SEED], **numbers})
    return {name: (ours[name], found[0]) for name, found in zip(names, fitted(asked), strict=True)}


LARGE = ["a hundred", "a hundred of three"]
NAMES = [*OPTIMIZERS, *NETWORKS, "one split", "gaps", "muon on matrices", "softmax", *LARGE, "own"]
OFTEN = ["Adam", "averaged", "normalised", *LARGE, "own"]
SELDOM = [pytest.param(NAMES[part::3], marks=pytest.mark.faults) for part in range(3)]


@pytest.mark.parametrize("names", [OFTEN, *SELDOM], ids=["some", "a third", "another", "the rest"])
def test_each_history_is_keras_own(tmp_path, names):
    """The seed's weights, orders and split, given to Keras, make the seed's history; the last batch is smaller."""
    for name, (ours, theirs) in compared(tmp_path, names).items():
        assert ours[:, [0, 2]] == pytest.approx(theirs[:, [0, 2]], rel=1e-4), name
        assert ours[1, [0, 2]] == pytest.approx(theirs[1, [0, 2]], rel=2e-5), name
        assert ours[:, 1] == pytest.approx(theirs[:, 1], abs=1.01 / 96), name
        assert ours[:, 3] == pytest.approx(theirs[:, 3], abs=1.01 / 40), name


@pytest.mark.faults
def test_with_dropout_24_fits_are_distributed_as_400_seeds(tmp_path):
    """The masks differ between JAX and TensorFlow; their effect must not."""
    splits = splits_of("one")
    network = {"layers": [dense(16), {"class": "Dropout", "rate": 0.5}]}
    engine = engine_of(tmp_path / "program.zip", network, splits=splits)
    assert engine.random
    numbers = {"epochs": 3, "learning_rate": 0.1}
    definitions = {"network": network, "optimizer": SGD, "initializer": GLOROT}
    case = {"program": tmp_path / "program.zip", "splits": splits, "definitions": definitions, "batch_size": 25}
    (theirs,) = fitted([{**case, "seeds": range(24), **numbers}])
    ours = engine.train(400, **numbers)
    for place in (0, 2):
        assert ks_2samp(ours[:, -1, place], theirs[:, -1, place]).pvalue > 0.01
    assert not np.allclose(ours[:24, -1, 0], theirs[:, -1, 0], rtol=1e-3)


@pytest.mark.faults
def test_callbacks_end_a_training_and_what_follows_is_its_last_state(tmp_path):
    splits = splits_of("one")
    definitions = {"network": TANH, "optimizer": SGD, "initializer": GLOROT}
    engine_of(tmp_path / "program.zip", TANH, splits=splits)
    case = {"program": tmp_path / "program.zip", "splits": splits, "definitions": definitions, "batch_size": 25}
    stop = {
        "class": "EarlyStopping",
        "monitor": "val_loss",
        "patience": 0,
        "min_delta": 0.05,
        "restore_best_weights": True,
    }
    case |= {"seeds": [SEED], "epochs": 8, "learning_rate": 0.1}
    whole, ended = (found[0] for found in fitted([{**case}, {**case, "callbacks": [stop]}]))
    last = next(epoch for epoch in range(1, 9) if (ended[epoch:] == ended[-1]).all())
    assert 1 < last < 8
    assert ended[: last - 1] == pytest.approx(whole[: last - 1])
    assert np.abs(whole[1:last, 2] / ended[-1, 2] - 1).min() < 1e-5  # the best weights before it stopped


@pytest.mark.faults
@pytest.mark.skipif("DATA_MIRROR" not in os.environ, reason="the genuine data need DATA_MIRROR")
def test_on_the_banknotes_20_fits_are_distributed_as_a_thousand_seeds(tmp_path):
    """On one split, whose orders and weights are other seeds' than ours."""
    path = ROOT / os.environ["DATA_MIRROR"] / "data_banknote_authentication.txt"
    notes = np.loadtxt(path, delimiter=",")
    rows = np.column_stack([scale(notes[:, :4]), notes[:, 4]]).astype(np.float32)
    rows = rows[np.random.default_rng(42).permutation(len(rows))]
    splits = Splits(Prepared(list("abcd"), ["0", "1"], rows, np.arange(len(rows)) < 960), "one")
    engine = engine_of(tmp_path / "program.zip", LOGISTIC, splits=splits, batch_size=16)
    case = {"program": tmp_path / "program.zip", "splits": splits, "batch_size": 16, "seeds": range(5000, 5020)}
    case["definitions"] = {"network": LOGISTIC, "optimizer": SGD, "initializer": GLOROT}
    rates = (0.01, 0.5)
    for rate, theirs in zip(
        rates, fitted([{**case, "epochs": 2, "learning_rate": rate} for rate in rates]), strict=True
    ):
        ours = engine.train(1000, epochs=2, learning_rate=rate)
        assert ks_2samp(ours[:, -1, 0], theirs[:, -1, 0]).pvalue > 0.01, rate
