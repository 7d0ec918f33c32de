"""Tables as people have them: what is in the file, what comes of it, and what is said, side by side."""

import csv
import io
import itertools
import json
import re
import unicodedata
from pathlib import Path

import pytest
import yaml

from lrstudy.config import settings
from lrstudy.data import cautions, datasets, overviews, preparation, tables
from lrstudy.errors import StudyError
from lrstudy.figures import pairplot
from made import texts_of

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/datasets.schema.yaml").read_text())
ROWS = 24
SIZES = [f"{row * 7 % 24 / 8 + row % 5}" for row in range(ROWS)]  # a feature of which there is nothing to say


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    """Work in the test's own folder, without a mirror."""
    monkeypatch.delenv("DATA_MIRROR", raising=False)
    monkeypatch.chdir(tmp_path)


def written(delimiter: str = ",", rows: int = ROWS, **columns: list[str]) -> str:
    """Return a CSV of a plain feature `size`, these columns (their cells again and again), and a class."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    writer.writerow(["size", *columns, *([] if "class" in columns else ["class"])])
    made = {"size": SIZES, **columns, **({} if "class" in columns else {"class": ["0", "1"]})}
    writer.writerows(itertools.islice(zip(*map(itertools.cycle, made.values()), strict=False), rows))
    return stream.getvalue()


def fetch(content: str | bytes, file: str = "mine.csv", **keys):
    """Return the table of a file, as the config's checks and the rule `fetch` make it, and its provenance."""
    Path(file).write_bytes(content.encode() if isinstance(content, str) else content)
    Path("datasets.yaml").write_text(yaml.safe_dump({"mine": {"path": file, "target": "class", **keys}}))
    entry = settings.load_datasets(Path("datasets.yaml"), ["mine"], SCHEMA)["mine"]
    text, provenance = datasets.fetch("mine", entry)
    Path("table.csv").write_bytes(text)
    return tables.load_table("table.csv"), provenance, entry


def refused(content: str | bytes, file: str = "mine.csv", **keys) -> str:
    """Return what is said of a file that is refused."""
    with pytest.raises(StudyError) as caught:
        fetch(content, file, **keys)
    return str(caught.value).removeprefix(f"dataset 'mine', {file}: ")


ONE_HOT = {"categorical": "one_hot"}
GERMAN = [f"{number % 9}.{number:03},5" for number in range(100, 123)]
IDENTIFIERS = [f"P{row * 37 % 100:03}" for row in range(ROWS)]
STRAY = written(note=["ok", "no"]).splitlines()
STRAY[11], STRAY[21] = STRAY[11].replace("ok", '"ok'), STRAY[21].replace("ok", 'ok"')
NEXT = written(note=["ok", "no"]).splitlines()
NEXT[11], NEXT[12] = NEXT[11].replace("ok", '"ok'), NEXT[12].replace("no", 'no"')

