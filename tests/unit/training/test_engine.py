"""Many seeds in one program: each by itself, and none touching another."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import log_loss
from sklearn.preprocessing import scale

from lrstudy.files.errors import StudyError
from lrstudy.training import xla
from lrstudy.training.engine import Engine, lanes
from lrstudy.training.orders import orders
from lrstudy.training.program import Program

TABLE = load_breast_cancer()
ROWS = np.column_stack([scale(TABLE.data[:, :5]), TABLE.target]).astype(np.float32)
TRAIN, TEST = ROWS[:300], ROWS[300:]
SHAPE = {"rows": len(TRAIN), "test_rows": len(TEST), "features": 5, "classes": 2}
RUN = {"epochs": 3, "batch_size": 32, "learning_rate": 0.1}


def engine(folder, width: int, initializer=None) -> Engine:
    """Return an engine with a program of `width` lanes."""
    path = folder / f"program{width}.zip"
    definition = initializer or {"class": "GlorotUniform"}
    Program({"hidden": [3]}, {"class": "SGD", "momentum": 0.3}, definition, **SHAPE, lanes=width).save(path)
    return Engine(path, TRAIN, TEST)


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """An engine of 128 lanes."""
    made = engine(tmp_path_factory.mktemp("wide"), 128)
    made.path = tmp_path_factory.getbasetemp() / "wide0/program128.zip"
    return made


def test_lanes():
    assert [lanes(seeds, rows=960) for seeds in (1, 16, 17, 100, 1000)] == [16, 16, 32, 112, 256]
    assert [lanes(100, rows) for rows in (100_000, 200_000, 1_000_000, 10**8)] == [112, 80, 16, 16]


def test_a_seeds_history_is_the_same_among_16_100_or_300(wide, tmp_path):
    many = wide.train(300, **RUN)
    assert many.shape == (300, 4, 4)
    narrow = engine(tmp_path, 16)
    for seeds in (1, 16):
        assert narrow.train(seeds, **RUN).tobytes() == many[:seeds].tobytes()
    assert engine(tmp_path, 112).train(100, **RUN).tobytes() == many[:100].tobytes()


def test_the_same_run_twice_gives_the_same_bytes(wide):
    assert wide.train(20, **RUN).tobytes() == wide.train(20, **RUN).tobytes()


def test_more_epochs_begin_as_fewer_did(wide):
    longer = wide.train(16, **{**RUN, "epochs": 5})
    assert longer[:, :4].tobytes() == wide.train(16, **RUN).tobytes()


def test_an_epoch_is_its_steps(tmp_path):
    """A program that reads one batch at a time, as a range test does, ends where one that reads all ends."""
    one = Program({"hidden": []}, {"class": "Adam"}, {"class": "GlorotUniform"}, **SHAPE, lanes=16)
    step = Program({"hidden": []}, {"class": "Adam"}, {"class": "GlorotUniform"}, **SHAPE, lanes=16, read=30)
    seeds, ends = np.arange(16), []
    for name, program in (("one", one), ("step", step)):
        program.save(tmp_path / f"{name}.zip")
        trained = Engine(tmp_path / f"{name}.zip", TRAIN, TEST)
        values, _ = trained.begin(seeds)
        order = next(orders(seeds, len(TRAIN)))
        for first in range(0, len(order), len(order) if name == "one" else 30):
            rows = order[first : first + (len(order) if name == "one" else 30)]
            values, row = trained.advance(values, rows, 30, 0.1)
        ends.append([*map(xla.to_host, values[: trained.weights]), row[2:]])
    for whole, stepped in zip(*ends, strict=True):
        assert stepped == pytest.approx(whole, rel=1e-5, abs=1e-6)


def test_before_training_is_what_the_weights_predict(wide):
    *weights, row = map(xla.to_host, wide.start(np.arange(128, dtype=np.int32), *wide.tables))
    kernel, bias, out, out_bias = (weight[..., 5].astype(float) for weight in weights)
    probability = expit(np.maximum(TRAIN[:, :5] @ kernel + bias, 0) @ out + out_bias)
    assert row[0, 5] == pytest.approx(log_loss(TRAIN[:, 5], probability), rel=1e-5)
    assert row[1, 5] == pytest.approx(np.mean((probability[:, 0] > 0.5) == TRAIN[:, 5]))


def test_seeds_that_overflow_stay_so_and_touch_no_other(tmp_path):
    wild = engine(tmp_path, 16, {"class": "RandomNormal", "stddev": 1e19})
    history = wild.train(16, **RUN)
    bad = ~np.isfinite(history[:, -1, 0])
    assert bad.any()
    assert not bad.all()
    calm = wild.train_block(np.flatnonzero(~bad).repeat(16)[:16], 3, 32, 0.1)
    assert calm[0].tobytes() == history[np.flatnonzero(~bad)[0]].tobytes()


@pytest.mark.parametrize("batch_size", [1, 299, 300])
def test_any_batch_size(wide, batch_size):
    history = wide.train(16, epochs=1, batch_size=batch_size, learning_rate=0.001)
    assert np.isfinite(history).all()


@pytest.mark.parametrize(
    "damage", [lambda content: content[:-100], lambda content: content[:5000] + b"\0" + content[5001:]]
)
def test_a_damaged_program_is_named(wide, tmp_path, damage):
    path = tmp_path / "program.zip"
    path.write_bytes(damage(wide.path.read_bytes()))
    with pytest.raises(StudyError, match=r"program\.zip: damaged"):
        Engine(path, TRAIN, TEST)


def test_a_program_that_cannot_be_reached_is_not_called_damaged(tmp_path):
    """What is damaged is removed; a file that a network file system does not show for a moment must not be."""
    (tmp_path / "loop.zip").symlink_to("loop.zip")
    for name in ("none.zip", "loop.zip"):
        with pytest.raises(OSError, match=name) as caught:
            xla.load(tmp_path / name)
        assert caught.value.errno
