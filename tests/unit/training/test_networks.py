"""Networks of the config as Keras models: what trains, and what ends in one line."""

import re

import numpy as np
import pytest

from lrstudy.errors import StudyError
from lrstudy.training import networks
from training_made import GLOROT, dense, engine_of, splits_of

PIXELS = {"class": "Reshape", "target_shape": [2, 2, 1]}
FLAT = {"class": "Flatten"}
TRAINED = {
    "noise": [dense(16), {"class": "GaussianNoise", "stddev": 0.1}, {"class": "AlphaDropout", "rate": 0.1}],
    "images": [
        PIXELS,
        {"class": "RandomFlip", "mode": "horizontal"},
        {"class": "Conv2D", "filters": 8, "kernel_size": 2},
        FLAT,
    ],
    "spectral": [{"class": "SpectralNormalization", "layer": dense(16)}, {"class": "PReLU"}],
    "both ways": [
        {"class": "Reshape", "target_shape": [4, 1]},
        {"class": "Bidirectional", "layer": {"class": "SimpleRNN", "units": 3}},
        {"class": "UnitNormalization"},
    ],
    "depth": [
        PIXELS,
        {"class": "DepthwiseConv2D", "kernel_size": 2, "depth_multiplier": 6, "activation": "relu"},
        FLAT,
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINED)
def test_layers_that_no_example_names_learn(tmp_path, name):
    engine = engine_of(tmp_path / "program.zip", {"layers": TRAINED[name]}, {"class": "Adam"})
    history = engine.train(10, epochs=20, learning_rate=0.02)
    assert np.isfinite(history).all()
    assert np.median(history[:, -1, 2]) < 0.7 * np.median(history[:, 0, 2])
    assert engine.train(3, epochs=20, learning_rate=0.02).tobytes() == history[:3].tobytes()


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["Adadelta", "Adamax", "Ftrl", "ScheduleFreeAdamW"])
def test_optimizers_that_no_example_names_learn(tmp_path, optimizer):
    """ScheduleFreeAdamW begins with copies of the weights; Keras on TensorFlow follows another formula than on JAX."""
    engine = engine_of(tmp_path / "program.zip", {"hidden": [4]}, {"class": optimizer})
    history = engine.train(10, epochs=20, learning_rate=1.0 if optimizer == "Adadelta" else 0.05)
    assert np.median(history[:, -1, 2]) < 0.8 * np.median(history[:, 0, 2])


def refused(network: dict, features: int = 4, classes: int = 2) -> str:
    with pytest.raises(StudyError) as caught:
        networks.model({"name": "mine", **network}, GLOROT, features=features, classes=classes)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (
            [{"class": "Reshape", "target_shape": [3, 3]}],
            r"networks\.mine\.layers\[0\]: Reshape on \(4,\): Keras refuses .*size",
        ),
        (
            [PIXELS, {"class": "Conv2D", "filters": 2, "kernel_size": 5}],
            r"networks\.mine\.layers\[1\]: Conv2D on \(2, 2, 1\)",
        ),
        ([{"class": "LSTM", "units": 2}], r"networks\.mine\.layers\[0\]: LSTM on \(4,\): Keras refuses"),
        ([PIXELS], r"end in an output of shape \(2, 2, 1\); write \{class: Flatten\} as the last one"),
        ([{"class": "Dense", "units": 2, "bias_initializer": {"class": "Orthogonal"}}], r"layers\[0\]: Dense"),
    ],
)
def test_layers_that_do_not_fit_are_named(layers, message):
    assert re.search(message, refused({"layers": layers}))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "return keras.Sequential([keras.Input((features,)), keras.layers.Dense(3)])",
            r"shape \(2, 3\).*should be \(2, 1\)",
        ),
        ("return keras.Sequential([keras.Input((9,)), keras.layers.Dense(outputs)])", "4 features: Keras refuses"),
        (
            "return keras.Sequential([keras.Input((features,)), keras.layers.Dense(outputs)])",
            r"should be probabilities, and of one row they are -?\d.*; give the last layer activation='sigmoid'",
        ),
        ("return 3", "model() returned int; it should return a Keras model"),
        ("raise ValueError('no such thing')", "model(4, 1, 'sigmoid'): ValueError: no such thing"),
        ("return undefined", "NameError: name 'undefined' is not defined"),
    ],
)
def test_a_model_of_ones_own_that_does_not_fit_is_named(tmp_path, body, message):
    file = tmp_path / "mine.py"
    file.write_text(f"import keras\n\n\ndef model(features, outputs, activation):\n    {body}\n")
    said = refused({"file": str(file)})
    assert said.startswith("networks.mine")
    assert re.search(message, said) or message in said