# What is in the file, the entry's keys, and what is said.
REFUSED = {
    "decimal commas": (written(price=["6,29", "1,5", "0,75"]), ONE_HOT,
     """column 'price': '6,29' in its first filled row looks like a number with a decimal comma; """
     """write decimal: ",", or drop: [price]"""),
    "thousands": (written(price=["1,934.8", "2,000.1"]), ONE_HOT,
     """'1,934.8' in its first filled row looks like a number with ',' between thousands; """
     """write thousands: ",", or"""),
    "German numbers": (written(price=GERMAN), ONE_HOT,
     """looks like a number with a decimal comma and '.' between thousands; """
     """write decimal: "," and thousands: ".","""),
    "percent": (written(share=["76%", "5 %"]), ONE_HOT,
     """looks like a number with the unit '%'; write units: ["%"]"""),
    "dollars": (written(price=["$19.80", "-$5"]), ONE_HOT,
     """looks like a number with the unit '$'; write units: ["$"]"""),
    "kilograms": (written(mass=["1069.0 kg", "5 kg"]), ONE_HOT,
     "number with the unit 'kg'; write units: [kg], or drop"),
    "dates": (written(day=["2024-01-05", "2023-12-24"]), ONE_HOT,
     "looks like a date, and each would be a category; write it as numbers in the file, or drop: [day]"),
    "German dates": (written(day=["5.1.2024", "24.12.2023"]), ONE_HOT, "looks like a date"),
    "times": (written(at=["12:30", "01:20"]), ONE_HOT, "looks like a date"),
    "identifiers": (written(name=IDENTIFIERS), ONE_HOT,
     "row 1, column 'name': 'P000' is not a number, and nearly every row has a text of its own; write drop: [name]"),
    "numbers too long for a double": (written(id=[str(10**18 + 7 * row) for row in range(ROWS)]), {},
     "row 2, column 'id': 1000000000000000007 has more digits than a number keeps (15); write drop: [id]"),
    "nanosecond dates": (
        written(at=[str(1_700_000_000_000_000_001 + row * 10**9) for row in range(ROWS)]), {}, "has more digits than"
    ),
    "postcodes": (written(plz=["01067", "10115"]), {},
     "column 'plz' is a code and no number, since '01067' starts with 0; write categorical: one_hot, or drop: [plz]"),
    "semicolons": (
        written(";"), {}, """its cells seem to be separated by semicolons, not commas; write delimiter: ";\""""
    ),
    "tabs": (written("\t"), {}, r'by tabs, not commas; write delimiter: "\t"'),
    "blanks": (written(" "), {}, "its cells seem to be separated by blanks, not commas; save it with commas"),
    "a comment": ("# of 2024\n" + written(), {}, """starts with '#', as a comment does; write comment: "#\""""),
    "no header line": (written().partition("\n")[2], {},
     "target: there is no column 'class'; there are '0.0', '0'; if the file has no header line, name its columns, "
     "as in columns: [f1, class]"),
    "stray quotation marks": ("\n".join(STRAY), ONE_HOT,
     "column 'note': a quotation mark in row 11 closes in row 21, and what lies between looks like rows; remove"),
    "stray quotation marks in rows one after the other": ("\n".join(NEXT), ONE_HOT, "in row 11 closes in row 12, and"),
    "NA in texts": (written(land=["NA", "DE", "FR"]), ONE_HOT,
     "row 1, column 'land': the cell is missing, as are 7 more of 24 ('NA' counts as missing, unless na_values: "
     "has a list without it); write missing: drop, or missing: median and missing_texts: category or most_frequent"),
    "a dash as a class": (written(**{"class": ["-", "+"]}), {},
     "the row has no class, as are 11 more of 24 ('-' counts as missing, unless"),
    "spellings of a class": (written(**{"class": ["Yes", "yes", "no", "YES", "no"]}), {},
     "column 'class': 'YES' in 5 rows and 'Yes' in 5 rows and 'yes' in 5 rows differ in spelling alone; write "
     "spellings: join, to make them one, or spellings: keep"),
    "TRUE and true": (written(**{"class": ["TRUE", "true", "false"]}), {}, "differ in spelling alone"),
    "classes with leading zeros": (written(**{"class": ["1", "01", "0"]}), {},
     "'1' in 8 rows and '01' in 8 rows differ"),
    "blanks after a text": (written(hue=["red", "red ", "blue"]), ONE_HOT,
     "'red' in 8 rows and 'red ' in 8 rows differ"),
    "an index without a name": (written(**{"": map(str, range(ROWS))}), {}, 'column 2 has no name; write drop: [""]'),
    "a point among decimal commas": (written(price=["6,29", "1,5", "1.5"]), {"decimal": ","},
     """row 3, column 'price': '1.5' is not written with decimal: ",", as the column's others are; correct"""),
    "two units in a column": (written(mass=["5 kg", "7 g"]), {"units": ["kg", "g"]},
     "column 'mass': '5 kg' in row 1 and '7 g' in row 2 have not the same unit; write all of them in one"),
    "a unit in some rows": (written(share=["5%", "0.7"]), {"units": ["%"]},
     "'5%' in row 1 and '0.7' in row 2 have not"),
    "a thousand that is none": (written(price=["1.934", "2.000", "1.5"]), {"thousands": ".", "decimal": ","},
     "'1.5' is not written with decimal"),
}  # fmt: skip

