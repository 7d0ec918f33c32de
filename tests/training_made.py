"""A small table, its splits, and engines of any network on it, for the tests of training."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.preprocessing import scale

from lrstudy.data.prepared import Prepared
from lrstudy.data.splits import Splits, streams_of
from lrstudy.training.engine import Engine

GLOROT = {"class": "GlorotUniform"}
SGD = {"class": "SGD"}


def splits_of(kind: str = "each", classes: int = 2, fit_on: str = "all", features: int = 4) -> Splits:
    """Return the splits into 96 training and 40 test rows of a real table, scaled; `train` has gaps to fill."""
    table = load_breast_cancer() if classes == 2 else load_iris()
    rows = np.column_stack([scale(table.data[:, :features]), table.target]).astype(np.float32)
    rows = rows[np.random.default_rng(0).permutation(len(rows))[:136]]
    gaps = {1: np.arange(136) % 5 == 0} if fit_on == "train" else {}
    names = [f"feature {place}" for place in range(features)]
    labels = list(map(str, range(classes)))
    return Splits(Prepared(names, labels, rows, np.arange(136) < 96, fit_on, random_state=42, gaps=gaps), kind)


def engine_of(
    path: Path, network: dict, optimizer: dict = SGD, splits: Splits | None = None, batch_size: int = 25,
    initializer: dict = GLOROT, seeds: int = 40,
) -> Engine:  # fmt: skip
    """Return an engine with a program compiled at `path`."""
    from lrstudy.training.program import Program

    splits = splits or splits_of()
    program = Program(network, optimizer, initializer, **splits.shape, batch_size=batch_size)
    program.save(path, seeds, streams_of(splits.random_state))
    return Engine(path, splits)


def dense(units: int, **more) -> dict:
    """Return the definition of a dense layer."""
    return {"class": "Dense", "units": units, "activation": "relu", **more}


OWN = '''
import keras

from parts import Mixed


def model(features, outputs, activation):
    """A residual functional model with attention."""
    inputs = keras.Input((features,))
    mixed = Mixed()(inputs)
    pairs = keras.layers.Reshape((3, 2))(mixed)
    attended = keras.layers.Flatten()(keras.layers.MultiHeadAttention(2, 2)(pairs, pairs))
    hidden = keras.layers.Add()([mixed, attended])
    return keras.Model(inputs, keras.layers.Dense(outputs, activation=activation)(hidden))
'''
PARTS = '''
import keras


class Mixed(keras.layers.Layer):
    """A layer whose weights no initializer among its attributes draws."""

    def build(self, shape):
        self.mix = self.add_weight(shape=(shape[-1], 6), initializer="glorot_uniform")

    def call(self, features):
        return keras.ops.tanh(keras.ops.matmul(features, self.mix))
'''


def own_network(folder: Path) -> dict:
    """Return the definition of a network of the user's own, whose file imports another beside it."""
    (folder / "mine.py").write_text(OWN)
    (folder / "parts.py").write_text(PARTS)
    return {"name": "mine", "file": str(folder / "mine.py")}
