"""Slips in the config: what is written, and the line that says so before any job; or what it is taken for."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from lrstudy.config import definitions, reading, settings
from lrstudy.errors import StudyError
from lrstudy.statistics.grids import extended

ROOT = Path(__file__).resolve().parents[3]
CONFIG = reading.read_mapping(ROOT / "config/config.yaml")


def schema(name: str) -> dict:
    """Return one of the project's schemas."""
    return yaml.safe_load((ROOT / f"workflow/schemas/{name}.schema.yaml").read_text())


def loaded(section: str, definition: str) -> dict:
    """Return a definition, written as YAML, as the config's checks leave it."""
    config = copy.deepcopy(CONFIG)
    config[section]["mine"] = yaml.safe_load(definition)
    return settings.load_config(config, schema("config"))[section]["mine"]


STEPS = "{class: PiecewiseConstantDecay, boundaries: %s, values: %s}"

# The section, what is written under the name `mine`, and what is said after `config/config.yaml: SECTION.mine`.
KERAS = [
    ("optimizers", "{class: SDG}", ".class: Keras has no 'SDG' among its optimizers; did you mean 'SGD'?"),
    ("optimizers", "{class: sgd}", ".class: Keras has no 'sgd' among its optimizers; "),
    ("optimizers", "{class: MultiOptimizer}", ".class: Keras has no 'MultiOptimizer' among its optimizers; "),
    ("optimizers", "{class: LossScaleOptimizer, inner_optimizer: {class: SDG}}",
     ".inner_optimizer.class: Keras has no 'SDG' among its optimizers; did you mean 'SGD'?"),
    ("optimizers", "{class: SGD, momentum: 2.0}", ".momentum: 2.0 should be a number of at least 0 and less than 1"),
    ("optimizers", "{class: SGD, momentum: 1}", ".momentum: 1 should be a number of at least 0 and less than 1"),
    ("optimizers", "{class: SGD, momentum: -0.1}", ".momentum: -0.1 should be"),
    ("optimizers", "{class: SGD, momentum: fast}", ".momentum: 'fast' is text; it should be a number of at least 0 an"),
    ("optimizers", "{class: SGD, momentum: [0.9]}", ".momentum: [0.9] is a list; it should be a number"),
    ("optimizers", "{class: SGD, momentum: null}", ".momentum: None is empty; it should be a number"),
    ("optimizers", "{class: SGD, momentun: 0.9}", ".momentun: SGD has no such argument; did you mean 'momentum'?"),
    ("optimizers", "{class: SGD, null: 1}", ".None: SGD has no such argument; known are: "),
    ("optimizers", '{class: SGD, "a\\nb": 1}', ".'a\\nb': SGD has no such argument; known are: "),
    ("optimizers", "{class: SGD, beta_1: 0.9}", ".beta_1: SGD has no such argument; known are: "),
    ("optimizers", "{class: SGD, nesterov: 1}", ".nesterov: 1 should be true or false"),
    ("optimizers", "{class: SGD, nesterov: yess}", ".nesterov: 'yess' is text; it should be true or false"),
    ("optimizers", "{class: Adam, beta_1: 2.0}", ".beta_1: 2.0 should be a number of at least 0 and less than 1"),
    ("optimizers", "{class: Adam, beta_2: 1.0}", ".beta_2: 1.0 should be a number of at least 0 and less than 1"),
    ("optimizers", "{class: Adam, epsilon: -1.0}", ".epsilon: -1.0 should be a number greater than 0, for example 0.0"),
    ("optimizers", "{class: Adam, epsilon: 0}", ".epsilon: 0 should be a number greater than 0"),
    ("optimizers", "{class: Adam, epsilon: 1e-7}", ".epsilon: '1e-7' is text to YAML; write 0.0000001"),
    ("optimizers", "{class: RMSprop, rho: 1.5}", ".rho: 1.5 should be a number of at least 0 and less than 1"),
    ("optimizers", "{class: AdamW, weight_decay: -0.1}", ".weight_decay: -0.1 should be a number of at least 0"),
    ("optimizers", "{class: SGD, clipvalue: 0}", ".clipvalue: 0 should be a number greater than 0"),
    ("optimizers", "{class: SGD, clipnorm: 0}", ".clipnorm: 0 should be a number greater than 0"),
    ("optimizers", "{class: SGD, use_ema: true, ema_momentum: 2}", ".ema_momentum: 2 should be a number from 0 to 1"),
    ("optimizers", "{class: SGD, ema_overwrite_frequency: 0}", ".ema_overwrite_frequency: 0 should be a whole number"),
    ("optimizers", "{class: SGD, gradient_accumulation_steps: 2.5}", ".gradient_accumulation_steps: 2.5 should be a w"),
    ("optimizers", "{class: SGD, gradient_accumulation_steps: 1}", ".gradient_accumulation_steps: 1 should be a whole"),
    ("optimizers", "{class: Adagrad, initial_accumulator_value: -1}", ".initial_accumulator_value: -1 should be"),
    ("optimizers", "{class: Ftrl, learning_rate_power: 0.5}", ".learning_rate_power: 0.5 should be a number of at mos"),
    ("optimizers", "{class: SGD, schedule: {class: ExponentialDecay, decay_steps: 10}}",
     ".schedule: ExponentialDecay needs the key 'decay_rate', which is missing"),
    ("optimizers", "{class: SGD, schedule: {class: CosineDecay}}", ".schedule: CosineDecay needs the key 'decay_steps"),
    ("optimizers", "{class: SGD, schedule: {class: CosinDecay, decay_steps: 9}}",
     ".schedule.class: Keras has no 'CosinDecay' among its schedules; did you mean 'CosineDecay'?"),
    ("optimizers", "{class: SGD, schedule: {class: CosineDecay, decay_steps: 0}}", ".schedule.decay_steps: 0 should b"),
    ("optimizers", "{class: SGD, schedule: {class: CosineDecay, decay_steps: 9, alfa: 1}}",
     ".schedule.alfa: CosineDecay has no such argument; did you mean 'alpha'?"),
    ("optimizers", "{class: SGD, schedule: {class: CosineDecay, decay_steps: 9, alpha: 7}}", ".schedule.alpha: 7 shou"),
    ("optimizers", "{class: SGD, schedule: %s}" % (STEPS % ("[20, 10]", "[1, 0.5, 0.1]")),
     ".schedule.boundaries: [20, 10] should ascend; write [10, 20]"),
    ("optimizers", "{class: SGD, schedule: %s}" % (STEPS % ("[10, 20]", "[1, 0.5]")),
     ".schedule.values: 2 values for 2 boundaries; write one more than boundaries"),
    ("optimizers", "{class: SGD, schedule: %s}" % (STEPS % ("10", "[1, 0.5]")),
     ".schedule.boundaries: 10 should be a list of numbers"),
    ("optimizers", "{class: SGD, schedule: %s}" % (STEPS % ("[1.5]", "[1, 0.5]")), ".schedule.boundaries: [1.5] shoul"),
    ("optimizers", "{class: SGD, schedule: %s}" % (STEPS % ("[5]", "[1, -0.5]")), ".schedule.values: -0.5 should be a"),
    ("optimizers", "{class: SGD, schedule: {class: CosineDecay, decay_steps: 9, decay_epochs: 2}}",
     ".schedule.decay_epochs: decay_steps says the same in steps; keep one of the two"),
    ("optimizers", "{class: SGD, schedule: {class: CosineDecay, decay_epochs: 0}}",
     ".schedule.decay_epochs: 0 should be a number of epochs greater than 0"),
    ("optimizers", "{class: SGD, schedule: {class: CosineDecay, decay_steps: 9, initial_learning_rate: 0}}",
     ".schedule.initial_learning_rate: 0 without a warmup_target never trains; write one, or 1"),
    ("networks", "{layers: [{class: Dropout, rate: 1.5}]}", ".layers[0].rate: 1.5 should be a number of at least 0 an"),
    ("networks", "{layers: [{class: Dens, units: 3}]}", ".layers[0].class: Keras has no 'Dens' among its layers; did"),
    ("networks", "{layers: [{class: Dense, units: '3'}]}", ".layers[0].units: '3' is text to YAML; write 3"),
    ("networks", "{layers: [{class: Dense, unit: 3}]}", ".layers[0].unit: Dense has no such argument; did you mean 'u"),
    ("networks", "{layers: [{class: Flatten}, {class: Dense}]}", ".layers[1]: Dense needs the key 'units', which is m"),
    ("networks", "{layers: [{class: Dense, units: 2, activation: rele}]}", ".layers[0].activation: Keras has no act"),
    ("networks", "{layers: [{class: Dense, units: 2, kernel_regularizer: {class: L2, l2: -1}}]}",
     ".layers[0].kernel_regularizer.l2: -1 should be a number of at least 0"),
    ("networks", "{layers: [{class: Dense, units: 2, kernel_constraint: MaxNrom}]}",
     ".layers[0].kernel_constraint: Keras has no 'MaxNrom' among its constraints; did you mean 'MaxNorm'?"),
    ("networks", "{layers: [{class: Bidirectional, layer: {class: LSTM, units: 0}}]}",
     ".layers[0].layer.units: 0 should be a whole number of at least 1"),
    ("networks", "{layers: [{class: Conv2D, filters: 2, kernel_size: [3, 0]}]}", ".layers[0].kernel_size: [3, 0] sho"),
    ("networks", "{layers: [{class: Conv2D, filters: 2, kernel_size: 3, padding: sam}]}", ".layers[0].padding: 'sam' "),
    ("networks", "{layers: [Dense]}", ".layers.0: 'Dense' is text; it should be a mapping"),
    ("networks", "{hidden: [2], layers: [{class: Flatten}]}", ": hidden and layers says what the network is; give one"),
    ("networks", "{activation: relu}", ": nothing says what the network is; give one of hidden, layers, file"),
    ("networks", "{file: 'models/{x}.py'}", ".file: 'models/{x}.py' has a brace, which Snakemake would take for a"),
    ("networks", "{file: models/none.py}", ".file: there is no file models/none.py; a path starts in the folder that"),
    ("networks", "{file: config/config.yaml}", ".file: config/config.yaml, line "),
    ("networks", "{hidden: [8], activation: relo}", ".activation: Keras has no activation 'relo' for a layer; did you"),
    ("networks", "{hidden: [8], activation: glu}", ".activation: Keras has no activation 'glu' for a layer; "),
    ("initializers", "{class: HeNormall}", ".class: Keras has no 'HeNormall' among its initializers; did you mean 'He"),
    ("initializers", "{class: RandomNormal, stddev: -1}", ".stddev: -1 should be a number of at least 0, for example"),
    ("initializers", "{class: RandomNormal, std: 1}", ".std: RandomNormal has no such argument; "),
    ("initializers", "{class: RandomUniform, minval: 1, maxval: 0}", ".minval: 1 is more than maxval, 0"),
    ("initializers", "{class: VarianceScaling, mode: fan_inn}", ".mode: 'fan_inn' is text; it should be one of fan_in"),
    ("initializers", "{class: VarianceScaling, scale: 0}", ".scale: 0 should be a number greater than 0, for example"),
]  # fmt: skip