# What is in the file, the entry's keys, and what the first rows become.
ACCEPTED = {
    "decimal commas": (written(price=["6,29", "1,5"]), {"decimal": ","}, [6.29, 1.5]),
    "thousands": (written(price=["1,934.8", "200"]), {"thousands": ","}, [1934.8, 200.0]),
    "a German file": (written(";", price=["1.934,8", "2"]).replace(".0;", ";"),
                      {"delimiter": ";", "decimal": ",", "thousands": "."}, "'3.75' is not written"),
    "percent": (written(share=["76%", "5 %"]), {"units": ["%"]}, [76.0, 5.0]),
    "dollars": (written(price=["$1,934.80", "-$5"]), {"units": ["$"], "thousands": ","}, [1934.8, -5.0]),
    "kilograms": (written(mass=["1069.0 kg", "5kg"]), {"units": ["kg"]}, [1069.0, 5.0]),
    "a comment": ("# of 2024\n\n" + written(a=["2", "3"]), {"comment": "#"}, [2.0, 3.0]),
    "another word for missing": (written(a=["2", "-999", "4"]), {"na_values": ["-999"], "missing": "median"},
     [2.0, None]),
    "NA is a country": (written(land=["NA", "DE"]), {"na_values": ["?"], **ONE_HOT}, ["NA", "DE"]),
    "a dash is a class": (written(**{"class": ["-", "+"]}), {"na_values": ["?"]}, ["-", "+"]),
    "postcodes": (written(plz=["01067", "10115"]), ONE_HOT, ["01067", "10115"]),
    "spellings joined": (written(**{"class": ["Yes", "yes ", "no", "yes"]}), {"spellings": "join"}, ["yes", "yes",
     "no"]),
    "leading zeros joined": (written(**{"class": ["1", "01", "0"]}), {"spellings": "join"}, [1, 1, 0]),
    "spellings kept": (written(**{"class": ["A", "a"]}), {"spellings": "keep"}, ["A", "a"]),
    "blanks joined": (written(hue=["red", " Red", "blue"]), {"spellings": "join", **ONE_HOT}, ["Red", "Red", "blue"]),
}  # fmt: skip


