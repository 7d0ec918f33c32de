"""From the registry's entries to verified tables, and from bad files to one line that says what is wrong."""

import copy
import gzip
import hashlib
import io
import json
import os
import re
import socket
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
import yaml

from lrstudy.data import datasets, delimited, sources, tables
from lrstudy.errors import StudyError

ROOT = Path(__file__).resolve().parents[3]
REGISTRY = yaml.safe_load((ROOT / "config/datasets.yaml").read_text())
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/datasets.schema.yaml").read_text())
needs_the_data = pytest.mark.skipif("DATA_MIRROR" not in os.environ, reason="the genuine data need DATA_MIRROR")

ROWS = [f"{row},{row * row % 7}.5,{row % 2}" for row in range(12)]
CSV = "\n".join(["width,height,class", *ROWS, ""])


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path, request):
    """Work in the test's own folder, without a mirror, except where the genuine data are wanted."""
    if "genuine" not in request.node.name:
        monkeypatch.delenv("DATA_MIRROR", raising=False)
    elif "DATA_MIRROR" in os.environ:
        monkeypatch.setenv("DATA_MIRROR", str((ROOT / os.environ["DATA_MIRROR"]).resolve()))
    monkeypatch.chdir(tmp_path)


def entry(**keys) -> dict:
    """Return a registry entry of a local file."""
    made = {"title": "T", "target": "class", "licence": "", "citation": "", "path": "file.csv", **keys}
    jsonschema.validate({"mine": made}, SCHEMA)
    return made


def fetch(content: str | bytes, **keys) -> pd.DataFrame:
    """Return the table of a local file with this content, read back from `table.csv`."""
    described = entry(**keys)
    Path(described["path"]).write_bytes(content.encode() if isinstance(content, str) else content)
    Path("table.csv").write_bytes(datasets.fetch("mine", described)[0])
    return tables.load_table("table.csv")


def refused(content: str | bytes, **keys) -> str:
    """Return the message for a local file with this content: one line that names dataset and file."""
    with pytest.raises(StudyError) as caught:
        fetch(content, **keys)
    message = str(caught.value)
    start = f"dataset 'mine', {keys.get('path', 'file.csv')}: "
    assert message.startswith(start)
    assert "\n" not in message
    return message.removeprefix(start)


# Tables that are accepted


@pytest.mark.parametrize(
    "content",
    [CSV, "\ufeff" + CSV, CSV.replace("\n", "\r\n"), CSV.rstrip("\n"), CSV.replace("\n", "\n\n")],
    ids=["plain", "BOM", "CRLF", "no newline at the end", "blank lines"],
)
def test_a_table(content):
    table = fetch(content)
    assert Path("table.csv").read_text().splitlines()[:3] == ["width,height,class", "0,0.5,0", "1,1.5,1"]
    assert table.dtypes.astype(str).to_dict() == {"width": "float64", "height": "float64", "class": "int64"}
    assert len(table) == 12


def test_provenance():
    Path("file.csv").write_text(CSV)
    text, provenance = datasets.fetch("mine", entry())
    assert provenance == {
        "source": "file.csv",
        "sha256": hashlib.sha256(CSV.encode()).hexdigest(),
        "columns": ["width", "height", "class"],
        "rows_read": 12,
        "rows_dropped": 0,
        "rows": 12,
        "table_sha256": hashlib.sha256(text).hexdigest(),
        "warnings": [
            "column 'width' is a running number, and teaches the order of the file; unless that is meant, write drop: "
            "[width]"
        ],
    }


def test_numbers_read_back_exactly():
    values = np.random.default_rng(0).normal(size=(50, 2)) * 10.0 ** np.arange(-25, 25).reshape(50, 1)
    rows = [f"{a!r},{b!r},{place % 2}" for place, (a, b) in enumerate(values.tolist())]
    table = fetch("\n".join(["width,height,class", *rows]))
    assert (table[["width", "height"]].to_numpy() == values).all()


def test_awkward_names_and_classes_survive():
    content = (ROOT / "tests/data/awkward.csv").read_bytes()
    table = fetch(content)
    assert list(table) == ["width, in mm", 'the "height"', "<b>depth</b>", r"$\alpha_{1}$", "two\nlines", "class"]
    assert set(table["class"]) == {"yes, <i>really</i>", 'no "$\\beta$"'}