@pytest.mark.parametrize(("section", "written", "said"), KERAS)
def test_what_keras_does_not_know_is_said_before_any_job(section, written, said):
    with pytest.raises(StudyError) as caught:
        loaded(section, written)
    assert str(caught.value).startswith(f"config/config.yaml: {section}.mine{said}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("section", "written"),
    [
        ("optimizers", "{class: Adam, epsilon: 0.0000001, weight_decay: null, amsgrad: true}"),
        ("optimizers", "{class: SGD, momentum: 0, schedule: {class: CosineDecay, decay_steps: 100, warmup_target: 1}}"),
        ("optimizers", "{class: SGD, schedule: %s}" % (STEPS % ("[10, 20]", "[1, 0.5, 0.1]"))),
        ("initializers", "{class: VarianceScaling, scale: 2, mode: fan_avg, distribution: uniform}"),
        ("optimizers", "{class: Adafactor}"),
        ("optimizers", "{class: SGD, clipnorm: 1.0, use_ema: true}"),
        ("optimizers", "{class: LossScaleOptimizer, inner_optimizer: {class: Adam, beta_1: 0.8}}"),
        (
            "optimizers",
            "{class: SGD, schedule: {class: CosineDecay, initial_learning_rate: 0, warmup_target: 1, "
            "warmup_steps: 50, decay_steps: 300}}",
        ),
        ("optimizers", "{class: SGD, schedule: {class: CosineDecay, decay_epochs: 7.5}}"),
        (
            "optimizers",
            "{class: SGD, schedule: {class: PiecewiseConstantDecay, boundary_epochs: [2], values: [1, 0.5]}}",
        ),
        (
            "networks",
            "{layers: [{class: Dense, units: 4, kernel_regularizer: l2}, {class: BatchNormalization, scale: false}]}",
        ),
        ("networks", "{layers: [{class: ELU, alpha: 1.5}, {class: GroupNormalization, groups: -1}]}"),
        ("networks", "{layers: [{class: RNN, cell: {class: LSTMCell, units: 2}}]}"),
        ("networks", "{file: config/models/digits.py}"),
        ("initializers", "{class: Zeros}"),
        ("networks", "{hidden: [], activation: leaky_relu}"),
    ],
)
def test_what_keras_knows_stays_as_it_is(section, written):
    assert loaded(section, written) == yaml.safe_load(written)


