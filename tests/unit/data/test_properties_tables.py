"""Whatever the loader is given, it returns a verified table or says in one line why not."""

import gzip
import io
import string
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from lrstudy.data import advice, cautions, datasets, sources, tables, verification
from lrstudy.errors import StudyError

bounded = settings(max_examples=60, derandomize=True, deadline=None, database=None)

FORMATS = st.sampled_from(["csv", "tsv", "parquet", "arff"])
RULES = st.fixed_dictionaries(
    {"missing": st.sampled_from(["refuse", "drop", "median"]), "categorical": st.sampled_from(["refuse", "one_hot"])},
    optional={
        "missing_texts": st.sampled_from(["category", "most_frequent"]),
        "spellings": st.sampled_from(["refuse", "join", "keep"]),
        "units": st.sampled_from([["%"], ["$", "kg"], ["a.b*"]]),
        "na_values": st.lists(st.sampled_from(["NA", "-", "none", "u", "0"]), unique=True),
    },
)
# How a CSV or TSV file is written.
WRITING = st.fixed_dictionaries(
    {},
    optional={
        "decimal": st.sampled_from([",", "."]),
        "thousands": st.sampled_from([".", ",", " ", "'"]),
        "delimiter": st.sampled_from([",", ";", "|", " "]),
        "comment": st.sampled_from(["#", "//", "a"]),
    },
)
CELLS = st.one_of(
    st.floats().map(repr),
    st.integers(-(10**20), 10**20).map(str),
    st.sampled_from(
        ["1.934,5", "-$7", "7 kg", "75%", "Yes", "yes", " yes", "01", "2024-01-05", "-", "1000000000000000007"]
    ),
    st.sampled_from(
        ["", "?", "NA", "nan", "+inf", "1e400", " 1", "1.", ".5", "+.5e-3", "-", "0x1", "1_0", "1,5", "٣", "007"]
    ),
    st.text(max_size=5).filter(lambda text: not set(text) & set("\0")),
)
NAMES = st.one_of(st.text(string.printable, max_size=4), st.sampled_from(["a", "b", "target", "subset", "", " "]))


def outcome(content: bytes, format: str, entry: dict) -> pd.DataFrame | None:
    """Return the verified table, after checking what that means, or None for one that is refused with advice."""

    def attempt(keys: dict) -> pd.DataFrame:
        full = advice.merged(entry, keys)
        return verification.verify(datasets.parsed(sources.unpack(content, None), format, full), full)

    try:
        table = attempt({})
    except StudyError:
        problems, keys, settled = advice.settle(attempt)
        said = advice.told(problems, keys, [], "mine", entry, entry)
        assert said
        assert len(problems) > 1 or "\n" not in said
        if all(getattr(problem, "keys", None) for problem in problems):
            assert settled is not None  # what is advised is enough
        return None
    assert table.columns[-1] == entry["target"]
    assert table.columns.is_unique
    features, target = table.iloc[:, :-1], table.iloc[:, -1]
    numbers = features.select_dtypes("number")
    assert not np.isinf(numbers.to_numpy()).any()
    assert not np.isinf(numbers.to_numpy(np.float32)).any()
    assert entry["categorical"] == "one_hot" or numbers.shape == features.shape
    assert entry["missing"] != "refuse" or not features.isna().any(axis=None)
    assert not target.isna().any()
    assert 2 <= target.nunique() <= 100
    assert all(said.startswith("column ") for said in cautions.of(table))
    return table


def reads_back(table: pd.DataFrame) -> None:
    """Check that `table.csv` gives the very same table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(tables.to_csv(table))
        pd.testing.assert_frame_equal(tables.load_table(path), table, check_exact=True)


@bounded
@given(
    st.binary(max_size=300),
    FORMATS,
    RULES,
    st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b\x08\0", b"PAR1", b"@data\n"]),
)
def test_any_bytes(content, format, rules, start):
    outcome(start + content, format, {"target": "class", **rules})


@bounded
@given(st.text(string.digits + ",;\"\n\r\t .%{}@'\\?-eclass", max_size=300), FORMATS, RULES, WRITING)
def test_any_text(text, format, rules, writing):
    outcome(f"a,class\n{text}".encode(), format, {"target": "class", **rules, **writing})


@bounded
@given(st.integers(0, 2000), st.integers(0, 255), st.sampled_from(["gzip", "zip", "parquet"]))
def test_any_changed_byte_of_a_packed_table(place, byte, packing):
    table = pd.DataFrame({"a": np.arange(40) * 1.5, "class": np.arange(40) % 2})
    stream = io.BytesIO()
    if packing == "parquet":
        pq.write_table(pa.Table.from_pandas(table), stream)
    elif packing == "gzip":
        stream.write(gzip.compress(table.to_csv(index=False).encode()))
    else:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", table.to_csv(index=False))
    content = bytearray(stream.getvalue())
    content[place % len(content)] = byte
    format = "parquet" if packing == "parquet" else "csv"
    outcome(bytes(content), format, {"target": "class", "missing": "drop", "categorical": "one_hot"})


@st.composite
def written_tables(draw) -> str:
    """Return a table as CSV: any names and cells, some columns of numbers, and mostly a sensible target."""
    rows = draw(st.integers(1, 14))
    classes = draw(st.sampled_from([["0", "1"], ["yes", "no, <b>", 'q"'], ["1", "1.0"], ["", "x"]]))
    columns = {"class": [classes[row % len(classes)] for row in range(rows)]}
    for name in draw(st.lists(NAMES, max_size=4, unique=True)):
        kind = draw(st.sampled_from([CELLS, st.floats(-1e30, 1e30).map(repr), st.sampled_from(["u", "v", ""])]))
        columns[name] = draw(st.lists(kind, min_size=rows, max_size=rows))
    return pd.DataFrame(columns).to_csv(index=False, lineterminator="\n")


@bounded
@given(written_tables(), RULES, WRITING)
def test_any_table_is_refused_or_reads_back_as_it_was_verified(text, rules, writing):
    entry = {"target": "class", **rules, **({} if "delimiter" in writing else writing)}
    table = outcome(text.encode(errors="replace"), "csv", entry)
    if table is not None:
        reads_back(table)


@bounded
@given(st.lists(st.floats(-(2.0**127), 2.0**127), min_size=8, max_size=30, unique=True), st.data())
def test_a_good_table_is_accepted_to_the_last_bit(values, data):
    names = data.draw(st.permutations(["x", "a,b", 'c"d', "$e_1$"]))[:2]
    table = pd.DataFrame({names[0]: values, names[1]: values[::-1], "class": [row % 2 for row in range(len(values))]})
    found = outcome(
        table.to_csv(index=False).encode(), "csv", {"target": "class", "missing": "refuse", "categorical": "refuse"}
    )
    pd.testing.assert_frame_equal(found, table, check_exact=True)