def test_a_class_that_only_looks_like_a_number_stays_a_text():
    assert set(fetch(CSV.replace("0\n", "007\n"), target="class")["class"]) == {"007", "1"}


def test_the_target_goes_last_and_the_others_keep_their_order():
    assert list(fetch("class,b,a\n" + "".join(f"{row % 2},{row},{row * row}\n" for row in range(8)))) == [
        "b",
        "a",
        "class",
    ]


def test_a_quoted_field_with_a_newline():
    content = 'width,"he\night",class\n' + "".join(f'{row},"{row}.5",{row % 2}\n' for row in range(8))
    assert list(fetch(content)) == ["width", "he\night", "class"]
    content = "width,note,class\n" + "".join(f'{row},"a\n{"bc"[row % 2]}",{row % 2}\n' for row in range(8))
    assert set(fetch(content, categorical="one_hot")["note"]) == {"a\nb", "a\nc"}
    message = refused(content + "x,y,0\n", categorical="one_hot")
    assert message.startswith("row 9, column 'width': 'x' is not a number")


def test_features_and_drop():
    content = "id,target,width,,class\n" + "".join(f"{row},0,{row},x,{row % 2}\n" for row in range(8))
    assert list(fetch(content, features=["width"])) == ["width", "class"]
    assert list(fetch(CSV, drop=["width"])) == ["height", "class"]


def test_missing_cells_stay_empty_where_they_are_allowed():
    content = CSV.replace("3,2.5", "NA,2.5").replace("4,2.5", "?,2.5").replace("5,4.5", ",4.5")
    table = fetch(content, missing="median")
    assert table["width"].isna().sum() == 3
    assert Path("table.csv").read_text().splitlines()[4] == ",2.5,1"


def test_categories_where_they_are_allowed():
    content = re.sub(r"(\d)\.5,", lambda found: ["", "small", "large"][int(found[1]) % 3] + ",", CSV).replace(
        "height", "size"
    )
    table = fetch(content, missing="drop", categorical="one_hot")
    assert str(table["size"].dtype) == "str"
    assert table["size"].isna().sum() == 2
    assert table["size"][1] == "small"


def test_every_format_and_packing_gives_the_same_table():
    plain = fetch(CSV)
    text = Path("table.csv").read_bytes()
    plain.to_parquet("p.parquet")
    Path("t.tsv").write_text(CSV.replace(",", "\t"))
    plain.to_csv("c.csv.gz", index=False)
    plain.to_csv("z.csv.zip", index=False)
    arff = "@relation r\n@attribute width real\n@attribute 'height' NUMERIC\n@attribute class {0, 1}\n@data\n"
    Path("a.arff").write_text(arff + "\n".join(["% said aside", *ROWS]))
    for path in ("p.parquet", "t.tsv", "c.csv.gz", "z.csv.zip", "a.arff"):
        assert datasets.fetch("mine", entry(path=path))[0] == text, path
    Path("bare").write_text("\n".join(ROWS))
    assert datasets.fetch("mine", entry(path="bare", format="csv", columns=list(plain)))[0] == text


def test_arff_quotes_escapes_and_missing_cells():
    head = "@RELATION x\n@attribute 'a b' numeric\n@attribute c {'x, y',z,'it\\'s'}\n@attribute class {p,q}\n@data\n"
    rows = ["1, 'x, y', p", "2, z, q", "3, 'it\\'s', p", "?, z, q", "5, ?, p", *["6, z, q", "7, z, p"] * 2]
    table = fetch(head + "\n".join(rows), path="x.arff", missing="drop", categorical="one_hot")
    assert list(table) == ["a b", "c", "class"]
    assert table["c"].tolist()[:3] == ["x, y", "z", "it's"]
    assert table.isna().sum().tolist() == [1, 1, 0]


@pytest.mark.parametrize("name", ["wine", "breast_cancer", "iris", "digits"])
def test_bundled_tables(name):
    described = REGISTRY[name]
    Path("table.csv").write_bytes(datasets.fetch(name, described)[0])
    table = tables.load_table("table.csv")
    shapes = {"wine": (178, 14), "breast_cancer": (569, 31), "iris": (150, 5), "digits": (1797, 62)}
    assert table.shape == shapes[name]
    assert set(map(str, table.dtypes[:-1])) == {"float64"}
    assert table.iloc[:, -1].nunique() == {"wine": 3, "breast_cancer": 2, "iris": 3, "digits": 10}[name]