def test_what_lies_beside_a_file_may_be_imported_as_the_model_is_made(tmp_path):
    (tmp_path / "beside_mine.py").write_text("UNITS = 7\n")
    (tmp_path / "mine.py").write_text(
        "import keras\n\n\ndef model(features, outputs, activation):\n    from beside_mine import UNITS\n\n"
        "    layers = [keras.layers.Dense(UNITS), keras.layers.Dense(outputs, activation=activation)]\n"
        "    return keras.Sequential([keras.Input((features,)), *layers])\n"
    )
    made = networks.model({"file": str(tmp_path / "mine.py")}, GLOROT, features=4, classes=2)
    assert made.layers[0].units == 7


OWN = """import keras


def model(features, outputs, activation):
    inputs = keras.Input((features,))
    {body}
"""


@pytest.mark.parametrize(
    ("body", "given"),
    [
        ("return keras.Model(inputs, keras.layers.Dense(outputs, activation=activation)(inputs))", True),
        ("return keras.Model(inputs, keras.layers.Activation(activation)(keras.layers.Dense(outputs)(inputs)))", True),
        ("return keras.Model(inputs, keras.layers.Dense(outputs, activation='sigmoid')(inputs))", False),
        (
            "each = [keras.layers.Dense(outputs, activation=activation)(inputs) for _ in range(2)]\n"
            "    return keras.Model(inputs, keras.layers.Average()(each))",
            False,
        ),
        (  # at zero the mean of two probabilities is the probability of the mean
            "each = [keras.layers.Dense(outputs, activation=activation, kernel_initializer='zeros')(inputs) "
            "for _ in range(2)]\n    return keras.Model(inputs, keras.layers.Average()(each))",
            False,
        ),
        (
            "made = keras.Model(inputs, keras.layers.Dense(outputs, activation='sigmoid')(inputs))\n"
            "    return {'sigmoid': made}[activation]",
            False,
        ),
    ],
)
def test_an_own_model_gives_logits_where_its_last_activation_is_the_one_handed(tmp_path, body, given):
    (tmp_path / "mine.py").write_text(OWN.format(body=body))
    network = {"name": "mine", "file": str(tmp_path / "mine.py")}
    assert networks.gives_logits(network, GLOROT, features=4, classes=2) == given
    history = engine_of(tmp_path / "program.zip", network).train(2, epochs=10, learning_rate=0.3)
    assert (history[:, -1, 0] < 0.8 * history[:, 0, 0]).all()


def test_a_file_that_does_not_run_is_named(tmp_path):
    (tmp_path / "mine.py").write_text("import nothing_of_this_name\n")
    assert "mine.py: ModuleNotFoundError: No module named 'nothing_of_this_name'" in refused(
        {"file": str(tmp_path / "mine.py")}
    )


def test_the_output_follows_from_the_classes():
    assert networks.output_of(2) == (1, "sigmoid")
    made = networks.model({"hidden": [5]}, GLOROT, features=4, classes=3)
    assert made.output_shape == (None, 3)
    assert splits_of(classes=3).shape["classes"] == 3
