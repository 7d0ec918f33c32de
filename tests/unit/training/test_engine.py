"""Many seeds in one program: each by itself, and none touching another."""

import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import log_loss
from sklearn.preprocessing import scale

from lrstudy.data.prepared import Prepared
from lrstudy.data.splits import Splits
from lrstudy.errors import StudyError
from lrstudy.training import program, range_tests, xla
from lrstudy.training.engine import Block, Engine
from training_made import GLOROT, dense, engine_of

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]

TABLE = load_breast_cancer()
ROWS = np.column_stack([scale(TABLE.data[:, :5]), TABLE.target]).astype(np.float32)
TRAIN = ROWS[:300]
DATA = Prepared(list("abcde"), ["0", "1"], ROWS, np.arange(len(ROWS)) < len(TRAIN), random_state=42)
ONE, EACH = (Splits(DATA, kind) for kind in ("one", "each"))
MOMENTUM = {"class": "SGD", "momentum": 0.3}
RUN = {"epochs": 3, "learning_rate": 0.1}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """An engine of a small network, 32 seeds side by side."""
    path = tmp_path_factory.mktemp("small") / "program.zip"
    made = engine_of(path, {"hidden": [3]}, MOMENTUM, EACH, batch_size=32)
    made.path = path
    return made


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """An engine of a larger network, with dropout and batch normalisation, 8 seeds side by side."""
    layers = [dense(32), {"class": "BatchNormalization"}, {"class": "Dropout", "rate": 0.2}, dense(16)]
    path = tmp_path_factory.mktemp("large") / "program.zip"
    made = engine_of(path, {"layers": layers}, {"class": "Adam"}, EACH, 32)
    made.path = path
    return made


def test_how_many_seeds_train_side_by_side_follows_from_the_network(small, large, monkeypatch):
    assert (small.seeds, large.seeds) == (32, 8)
    monkeypatch.setattr(program, "MEMORY", 3 * 2**20)
    made = program.Program({"hidden": [64, 64]}, MOMENTUM, {"class": "HeNormal"}, **EACH.shape, batch_size=32)
    assert 1 <= made.seeds < 8


@pytest.mark.parametrize("which", ["small", "large"])
def test_a_seeds_history_is_the_same_among_any_others(which, request):
    engine = request.getfixturevalue(which)
    many = engine.train(40, **RUN)
    assert many.shape == (40, 4, 4)
    for seeds in (1, 9, 33):
        assert engine.train(seeds, **RUN).tobytes() == many[:seeds].tobytes()
    some = np.array([39, 5, 17])
    assert engine.train_crossed(some, some, some, **RUN).tobytes() == many[some].tobytes()


def test_the_same_run_twice_gives_the_same_bytes(large):
    assert large.train(20, **RUN).tobytes() == large.train(20, **RUN).tobytes()


def test_more_epochs_begin_as_fewer_did(small):
    longer = small.train(16, **{**RUN, "epochs": 5})
    assert longer[:, :4].tobytes() == small.train(16, **RUN).tobytes()


def test_before_training_is_what_the_weights_predict_on_each_seeds_own_rows(small):
    block = Block(small, *[np.arange(32)] * 3)
    kernel, bias, out, out_bias = (xla.to_host(weight)[5].astype(float) for weight in block.values[:4])
    for place, part in enumerate(EACH.of(np.arange(10))):
        rows = ROWS[part[5]]
        probability = expit(np.maximum(rows[:, :5] @ kernel + bias, 0) @ out + out_bias)
        assert block.row[5, 2 * place] == pytest.approx(log_loss(rows[:, 5], probability), rel=1e-5)
        assert block.row[5, 2 * place + 1] == pytest.approx(np.mean((probability[:, 0] > 0.5) == rows[:, 5]))


def test_split_weights_and_order_are_taken_apart(small):
    """Each of the three seeds decides its part, and the three together are the seed."""
    splits, weights, orders = np.array([[4, 4, 4], [5, 4, 4], [4, 5, 4], [4, 4, 5], [5, 5, 5]]).T
    same, split, weight, order, other = small.train_crossed(splits, weights, orders, **RUN)
    whole = small.train(6, **RUN)
    assert same.tobytes() == whole[4].tobytes()
    assert other.tobytes() == whole[5].tobytes()
    assert order[0].tobytes() == same[0].tobytes() != weight[0].tobytes()
    assert order[1:].tobytes() != same[1:].tobytes()
    assert split[0].tobytes() not in (same[0].tobytes(), other[0].tobytes())
    assert weight[0].tobytes() != other[0].tobytes()