def test_the_table_of_keras_arguments_is_that_of_keras():
    """Held to the Keras that trains; `scripts/tools/keras_arguments.py` writes it anew."""
    import keras_arguments

    assert json.loads(json.dumps(keras_arguments.content())) == definitions.known()


# Whole numbers


def test_whole_numbers_with_a_point_are_the_integers_that_they_are(tmp_path):
    config = copy.deepcopy(CONFIG)
    config.update(seeds=1e2, max_trainings=500.0)
    config["split"]["random_state"] = 42.0
    config["statistics"]["resamples"] = 2000.0
    config["defaults"].update(epochs=10.0, batch_size=32.0)
    config["networks"]["mlp"]["hidden"] = [8.0, 4]
    config["optimizers"]["mine"] = {"class": "SGD", "gradient_accumulation_steps": 2.0}
    found = settings.load_config(config, schema("config"))
    numbers = [
        found["seeds"], found["max_trainings"], found["split"]["random_state"], found["statistics"]["resamples"],
        found["defaults"]["epochs"], found["defaults"]["batch_size"], *found["networks"]["mlp"]["hidden"],
        found["optimizers"]["mine"]["gradient_accumulation_steps"],
    ]  # fmt: skip
    assert list(map(repr, numbers)) == ["100", "500", "42", "2000", "10", "32", "8", "4", "2"]
    study = {"title": "T", "vary": {"learning_rate": {"log": [0.001, 1, 4.0]}, "batch_size": [16.0]}}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({**study, "fixed": {"epochs": 3.0}}))
    trainings = settings.load_study(tmp_path / "mine.yaml", schema("study"), found).trainings
    assert [training["learning_rate"] for training in trainings] == [0.001, 0.01, 0.1, 1.0]
    assert {(repr(training["epochs"]), repr(training["batch_size"])) for training in trainings} == {("3", "16")}