# Tables that are refused


def column(values, name: str = "height") -> str:
    """Return a good table but for the values of one column."""
    table = pd.read_csv(io.StringIO(CSV), dtype=str)
    table[name] = pd.Series(list(values), dtype=object)
    return table.to_csv(index=False)


def cell(value: str, name: str = "height") -> str:
    """Return a good table but for the cell in row 4 of one column."""
    return column(["0.5", "1.5", "4.5", value, *(f"{row}.25" for row in range(8))], name)


BAD = {
    "empty file": ("", "it is empty"),
    "blank file": (" \n\n", "it is empty"),
    "header only": ("width,height,class\n", "it has a header line, but no row"),
    "one row": ("width,height,class\n1,2,0\n", "too few complete rows: 1; two classes of 3 rows each are the least"),
    "one class only": (column("0" * 12, "class"), "column 'class': every row is of the class 0; at least two classes"),
    "a class with fewer rows than folds": (
        column(["a"] * 10 + ["b"] * 2, "class"),
        "column 'class': too few rows of the class 'b': 2; each class needs 3, one for each fold",
    ),
    "target column absent": (CSV.replace("class", "klass"), "there is no column 'class'; did you mean 'klass'?"),
    "duplicated column names": (CSV.replace("height", "width"), "column 'width' is there 2 times; give every"),
    "a text cell in a numeric column": (cell("three"), "row 4, column 'height': 'three' is not a number, as"),
    "missing cell": (cell(""), "row 4, column 'height': the cell is missing; write missing: drop or missing: median"),
    "NaN": (cell("NaN"), "row 4, column 'height': the cell is missing"),
    "infinity": (cell("-inf"), "row 4, column 'height': -inf is not a finite number; correct the cell"),
    "number beyond float32": (cell("1e39"), "row 4, column 'height': 1e+39 is beyond float32, whose largest"),
    "number beyond float64": (cell("9" * 400), "row 4, column 'height': inf is not a finite number"),
    "no class": (cell("", "class"), "row 4, column 'class': the row has no class; give it one, or remove the row"),
    "constant feature": (
        column("7" * 12),
        "column 'height' is 7.0 in every row, which teaches nothing; write drop: [height]",
    ),
    "empty column": (column([""] * 12), "column 'height' is empty; write drop: [height]"),
    "text column": (
        column("abcabcabcabc"),
        "row 1, column 'height': 'a' is not a number; write categorical: one_hot, or drop: [height]",
    ),
    "a ragged line": (CSV + "1,2\n", "row 13 has 2 cells, but the header line has 3; give every row the same number"),
    "too many cells": (CSV + "1,2,3,4\n", "row 13 has 4 cells, but the header line has 3"),
    "wrong delimiter, semicolons": (CSV.replace(",", ";"), 'separated by semicolons, not commas; write delimiter: ";"'),
    "wrong delimiter, tabs": (
        CSV.replace(",", "\t"),
        'cells seem to be separated by tabs, not commas; write delimiter: "\\t"',
    ),
    "unclosed quote": (CSV + '1,2,"0\n', "a quotation mark is not closed: their number is odd"),
    "UTF-16": (CSV.encode("utf-16"), "it is UTF-16 text, not UTF-8; convert it: iconv -f UTF-16 -t UTF-8"),
    "Latin-1": (
        CSV.replace("height", "höhe").encode("latin-1"),
        "line 1: the byte 0xf6 is not UTF-8; if the file is Latin-1 or Windows-1252, convert it: iconv -f WINDOWS-1252",
    ),
    "a binary file named .csv": (b"\x89PNG\r\n\x1a\n\x00\x00\xff", "it is a binary file, not text"),
    "binary, but UTF-8": (b"PAR1\x15\x04\x00PAR1", "it is a binary file, not text"),
    "feature named target": (CSV.replace("height", "target"), "column 'target': a feature cannot have this name"),
    "feature named subset": (CSV.replace("height", "subset"), "column 'subset': a feature cannot have this name"),
    "unnamed column": (CSV.replace("height", ""), 'column 2 has no name; write drop: [""], or name it in the file'),
    "every row a class": (
        column([f"{row}.25" for row in range(12)], "class"),
        "column 'class': 12 different values in 12 rows look continuous; the target must hold classes, at most 100",
    ),
    "101 classes": (
        "width,class\n" + "".join(f"{row},{row % 101}.5\n" for row in range(404)),
        "column 'class': 101 different values in 404 rows look continuous",
    ),
    "no feature": ("class\n" + "0\n1\n" * 9, "it has no column besides the target 'class'; at least one feature"),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD)
