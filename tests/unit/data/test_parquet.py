"""Tables in files: what was written comes back, and no bit of a file is wrong unnoticed."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from lrstudy.data import parquet
from lrstudy.errors import Damaged

COLUMNS = {"seed": np.arange(200, dtype=np.int32), "loss": np.random.default_rng(0).random(200, np.float32)}


@pytest.fixture
def path(tmp_path):
    """A file of one small table."""
    parquet.write(tmp_path / "table.parquet", parquet.table(COLUMNS))
    return tmp_path / "table.parquet"


def test_what_was_written_comes_back(path):
    table = parquet.read(path)
    for name, values in COLUMNS.items():
        assert (parquet.column(table, name) == values).all()
    pd.testing.assert_frame_equal(pd.read_parquet(path), pd.DataFrame(COLUMNS))


def test_single_columns_come_back(path):
    table = parquet.read(path, names=["loss"])
    assert table.column_names == ["loss"]
    assert (parquet.column(table, "loss") == COLUMNS["loss"]).all()
    assert len(parquet.read(path, names=[])) == 200


@pytest.mark.parametrize("value", [0.1, 16, "", "rmsprop", "naïve"])
@pytest.mark.parametrize("longest", [parquet._LONGEST, 20])
def test_a_column_of_one_value_is_as_arrow_makes_it(monkeypatch, value, longest):
    monkeypatch.setattr(parquet, "_LONGEST", longest)
    for count in (0, 1, 7, 8):
        assert parquet.repeated(value, count).equals(
            pa.chunked_array([pa.array([value] * count, pa.scalar(value).type)])
        )


def test_equal_tables_give_equal_bytes(path, tmp_path):
    parquet.write(tmp_path / "again.parquet", parquet.table(COLUMNS))
    assert path.read_bytes() == (tmp_path / "again.parquet").read_bytes()


@pytest.mark.parametrize("names", [None, ["loss"]])
def test_any_wrong_bit_is_found_or_does_no_harm(path, tmp_path, names):
    content, table = path.read_bytes(), parquet.read(path, names=names)
    found = 0
    for place in range(len(content)):
        wrong = bytearray(content)
        wrong[place] ^= 1 << place % 8
        (tmp_path / "wrong.parquet").write_bytes(wrong)
        try:
            assert parquet.read(tmp_path / "wrong.parquet", names=names).equals(table), place
        except Damaged as error:
            assert "wrong.parquet: damaged (" in str(error)
            found += 1
    assert found > len(content) / 4


@pytest.mark.parametrize("length", [0, 4, 100, -1])
def test_a_truncated_file_is_found(path, length):
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(Damaged, match=r"table\.parquet: damaged \("):
        parquet.read(path)


def test_a_file_that_cannot_be_reached_is_not_called_damaged(tmp_path):
    """What is damaged is removed; a file that a network file system does not show for a moment must not be."""
    (tmp_path / "loop.parquet").symlink_to("loop.parquet")
    for name in ("none.parquet", "loop.parquet"):
        with pytest.raises(OSError, match=name) as caught:
            parquet.read(tmp_path / name)
        assert caught.value.errno