# Who is to blame


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"seeds": 0}, "--config: seeds: 0 should be at least 1"),
        ({"seedz": 1}, "--config: seedz: unknown key; did you mean 'seeds'?"),
        ({"scaling": {"fit_on": "test"}}, "--config: scaling.fit_on: 'test' should be one of all, train"),
        ({"optimizers": {"sgd": {"class": "SDG"}}}, "--config: optimizers.sgd.class: Keras has no 'SDG'"),
        ({}, "config/config.yaml: split.test_size: 0 should be greater than 0"),
        ({"split": {"random_state": 1}}, "config/config.yaml: split.test_size: 0 should be greater than 0"),
    ],
)
def test_what_the_command_line_says_is_blamed_on_it(given, said):
    config = {**copy.deepcopy(CONFIG), **given}
    if not given or "split" in given:
        config["split"] = {"test_size": 0, "random_state": 1}
    with pytest.raises(StudyError) as caught:
        settings.load_config(config, schema("config"), given=given)
    assert str(caught.value).startswith(said)


# Texts


@pytest.mark.parametrize("text", ["two\nlines", "a\n\n.. include:: /etc/passwd", "bell\a", "line\u2028end", "a\n"])
@pytest.mark.parametrize("key", ["title", "citation", "licence", "doi", "description"])
def test_a_text_that_is_printed_has_one_line(tmp_path, key, text):
    (tmp_path / "datasets.yaml").write_text(yaml.safe_dump({"mine": {"path": "a.csv", "target": "y", key: text}}))
    with pytest.raises(
        StudyError, match=rf"mine\.{key}: has a line break or a character that cannot be printed; write"
    ):
        settings.load_datasets(tmp_path / "datasets.yaml", ["mine"], schema("datasets"))
    if key == "title":
        (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"title": text, "vary": {"epochs": [1]}}))
        with pytest.raises(StudyError, match=r"mine\.yaml: title: has a line break or a character"):
            settings.load_study(tmp_path / "mine.yaml", schema("study"), settings.load_config(CONFIG, schema("config")))