@pytest.mark.parametrize(("content", "keys", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_and_what_is_said(content, keys, said):
    message = refused(content, **keys)
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize(("content", "keys", "first"), ACCEPTED.values(), ids=ACCEPTED)
def test_what_a_key_makes_of_it(content, keys, first):
    if isinstance(first, str):
        assert first in refused(content, **keys)
        return
    table, _, entry = fetch(content, **keys)
    column = table.iloc[:, 1] if table.shape[1] > 2 else table["class"]
    assert [None if value != value else value for value in column[: len(first)]] == first
    assert len(preparation.prepare(table, entry, fit_on="all", test_size=0.3, random_state=0)) == ROWS


@pytest.mark.parametrize("name", ["mine.xlsx", "mine.xls", "mine.ods"])
def test_a_spreadsheet_is_to_be_saved_as_csv(name):
    assert refused("any", name).endswith("is a spreadsheet, not a table of text; save it as CSV")


def test_a_cell_with_line_breaks_that_are_no_rows_stays():
    table, *_ = fetch(written(note=["two\nlines", "a, b\nc, d", "one"]), **ONE_HOT)
    assert set(table["note"]) == {"two\nlines", "a, b\nc, d", "one"}


@pytest.mark.parametrize("key", ["decimal", "thousands", "delimiter", "comment"])
def test_how_text_is_written_says_nothing_of_parquet(key):
    said = refused(b"PAR1", "mine.parquet", **{key: ","})
    assert said == f"{key}: says how a CSV or TSV file is written, and this is parquet; leave the key out"


# All of it in one go

PASSENGERS = written(
    PassengerId=[str(row + 1) for row in range(ROWS)],
    Name=[f"Smith, Mr. {name}" for name in IDENTIFIERS],
    Sex=["male", "female", "male"],
    Age=["22", "", "38", "4", "35"],
    Cabin=["C85", "", "", "E46", "", *IDENTIFIERS[5:]],
    Embarked=["S", "C", "Q", ""],
)
GERMAN_FILE = "".join(
    f"{size.replace('.', ',')};{price} €;{'ja' if row % 2 else 'nein'}\n"
    for row, (size, price) in enumerate(zip(SIZES, itertools.cycle(GERMAN), strict=False))
)


def pasted(message: str) -> dict:
    """Return the entry that a message says to write."""
    return yaml.safe_load(re.search(r"^mine:\n.*", message, re.MULTILINE | re.DOTALL)[0])["mine"]


def test_all_problems_of_a_table_are_listed_with_the_entry_to_paste():
    message = refused(PASSENGERS)
    for said in ("6 things to settle:", "column 'Name': ", "column 'Sex': ", "column 'Age': ", "column 'Cabin': "):
        assert said in message
    assert "to think of: column 'PassengerId' is a running number" in message
    entry = pasted(message)
    assert entry == {
        "path": "mine.csv", "target": "class", "drop": ["Name", "Cabin"], "categorical": "one_hot",
        "missing": "median", "missing_texts": "category",
    }  # fmt: skip
    table, provenance, entry = fetch(PASSENGERS, **{key: entry[key] for key in entry if key not in ("path", "target")})
    assert provenance["warnings"] == [
        "column 'PassengerId' is a running number, and teaches the order of the file; unless that is meant, write "
        "drop: [PassengerId]"
    ]
    prepared = preparation.prepare(table, entry, fit_on="all", test_size=0.3, random_state=0)
    assert {"Embarked=", "Embarked=S", "Sex=male"} <= set(prepared.column_names)


def test_a_german_file_takes_one_try():
    message = refused(f"Größe;Preis;class\n{GERMAN_FILE}")
    entry = pasted(message)
    assert entry == {
        "path": "mine.csv", "target": "class", "delimiter": ";", "decimal": ",", "thousands": ".", "units": ["€"],
    }  # fmt: skip
    table, *_ = fetch(f"Größe;Preis;class\n{GERMAN_FILE}", **{key: entry[key] for key in list(entry)[2:]})
    assert table["Preis"][0] == 1100.5
    assert table["Größe"].tolist() == [float(size) for size in SIZES]


def test_what_only_the_file_can_mend_is_listed_too():
    message = refused(written(a=["1", "2", "three", "4", "5"], hue=["red", "blue"]))
    assert "row 3, column 'a': 'three' is not a number, as the column's others are; correct the cell" in message
    assert "what settles them, beside what only the file can mend;" in message
    assert pasted(message)["categorical"] == "one_hot"


def test_the_advice_for_one_of_several_sources_stands_with_that_source():
    Path("mine.csv").write_text(written(";", hue=["red", "blue"]))
    entry = {"title": "mine", "target": "class", "sources": [{"path": "mine.csv"}, {"url": "https://x.org/mine.tsv"}]}
    with pytest.raises(StudyError) as caught:
        datasets.fetch("mine", entry)
    assert pasted(str(caught.value))["sources"][0] == {"path": "mine.csv", "delimiter": ";"}


@pytest.mark.parametrize(
    ("fill", "names"), [("category", ["hue=", "hue=blue", "hue=red"]), ("most_frequent", ["hue=red"])]
)
def test_missing_texts_become_a_category_or_the_most_frequent(fill, names):
    content = written(hue=["red", "", "blue", "red"])
    table, _, entry = fetch(content, missing="median", missing_texts=fill, **ONE_HOT)
    prepared = preparation.prepare(table, entry, fit_on="train", test_size=0.3, random_state=0)
    assert [name for name in prepared.column_names if name.startswith("hue")] == names


# What is said of a table that is studied


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            range(1, ROWS + 1),
            "is a running number, and teaches the order of the file; unless that is meant, write drop",
        ),
        ([1000 - 3.5 * row for row in range(ROWS)], "is a running number"),
        ([row * 5 % ROWS for row in range(ROWS)], "is a running number"),
        (
            [(row % 2) * 1000 + row * 7 % 23 * 31 + row for row in range(ROWS)],
            "looks like an identifier that was given",
        ),
        ([3 - row % 2 for row in range(ROWS)], "has one value for each class, so that it says the class; unless"),
        (["u", "v"], "has one value for each class"),
        (["007", "7", "12"], "is taken as text, since '007' is a code and no number"),
        (SIZES[::-1], None),
        (["5", "6", "6"], None),
    ],
)
def test_a_column_that_leaks_is_warned_of(values, said):
    table, provenance, entry = fetch(written(x=list(map(str, values))), spellings="keep", **ONE_HOT)
    assert overviews.describe(table, entry)["warnings"] == provenance["warnings"] == cautions.of(table)
    assert len(provenance["warnings"]) == (said is not None)
    assert said is None or provenance["warnings"][0].startswith(f"column 'x' {said}")


