"""Many seeds in one program: each by itself, and none touching another."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import log_loss
from sklearn.preprocessing import scale

from lrstudy.data.prepared import Prepared
from lrstudy.data.splits import Splits
from lrstudy.errors import StudyError
from lrstudy.training import range_tests, xla
from lrstudy.training.engine import Block, Engine, lanes
from lrstudy.training.program import Program

pytestmark = pytest.mark.slow

TABLE = load_breast_cancer()
ROWS = np.column_stack([scale(TABLE.data[:, :5]), TABLE.target]).astype(np.float32)
TRAIN = ROWS[:300]
DATA = Prepared(list("abcde"), ["0", "1"], ROWS, np.arange(len(ROWS)) < len(TRAIN), random_state=42)
ONE, EACH = (Splits(DATA, kind) for kind in ("one", "each"))
RUN = {"epochs": 3, "batch_size": 32, "learning_rate": 0.1}


def engine(folder, width: int, initializer=None, splits=EACH) -> Engine:
    """Return an engine with a program of `width` lanes."""
    path = folder / f"program{width}.zip"
    definition = initializer or {"class": "GlorotUniform"}
    Program({"hidden": [3]}, {"class": "SGD", "momentum": 0.3}, definition, **splits.shape, lanes=width).save(path)
    return Engine(path, splits)


def logistic(folder, optimizer: str) -> Engine:
    """Return an engine of 16 lanes for a logistic regression."""
    path = folder / "logistic.zip"
    Program({"hidden": []}, {"class": optimizer}, {"class": "GlorotUniform"}, **EACH.shape, lanes=16).save(path)
    return Engine(path, EACH)


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """An engine of 128 lanes."""
    made = engine(tmp_path_factory.mktemp("wide"), 128)
    made.path = tmp_path_factory.getbasetemp() / "wide0/program128.zip"
    return made


def test_lanes():
    assert [lanes(seeds, rows=960) for seeds in (1, 16, 17, 100, 1000)] == [16, 16, 32, 112, 256]
    assert [lanes(100, rows) for rows in (70_000, 200_000, 1_000_000, 10**8)] == [112, 48, 16, 16]


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
    """Read one batch at a time, as a range test does, an epoch ends where it ends when it is read in one."""
    made = logistic(tmp_path, "Adam")
    seeds, ends, rows = np.arange(16), [], EACH.shape["train_rows"]
    for read in (rows, 30):
        block = Block(made, seeds, seeds, seeds)
        order, met = next(block.orders()), []
        for first in range(0, rows, read):
            block.advance(order, 30, 0.1, first, min(first + read, rows))
            met.append(block.row[:2])
        shares = [min(read, rows - first) / rows for first in range(0, rows, read)]
        ends.append([*map(xla.to_host, block.values[:2]), np.tensordot(shares, met, 1), block.row[2:]])
    assert len(met) > 1
    for whole, stepped in zip(*ends, strict=True):
        assert stepped == pytest.approx(whole, rel=1e-5, abs=1e-6)


def test_before_training_is_what_the_weights_predict_on_each_seeds_own_rows(wide):
    block = Block(wide, *[np.arange(128)] * 3)
    kernel, bias, out, out_bias = (xla.to_host(weight)[..., 5].astype(float) for weight in block.values[:4])
    for place, part in enumerate(EACH.of(np.arange(10))):
        rows = ROWS[part[5]]
        probability = expit(np.maximum(rows[:, :5] @ kernel + bias, 0) @ out + out_bias)
        assert block.row[2 * place, 5] == pytest.approx(log_loss(rows[:, 5], probability), rel=1e-5)
        assert block.row[2 * place + 1, 5] == pytest.approx(np.mean((probability[:, 0] > 0.5) == rows[:, 5]))


def test_on_one_split_histories_are_what_they_were_when_there_was_no_other(wide):
    """Of the version before seeds had splits of their own: losses of seed 5 before training and after each epoch."""
    history = Engine(wide.path, ONE).train(16, **RUN)[5]
    assert history[:, 0] == pytest.approx([0.9878082, 0.8365608, 0.6770196, 0.6267655], rel=1e-5)
    assert history[:, 2] == pytest.approx([0.9879409, 0.6704071, 0.5987101, 0.5611154], rel=1e-5)


def test_split_weights_and_order_are_taken_apart(wide):
    """Each of the three seeds decides its part, and the three together are the seed."""
    splits, weights, orders = np.array([[4, 4, 4], [5, 4, 4], [4, 5, 4], [4, 4, 5], [5, 5, 5]]).T
    same, split, weight, order, other = wide.train_crossed(splits, weights, orders, **RUN)
    whole = wide.train(6, **RUN)
    assert same.tobytes() == whole[4].tobytes()
    assert other.tobytes() == whole[5].tobytes()
    assert order[0].tobytes() == same[0].tobytes() != weight[0].tobytes()
    assert order[1:].tobytes() != same[1:].tobytes()
    assert split[0].tobytes() not in (same[0].tobytes(), other[0].tobytes())
    assert weight[0].tobytes() != other[0].tobytes()


def test_more_trainings_than_lanes_may_be_crossed(wide):
    seeds = np.arange(150) // 2
    assert wide.train_crossed(seeds, seeds, seeds, **RUN).tobytes() == wide.train(75, **RUN).repeat(2, axis=0).tobytes()


def test_another_random_state_is_another_study(wide):
    """Neither a seed's rows nor its initial weights or orders are those that it has with another random_state."""
    other = Splits(replace(DATA, random_state=43), "each")
    seeds = np.arange(1, 17)
    ours, theirs = (Block(Engine(wide.path, splits), seeds, seeds, seeds) for splits in (EACH, other))
    assert not np.isin(xla.to_host(ours.values[0])[..., :16], xla.to_host(theirs.values[0])).any()
    assert not (ours.train_rows == theirs.train_rows).all(axis=1).any()
    theirs.train_rows = ours.train_rows
    assert not (next(ours.orders()) == next(theirs.orders())).all(axis=0).any()