def test_bad_tables_are_refused_in_one_line(content, message):
    assert message in refused(content)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"target": "clas"}, "target: there is no column 'clas'; did you mean 'class'?"),
        ({"target": "zzz"}, "target: there is no column 'zzz'; there are 'width', 'height', 'class'"),
        ({"features": ["widht"]}, "features: there is no column 'widht'; did you mean 'width'?"),
        ({"features": ["class"]}, "features: 'class' is the target"),
        ({"drop": ["hight"]}, "drop: there is no column 'hight'; did you mean 'height'?"),
        ({"drop": ["class"]}, "drop: 'class' is the target"),
        ({"drop": ["width", "height"]}, "it has no column besides the target 'class'"),
        ({"sha256": "0" * 64}, "not 000000000000…"),
        ({"columns": ["a", "class"]}, "it has 3 columns, but columns: names 2"),
        ({"path": "file.sav"}, "its name does not say what it is; write format: csv, tsv, parquet or arff"),
        ({"path": "file.tsv"}, 'separated by commas, not tabs; write delimiter: ","'),
        ({"path": "file.parquet"}, "it cannot be read as Parquet"),
        ({"path": "file.arff"}, "line 1: 'width,height,class' is neither @relation, @attribute nor @data"),
        ({"values": {"class": {0: "no"}}}, "row 2, column 'class': values: has no new value for '1'"),
        ({"values": {"clas": {0: "no"}}}, "values: there is no column 'clas'; did you mean 'class'?"),
    ],
)
def test_keys_that_do_not_fit_the_table(keys, message):
    assert message in refused(CSV, **keys)


ARFF = "@relation r\n@attribute a numeric\n@attribute class {0,1}\n@data\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (ARFF + "1,0\n1\n", "line 6 has 1 cells, but there are 2 attributes"),
        (ARFF + "{0 1, 1 0}\n", "rows must be dense"),
        (ARFF + "1,2\n", "line 5, column 'class': '2' is not one of the attribute's values"),
        (ARFF + "1,'0\n", 'line 5: "1,\'0" has a quotation mark that is not closed'),
        (ARFF.replace("numeric", "date"), "line 2, column 'a': 'date' is not numeric, string or a list of values"),
        (ARFF.replace("@data\n", ""), "it is not an ARFF file: it has no line @data"),
        (ARFF, "it has a header line, but no row"),
    ],
)
def test_bad_arff_is_refused_with_its_line(content, message):
    assert message in refused(content, path="x.arff")


def test_a_parquet_column_that_is_no_number_or_text():
    pd.DataFrame({"a": [[1], [2]] * 6, "b": range(12), "class": [0, 1] * 6}).to_parquet("x.parquet")
    assert "column 'a': list<" in refused(Path("x.parquet").read_bytes(), path="x.parquet")


def test_classes_and_constants_are_judged_without_the_rows_that_will_be_dropped():
    incomplete = CSV + "20,,1\n" * 9
    assert len(fetch(incomplete, missing="drop")) == 21
    few = CSV + "20,1.5,2\n21,2.5,2\n22,,2\n"
    assert "too few rows of the class 2: 2" in refused(few, missing="drop")
    assert fetch(few, missing="median")["class"].nunique() == 3
    constant = "width,height,class\n" + "".join(f"{row},{row},{row % 2}\n{row},2,\n" for row in range(6))
    assert "the row has no class" in refused(constant, missing="drop")
    constant = "width,height,class\n" + "".join(f"{row},1,{row % 2}\n,2,0\n" for row in range(6))
    assert "column 'height' is 1.0 in every row" in refused(constant, missing="drop")


def test_a_row_without_an_end(monkeypatch):
    monkeypatch.setattr(delimited, "LONGEST_ROW", 1 << 20)
    message = refused(CSV + '1,"' + "x" * (3 << 20) + '",0\n')
    assert message == "a row is longer than 1 MiB; a quotation mark may be missing"


def test_a_column_of_identifiers_is_no_category():
    content = "name,width,class\n" + "".join(f"n{row},{row},{row % 2}\n" for row in range(101))
    message = refused(content, categorical="one_hot")
    assert message == (
        "row 1, column 'name': 'n0' is not a number, and nearly every row has a text of its own; write drop: [name]"
    )