def test_dropped_rows_are_counted_where_rows_are_counted():
    table, provenance, entry = fetch(written(a=["1", "", "3"]), missing="drop")
    counted = {"rows_read": 24, "rows_dropped": 8, "rows": 16}
    described = overviews.describe(table, entry)
    assert counted.items() <= provenance.items()
    assert counted.items() <= described.items()
    assert sum(described["class_counts"].values()) == 16
    figure = pairplot.draw(overviews.used(table, entry), entry, described["rows_dropped"])
    assert "All 16 complete rows of 24." in texts_of(figure)


def test_features_and_drop_leave_a_shipped_tables_checksum_right():
    registry = settings.read_yaml(ROOT / "config/datasets.yaml")
    for keys in ({"features": ["alcohol", "hue"]}, {"drop": ["ash"]}):
        _, provenance = datasets.fetch("wine", {"title": "Wine", **registry["wine"], **keys})
        assert provenance["table_sha256"] != registry["wine"]["table_sha256"]
    with pytest.raises(StudyError, match="its table is not the known one"):
        datasets.fetch("wine", {"title": "Wine", **registry["wine"], "table_sha256": "0" * 64})


# Names


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("asked", ["NFC", "NFD"])
def test_names_compare_in_one_normal_form(form, asked):
    content = unicodedata.normalize(form, written(größe=["1", "2", "4"], **{"espèce": ["é", "a"]}))
    wanted = {key: unicodedata.normalize(asked, name) for key, name in (("target", "espèce"), ("drop", "größe"))}
    table, *_ = fetch(
        content,
        target=wanted["target"],
        drop=[wanted["drop"]],
        values={wanted["target"]: {"é": "e", "a": "a"}},
        **ONE_HOT,
    )
    assert list(table) == ["size", "class", "espèce"]
    assert set(table["espèce"]) == {"e", "a"}


def test_names_of_200_characters_do_not_cover_a_figure():
    names = ["w" * 200, "w" * 199 + "x"]
    table, _, entry = fetch(written(**{names[0]: ["1", "2", "4"], names[1]: ["3", "2", "5", "9"]}))
    texts = texts_of(pairplot.draw(table, entry))
    assert max(map(len, texts)) < 60
    assert {f"2: {'w' * 27}…", f"3: {'w' * 27}…"} <= set(texts)


def test_a_single_feature_has_an_axis_of_its_own():
    table, _, entry = fetch(written())
    figure = pairplot.draw(table, entry)
    assert [(axes.get_xlabel(), axes.get_ylabel()) for axes in figure.axes] == [("size", "rows")]
    assert figure.axes[0].get_ylim()[1] < 20
    assert json.dumps(overviews.describe(table, entry))


def test_a_test_set_smaller_than_the_classes_is_refused():
    table, _, entry = fetch(written())
    with pytest.raises(StudyError) as caught:
        preparation.prepare(table, entry, fit_on="all", test_size=0.0001, random_state=0)
    assert str(caught.value) == (
        "config/config.yaml: split.test_size: 0.0001 of 24 rows leaves 1 to test on, fewer than there are classes; "
        "write a larger share"
    )


def test_the_readmes_example_is_what_is_said():
    readme = (ROOT / "README.md").read_text()
    said = re.search(r"^error: dataset 'mine', mine.csv: (4 things.*?)\n```", readme, re.MULTILINE | re.DOTALL)[1]
    rows = ["6,29;red;0", "1,5;blue;1", ";red;0", *["2,5;red;1", "7,5;red;0"] * 4]
    content = "\n".join(["size;hue;species", *rows])
    assert refused(content, target="species") == said
    keys = {key: value for key, value in pasted(said).items() if key != "path"}
    assert fetch(content, **keys)[1]["rows"] == len(rows)