@pytest.mark.parametrize("batch_size", [30, 77, 10_000])
def test_a_range_test_reads_each_seeds_own_rows(tmp_path, batch_size):
    """At rates that change nothing, each step's loss is that of the initial weights on the seed's next whole batch."""
    made = logistic(tmp_path, "SGD")
    found = range_tests.losses(made, np.full(12, 1e-9), seeds=20, batch_size=batch_size)
    size = min(batch_size, EACH.shape["train_rows"])
    for seed in (0, 19):
        block = Block(made, *[np.array([seed])] * 3)
        kernel = xla.to_host(block.values[0])[:, 0, 0]
        orders = (order[:, 0] for order in block.orders())
        batches = (order[first : first + size] for order in orders for first in range(0, len(order) - size + 1, size))
        for step, batch in zip(range(12), batches, strict=False):
            rows = ROWS[batch]
            assert found[seed, step] == pytest.approx(log_loss(rows[:, 5], expit(rows[:, :5] @ kernel)), rel=1e-5)
            assert np.isin(batch, EACH.of(np.array([seed]))[0]).all()


def test_seeds_that_overflow_stay_so_and_touch_no_other(tmp_path):
    wild = engine(tmp_path, 16, {"class": "RandomNormal", "stddev": 1e19})
    history = wild.train(16, **RUN)
    bad = ~np.isfinite(history[:, -1, 0])
    assert bad.any()
    assert not bad.all()
    good = np.flatnonzero(~bad)
    calm = wild.train_crossed(good, good, good, **RUN)
    assert calm[0].tobytes() == history[good[0]].tobytes()


@pytest.mark.parametrize("batch_size", [1, 299, 300])
def test_any_batch_size(wide, batch_size):
    history = wide.train(16, epochs=1, batch_size=batch_size, learning_rate=0.001)
    assert np.isfinite(history).all()


@pytest.mark.parametrize(
    "damage",
    [lambda content: content[:-100], lambda content: content[:5000] + bytes([content[5000] ^ 255]) + content[5001:]],
)
def test_a_damaged_program_is_named(wide, tmp_path, damage):
    path = tmp_path / "program.zip"
    path.write_bytes(damage(wide.path.read_bytes()))
    with pytest.raises(StudyError, match=r"program\.zip: damaged"):
        Engine(path, EACH)


def test_a_program_that_cannot_be_reached_is_not_called_damaged(tmp_path):
    """What is damaged is removed; a file that a network file system does not show for a moment must not be."""
    (tmp_path / "loop.zip").symlink_to("loop.zip")
    for name in ("none.zip", "loop.zip"):
        with pytest.raises(OSError, match=name) as caught:
            xla.load(tmp_path / name)
        assert caught.value.errno