def test_text_has_no_median():
    content = column(["a", "b", "", "a", "b", "b", "a", "a", "b", "a", "b", "a"])
    message = refused(content, missing="median", categorical="one_hot")
    assert message == (
        "row 3, column 'height': the cell is missing; write missing: drop, or missing: median and missing_texts: "
        "category or most_frequent"
    )


def test_a_missing_file():
    with pytest.raises(StudyError, match=r"^dataset 'mine', absent\.csv: there is no such file$"):
        datasets.fetch("mine", entry(path="absent.csv"))
    with pytest.raises(StudyError, match=r"^dataset 'mine', \.: it is not a file$"):
        datasets.fetch("mine", entry(path=".", format="csv"))


# Sources in order


def listed(*paths: str, **keys) -> dict:
    """Return an entry with these files of the mirror as sources."""
    made = [{"file": path, "format": "csv", **keys} for path in paths]
    return {key: value for key, value in entry().items() if key != "path"} | {"sources": made}


def test_a_later_source_serves_when_the_first_cannot(monkeypatch, tmp_path):
    monkeypatch.setenv("DATA_MIRROR", str(tmp_path))
    Path("file.csv").write_text(CSV)
    text, provenance = datasets.fetch("mine", listed("absent.csv", "file.csv"))
    assert text.startswith(b"width,height,class")
    assert provenance["source"] == "DATA_MIRROR: file.csv"


def test_every_refused_source_is_listed_with_the_ways_on(monkeypatch, tmp_path):
    monkeypatch.setenv("DATA_MIRROR", str(tmp_path))
    Path("file.csv").write_text(CSV)
    described = listed("file.csv", "absent.csv", sha256="0" * 64) | {"fallback": "mine_standin"}
    with pytest.raises(StudyError) as caught:
        datasets.fetch("mine", described)
    lines = str(caught.value).splitlines()
    assert lines[0] == "no source of the dataset 'mine' could serve:"
    assert "not 000000000000" in lines[1]
    assert lines[2] == f"  DATA_MIRROR ({tmp_path}/absent.csv): there is no such file"
    assert lines[3:] == [
        "what to do, one of:",
        "  1. connect this machine to the internet",
        "  2. set DATA_MIRROR to a folder or an address that holds file.csv",
        "  3. use the simulated stand-in: snakemake --cores 4 --config dataset=mine_standin",
    ]


def test_another_table_from_a_source_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("DATA_MIRROR", str(tmp_path))
    Path("file.csv").write_text(CSV)
    described = listed("file.csv")
    known = datasets.fetch("mine", described)[1]["table_sha256"]
    assert datasets.fetch("mine", described | {"table_sha256": known})
    Path("file.csv").write_text(CSV.replace("9,", "9.125,", 1))
    with pytest.raises(StudyError, match="its table is not the known one"):
        datasets.fetch("mine", described | {"table_sha256": known})


@pytest.fixture
def server(tmp_path):
    """The address of a server of the test's own folder."""

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=tmp_path)

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


def test_a_url_and_its_mirror(server, monkeypatch, tmp_path):
    Path("far.csv").write_text(CSV)
    described = {key: value for key, value in entry().items() if key != "path"} | {"url": f"{server}/far.csv"}
    assert datasets.fetch("mine", described)[1]["source"] == f"{server}/far.csv"
    (tmp_path / "mirror").mkdir()
    monkeypatch.setenv("DATA_MIRROR", str(tmp_path / "mirror"))
    assert datasets.fetch("mine", described)[1]["source"] == f"{server}/far.csv"
    Path("mirror/far.csv").write_text(CSV)
    assert datasets.fetch("mine", described)[1]["source"] == "DATA_MIRROR: far.csv"
    monkeypatch.setenv("DATA_MIRROR", f"{server}/mirror/")
    Path("far.csv").unlink()
    assert datasets.fetch("mine", described)[1]["source"] == "DATA_MIRROR: far.csv"


def from_sources(*listed: dict, **keys) -> dict:
    """Return the registry entry of a table that is elsewhere."""
    return {key: value for key, value in entry(**keys).items() if key != "path"} | {"sources": list(listed)}