# Keys of a dataset that contradict each other, or are none


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"thousands": "."}, "mine.thousands: '.' stands before the decimals already; write decimal: ',' too"),
        (
            {"decimal": ",", "thousands": ","},
            "mine.thousands: ',' stands before the decimals already; write decimal: '.'",
        ),
        (
            {"missing_texts": "category"},
            "mine.missing_texts: says what missing: median does to texts; write missing: m",
        ),
        ({"missing_texts": "mode"}, "mine.missing_texts: 'mode' should be one of category, most_frequent"),
        ({"spellings": "merge"}, "mine.spellings: 'merge' should be one of refuse, join, keep"),
        ({"decimal": ";"}, "mine.decimal: ';' should be one of ,, ."),
        ({"delimiter": ";;"}, "mine.delimiter: ';;' is too long; at most 1 characters"),
        ({"na_values": [None]}, "mine.na_values.0: None is empty; it should be text"),
        ({"na_values": [-999]}, "mine.na_values.0: -999 is a whole number; it should be text"),
        ({"units": "kg"}, "mine.units: 'kg' is text; it should be a list"),
        ({"units": ["5"]}, "mine.units.0: '5' "),
    ],
)
def test_a_mistake_in_how_a_table_is_written(tmp_path, keys, said):
    entry = {"path": "mine.csv", "target": "class", **keys}
    (tmp_path / "datasets.yaml").write_text(yaml.safe_dump({"mine": entry}))
    with pytest.raises(StudyError) as caught:
        settings.load_datasets(tmp_path / "datasets.yaml", ["mine"], schema("datasets"))
    assert str(caught.value).startswith(f"{tmp_path}/datasets.yaml: {said}")


# Grids


@pytest.mark.parametrize("number", range(40))
def test_an_extended_grid_keeps_the_rates_that_are_trained(number):
    random = np.random.default_rng(number)
    first = float(f"{10 ** random.uniform(-6, 0):.3g}")
    grid = [first, float(f"{first * 10 ** random.uniform(1, 6):.3g}"), int(random.integers(4, 40))]
    trained = settings.spell_out({"log": grid})
    for lower, upper in ((True, False), (False, True), (True, True)):
        longer = settings.spell_out(yaml.safe_load(extended(np.array(trained), lower, upper)))
        assert set(trained) <= set(longer)
        assert len(longer) > len(trained)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("model = None\n", ""),
        ("from keras.models import Sequential as model\n", ""),
        ("def model(features, outputs, activation, width=3): ...\n", ""),
        ("def model(*given): ...\n", ""),
        ("def build(features, outputs, activation): ...\n", "mine.py: has no function model(features, outputs, activa"),
        ("\n\ndef model(features): ...\n", "mine.py, line 3: should take three arguments: model(features, outputs"),
        ("def model(:\n", "mine.py, line 1: not valid Python: invalid syntax"),
    ],
)
def test_a_file_of_ones_own_is_read_before_it_is_run(tmp_path, content, said):
    (tmp_path / "mine.py").write_text(content)
    try:
        definitions.check("networks", "mine", {"file": "mine.py"}, "config.yaml", tmp_path)
    except StudyError as error:
        assert said
        assert str(error).startswith(f"config.yaml: networks.mine.file: {said}")
    else:
        assert not said