def test_dropout_masks_go_with_the_order_of_rows(large):
    """Two trainings with one order have the same masks, and each seed has its own."""
    same, noise = large.train_crossed(np.array([4, 4]), np.array([4, 4]), np.array([4, 5]), **RUN)
    assert same[0].tobytes() == noise[0].tobytes()
    assert same[1:].tobytes() != noise[1:].tobytes()
    states = [xla.to_host(Block(large, *[np.arange(8)] * 3).values[large.variables[0] + place]) for place in range(3)]
    keys = next(state for state in states if state.dtype == np.uint32)
    assert len(np.unique(keys, axis=0)) == 8


def test_another_random_state_is_another_study(small, tmp_path):
    """Neither a seed's rows nor its initial weights or orders are those that it has with another random_state."""
    other = Splits(replace(DATA, random_state=43), "each")
    seeds = np.arange(1, 17)
    ours, theirs = (Block(Engine(small.path, splits), seeds, seeds, seeds) for splits in (EACH, other))
    assert not np.isin(xla.to_host(ours.values[0])[:16], xla.to_host(theirs.values[0])).any()
    assert not (ours.train_rows == theirs.train_rows).all(axis=1).any()
    theirs.train_rows = ours.train_rows
    assert not (next(ours.orders()) == next(theirs.orders())).all(axis=1).any()


@pytest.mark.parametrize("batch_size", [30, 77, 10_000])
def test_a_range_test_reads_each_seeds_own_rows(tmp_path, batch_size):
    """At rates that change nothing, each step's loss is that of the initial weights on the seed's next batch."""
    made = engine_of(tmp_path / "program.zip", {"hidden": []}, splits=EACH, batch_size=batch_size)
    found = range_tests.losses(made, np.full(12, 1e-9), seeds=40)
    for seed in (0, 39):
        block = Block(made, *[np.array([seed])] * 3)
        kernel = xla.to_host(block.values[0])[0, :, 0]
        orders = (order[0] for order in block.orders())
        batches = (order[first : first + batch_size] for order in orders for first in range(0, len(order), batch_size))
        for step, batch in zip(range(12), batches, strict=False):
            rows = ROWS[batch]
            expected = log_loss(rows[:, 5], expit(rows[:, :5] @ kernel), labels=[0, 1])
            assert found[seed, step] == pytest.approx(expected, rel=1e-5)
            assert np.isin(batch, EACH.of(np.array([seed]))[0]).all()


def test_seeds_that_overflow_stay_so_and_touch_no_other(tmp_path):
    wild = {"class": "RandomNormal", "stddev": 1e36}
    made = engine_of(tmp_path / "program.zip", {"hidden": []}, splits=EACH, batch_size=32, initializer=wild)
    history = made.train(32, **RUN)
    bad = ~np.isfinite(history[:, -1, 0])
    assert bad.any()
    assert not bad.all()
    good = np.flatnonzero(~bad)
    calm = made.train_crossed(good, good, good, **RUN)
    assert calm[0].tobytes() == history[good[0]].tobytes()


@pytest.mark.parametrize(
    "damage",
    [lambda content: content[:-100], lambda content: content[:5000] + bytes([content[5000] ^ 255]) + content[5001:]],
)
def test_a_damaged_program_is_named(small, tmp_path, damage):
    path = tmp_path / "program.zip"
    path.write_bytes(damage(small.path.read_bytes()))
    with pytest.raises(StudyError, match=r"program\.zip: damaged"):
        Engine(path, EACH)


def test_a_program_that_cannot_be_reached_is_not_called_damaged(tmp_path):
    """What is damaged is removed; a file that a network file system does not show for a moment must not be."""
    (tmp_path / "loop.zip").symlink_to("loop.zip")
    for name in ("none.zip", "loop.zip"):
        with pytest.raises(OSError, match=name) as caught:
            xla.load(tmp_path / name)
        assert caught.value.errno


def test_what_a_user_sets_for_other_libraries_changes_no_byte(large):
    """XLA's matrix products go through oneDNN, which chooses its code by the processor, or by this variable."""
    code = (
        "import pickle, sys; from lrstudy.training.engine import Engine; "
        "print(Engine(*pickle.load(sys.stdin.buffer)).train(8, epochs=2, learning_rate=0.1).tobytes().hex())"
    )
    given, found = pickle.dumps((large.path, EACH)), set()
    for more in ({}, {"ONEDNN_MAX_CPU_ISA": "SSE41", "OMP_NUM_THREADS": "3"}):
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts"), **more}
        done = subprocess.run(
            [sys.executable, "-c", code], input=given, capture_output=True, env=environment, timeout=99
        )
        found.add(done.stdout)
        assert done.returncode == 0, done.stderr
    assert len(found) == 1


def test_equal_programs_are_compiled_from_equal_text():
    """Whatever was traced before; the text names no file of the machine."""
    made = [program.Program({"hidden": [3]}, MOMENTUM, GLOROT, **EACH.shape, batch_size=32).lower([]) for _ in "12"]
    assert made[0] == made[1]
    assert not any(str(ROOT).encode() in text for text in made[0].values())