def test_another_key_of_the_entry_needs_no_second_download(server):
    Path("far.csv").write_text(CSV)
    described, downloads = from_sources({"url": f"{server}/far.csv"}), Path("data/mine/downloads")
    text, provenance = datasets.fetch("mine", described, downloads)
    Path("far.csv").unlink()
    assert datasets.fetch("mine", described, downloads) == (text, provenance)
    assert datasets.fetch("mine", {**described, "drop": ["height"]}, downloads)[1]["columns"] == ["width", "class"]
    with pytest.raises(StudyError, match="HTTP 404"):
        datasets.fetch("mine", described)


def test_openml_needs_no_second_download(server, monkeypatch):
    Path("far.csv").write_text(CSV)
    plain, downloads = datasets.fetch("mine", from_sources({"url": f"{server}/far.csv"}))[0], Path("downloads")
    Path("1462").write_text(json.dumps({"data_set_description": {"url": f"{server}/notes.arff"}}))
    Path("7").write_text("{}")
    head = "@RELATION r\n@ATTRIBUTE V1 REAL\n@ATTRIBUTE V2 REAL\n@ATTRIBUTE Class {1,2}\n@DATA\n"
    Path("notes.arff").write_text(head + "\n".join(f"{row[:-1]}{int(row[-1]) + 1}" for row in ROWS))
    monkeypatch.setattr(datasets, "OPENML", server)
    source = {"openml": 1462, "columns": ["width", "height", "class"], "values": {"class": {1: 0, 2: 1}}}
    fetched = datasets.fetch("mine", from_sources(source), downloads)
    assert fetched[0] == plain
    Path("1462").unlink()
    Path("notes.arff").unlink()
    assert datasets.fetch("mine", from_sources(source), downloads) == fetched
    kept = list(downloads.iterdir())
    with pytest.raises(StudyError, match="OpenML data set 7: OpenML's answer names no file"):
        datasets.fetch("mine", from_sources({**source, "openml": 7}), downloads)
    assert list(downloads.iterdir()) == kept


@pytest.mark.parametrize(
    "wrong", [gzip.compress(CSV.encode())[:-6], CSV.replace("9,", "9.125,", 1).encode()], ids=["damaged", "other"]
)
def test_a_download_that_is_of_no_use_is_not_kept(server, wrong):
    """A server that answers wrongly once must not stand in the way for ever."""
    Path("far.csv").write_text(CSV)
    described = from_sources({"url": f"{server}/far.csv"})
    text, provenance = datasets.fetch("mine", described)
    described |= {"table_sha256": provenance["table_sha256"]}
    Path("far.csv").write_bytes(wrong)
    with pytest.raises(StudyError, match=r"a damaged gzip file|its table is not the known one"):
        datasets.fetch("mine", described, Path("downloads"))
    Path("far.csv").write_text(CSV)
    assert datasets.fetch("mine", described, Path("downloads"))[0] == text


def test_files_of_a_mirror_and_of_the_user_are_not_copied(monkeypatch, tmp_path):
    Path("file.csv").write_text(CSV)
    datasets.fetch("mine", entry(), Path("downloads"))
    monkeypatch.setenv("DATA_MIRROR", str(tmp_path))
    datasets.fetch("mine", from_sources({"url": "https://example.org/file.csv"}), Path("downloads"))
    assert not Path("downloads").exists()


def test_the_registry_fits_its_schema():
    jsonschema.validate(REGISTRY, SCHEMA)


@needs_the_data
def test_the_genuine_banknotes_from_the_mirror():
    banknote = REGISTRY["banknote"]
    text, provenance = datasets.fetch("banknote", banknote)
    assert provenance["table_sha256"] == banknote["table_sha256"]
    assert provenance["sha256"] == banknote["sources"][0]["sha256"]
    Path("table.csv").write_bytes(text)
    counts = tables.load_table("table.csv")["class"].value_counts()
    assert counts.to_dict() == {0: 762, 1: 610}


@needs_the_data
def test_the_genuine_banknotes_as_openml_serves_them(tmp_path, monkeypatch):
    banknote = REGISTRY["banknote"]
    text, _ = datasets.fetch("banknote", banknote)
    table = pd.read_csv(io.BytesIO(text))
    rows = table.assign(**{"class": table["class"] + 1}).to_csv(index=False, header=False)
    names = "".join(f"@ATTRIBUTE V{number} REAL\n" for number in range(1, 5))
    Path("notes.arff").write_text(f"@RELATION banknote\n{names}@ATTRIBUTE Class {{1,2}}\n@DATA\n{rows}")
    monkeypatch.setenv("DATA_MIRROR", str(tmp_path))
    openml = {key: value for key, value in banknote["sources"][2].items() if key != "openml"}
    again = copy.deepcopy({**banknote, "sources": [{**openml, "file": "notes.arff"}]})
    assert datasets.fetch("banknote", again)[0] == text


def test_without_internet_the_ways_on_are_told_soon(monkeypatch):
    """Servers that never answer stand for a network that swallows everything."""
    monkeypatch.setattr(sources, "ANSWER", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setattr(datasets, "OPENML", address)
        described = copy.deepcopy(REGISTRY["banknote"])
        described["sources"][1]["url"] = f"{address}/banknote.zip"
        start = time.monotonic()
        with pytest.raises(StudyError) as caught:
            datasets.fetch("banknote", described)
    assert time.monotonic() - start < 4
    assert str(caught.value).count("no answer within 0.5 s") == 2
    assert "dataset=banknote_standin" in str(caught.value)


# Labels


@pytest.mark.parametrize("word", ["NA", "nan", "", "?", " null "])
@pytest.mark.parametrize("missing", ["refuse", "drop", "median"])
def test_a_missing_label_is_no_class(word, missing):
    message = refused(f"{CSV}1,2,{word}\n", missing=missing)
    said = f" ({word.strip()!r} counts as missing, unless na_values: has a list without it)" if word else ""
    assert message == f"row 13, column 'class': the row has no class{said}; give it one, or remove the row"


def test_a_missing_label_in_parquet_is_no_class():
    labels = [0.0, 1.0] * 6 + [float("nan")]
    pd.DataFrame({"width": range(13), "class": labels}).to_parquet("file.parquet")
    message = refused(Path("file.parquet").read_bytes(), path="file.parquet")
    assert message == "row 13, column 'class': the row has no class; give it one, or remove the row"


def test_blanks_and_zeros_after_the_point_make_no_class():
    rows = [f"{row},{['0', ' 1', '1.0', '0.00'][row % 4]}" for row in range(12)]
    assert fetch("\n".join(["width,class", *rows]))["class"].tolist() == [0, 1, 1, 0] * 3
    rows = [f"{row},{['yes', 'no', 'yes ', ' no'][row % 4]}" for row in range(12)]
    assert set(fetch("\n".join(["width,class", *rows]))["class"]) == {"yes", "no"}


def test_an_almost_continuous_target():
    rows = [f"{row},{max(row, 1) / 7}" for row in range(60)]
    assert "look continuous" in refused("\n".join(["width,class", *rows]))


def test_a_text_in_nearly_every_row_is_to_be_dropped():
    rows = [f"{row},P{row:04d},{row % 2}" for row in range(12)]
    message = refused("\n".join(["width,id,class", *rows]))
    assert message.endswith("is not a number, and nearly every row has a text of its own; write drop: [id]")


# Columns that are not wanted need not be readable


@pytest.mark.parametrize("keys", [{"drop": ["image"]}, {"features": ["width"]}])
def test_a_parquet_column_that_is_not_wanted(keys):
    frame = pd.DataFrame({"width": range(12), "image": [[1, 2]] * 12, "class": [0, 1] * 6})
    frame.to_parquet("file.parquet")
    content = Path("file.parquet").read_bytes()
    assert list(fetch(content, path="file.parquet", **keys)) == ["width", "class"]
    assert refused(content, path="file.parquet").endswith("is neither number nor text; write drop: [image]")


def test_a_zero_byte_in_a_parquet_text():
    pd.DataFrame({"width": range(12), "class": ["a", "b\0"] * 6}).to_parquet("file.parquet")
    assert "has a text with a zero byte" in refused(Path("file.parquet").read_bytes(), path="file.parquet")


@pytest.mark.parametrize(
    ("header", "values", "message"),
    [
        ("width,class,class", {"class": {"0": "a", "1": "b"}}, "values: column 'class' is there 2 times"),
        (
            "width,height,class",
            {"class": {False: "a", True: "b"}},
            "values: 'class': yes, no, on and off without quotes",
        ),
    ],
)
def test_new_values_for_what_is_not_one_column_or_no_text(header, values, message):
    assert refused(CSV.replace("width,height,class", header), values=values).startswith(message)
