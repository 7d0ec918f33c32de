"""The lesson on other tables, rule after rule in one process: several classes, texts, gaps, and both networks."""

import io
import itertools
import json
import random
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import answer
import baseline
import collect
import compare_datasets
import compile
import overview
import plot_rates
import prepare
import train
from lrstudy.config import settings
from lrstudy.data import datasets, parquet, tables
from lrstudy.errors import StudyError
from lrstudy.figures import curves, pairplot
from lrstudy.statistics import histories
from lrstudy.statistics.trainings import Training
from made import texts_of

ROOT = Path(__file__).resolve().parents[3]
REGISTRY = settings.read_yaml(ROOT / "config/datasets.yaml")
CONFIG = settings.read_yaml(ROOT / "config/config.yaml")
MINE = {"path": "mine.csv", "target": "species", "missing": "median", "categorical": "one_hot"}
RATES = [0.05, 0.5]
SEEDS = 80  # fewer cannot show that a rate is stable

# Names that mean something to CSV, HTML, LaTeX and Matplotlib.
NAMES = ["width, in mm", '<script>alert("x")</script>', r"$\alpha_{1}$", "colour", "_size"]
CLASSES = ["_hidden, <b>bold</b>", r'no "$\beta$"', 'the "third"']

ANSWERED = {"summary": "csv", "recommendation": "json", "comparisons": "csv", "budget": "csv", "answer": "txt"}
SIDE_BY_SIDE = {"recommendations": "side_by_side.csv", "shown": "side_by_side.html"}


def mine() -> str:
    """Return a CSV of three classes with texts as labels, gaps in two columns of numbers, and two columns of texts."""
    draw = random.Random(0)
    rows = []
    for row in range(150):
        kind = row % 3
        numbers = [f"{draw.gauss(2 * kind, 1):.3f}", f"{draw.gauss(-kind, 1):.3f}", f"{draw.gauss(0, 1):.3f}"]
        if row % 10 == 0:
            numbers[row % 2] = ["", "NA"][row % 20 // 10]
        rows.append([*numbers, draw.choice(["red", "green", "blue"]), draw.choice("SL"), CLASSES[kind]])
    return pd.DataFrame(rows, columns=[*NAMES, "species"]).to_csv(index=False)


def study_settings(entry: dict, network: str, batch_size: int = 16, vary: dict | None = None) -> dict:
    """Return what the rules of a study with two rates are given; `vary` has a second setting with its values."""
    training = {**CONFIG["defaults"], "network": network, "split": "each", "epochs": 3, "batch_size": batch_size}
    combinations = [dict(zip(vary or {}, values, strict=True)) for values in itertools.product(*(vary or {}).values())]
    return {
        "study": "rates",
        "title": "Rates",
        "vary": [*(vary or {}), "learning_rate"],
        "trainings": [{**training, **each, "learning_rate": rate} for each in combinations for rate in RATES],
        "seeds": SEEDS,
        "statistics": {**CONFIG["statistics"], "resamples": 100},
        "dataset": entry["title"],
        "simulated": False,
        "name": "mine",
        "answers": True,
        "ranges": False,
        "definitions": {"network": CONFIG["networks"], "optimizer": CONFIG["optimizers"]},
        "next": {side: {"wider": False, "command": "make study"} for side in ("lowest", "highest")},
    }


def run(script, inputs: dict, outputs: dict, given) -> dict:
    """Run a rule's script on files of the working folder; return its outputs."""
    script.main(SimpleNamespace(**inputs), SimpleNamespace(**outputs), given)
    return outputs


def prepared(name: str, entry: dict, **changes) -> tuple[dict, dict]:
    """Return the files of a dataset up to `prepared.parquet`."""
    table = {"table": "table.csv", "source": "source.json"}
    content, source = datasets.fetch(name, entry)
    Path("table.csv").write_bytes(content)
    Path("source.json").write_text(json.dumps(source))
    given = {"entry": entry, "split": CONFIG["split"], "scaling": CONFIG["scaling"], **changes}
    return table, run(prepare, table, {"prepared": "prepared.parquet", "shape": "shape.json"}, given)


def studied(name: str, entry: dict, network: str, **more) -> dict:
    """Run the lesson from fetching to the last figure; return the answer."""
    _, made = prepared(name, entry)
    names = {**CONFIG["defaults"], "network": network}
    defined = {kind: CONFIG[section][names[kind]] for kind, section in settings.DEFINED_IN.items()}
    given = study_settings(entry, network, **more)
    made_histories, programs = [], {}
    for training in given["trainings"]:
        size = training["batch_size"]
        if size not in programs:
            compiled = {"definitions": {**defined, "batch_size": size}, "seeds": SEEDS, "split": CONFIG["split"]}
            programs[size] = run(compile, made, {"program": f"{size}.zip"}, compiled)
        program = programs[size]
        output = {
            "history": f"{'' if not more.get('vary') else training['batch_size']}{training['learning_rate']}.parquet"
        }
        made_histories.append(
            run(train, {**made, **program}, output, {"training": training, "seeds": SEEDS})["history"]
        )
    joined = run(collect, {"histories": made_histories}, {"histories": "all.parquet", "history": "h.csv"}, given)
    scored = {"scores": "scores.csv", "reference": "reference.json"}
    reference = run(baseline, made, scored, {"split": {"random_state": 0}})
    answered = {name: f"{name}.{kind}" for name, kind in ANSWERED.items()}
    run(answer, {**joined, **reference, "source": "source.json"}, answered, given)
    assert Path(run(plot_rates, answered, {"figure": "rates.png"}, given)["figure"]).exists()
    return json.loads(Path("recommendation.json").read_text())


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    """Work in the test's own folder, where mine.csv is."""
    monkeypatch.chdir(tmp_path)
    Path("mine.csv").write_text(mine())


@pytest.mark.parametrize("network", ["logistic", "mlp"])
@pytest.mark.parametrize("name", ["wine", "breast_cancer"])
def test_the_lesson(name, network):
    found = studied(name, REGISTRY[name], network)
    assert found["recommended"] in RATES
    history = pd.read_parquet("0.5.parquet")
    last = history[history.epoch == 2]
    scores = pd.read_csv("scores.csv").groupby("model").accuracy.mean()
    assert last.val_accuracy.median() > scores["majority_class"] + 0.15
    assert last.val_loss.median() < history[history.epoch == -1].val_loss.median()
    asked = {"compared": [{"study": "rates", "dataset": name}]}
    run(compare_datasets, {"recommendations": ["recommendation.json"]}, SIDE_BY_SIDE, asked)
    row = pd.read_csv("side_by_side.csv").iloc[0]
    assert (row.dataset, row.recommended, row.sentence) == (name, found["recommended"], found["sentence"])


def test_nothing_to_put_side_by_side():
    with pytest.raises(StudyError, match=r"studies: none of them varies the learning rate"):
        run(compare_datasets, {"recommendations": []}, SIDE_BY_SIDE, {"compared": []})


def facts() -> dict:
    """Return the names that `prepared.parquet` keeps."""
    return json.loads(pq.read_schema("prepared.parquet").metadata[b"lrstudy"])


def test_names_of_features_and_classes_are_kept():
    prepared("mine", {"title": "mine", **MINE})
    made = ["colour=blue", "colour=green", "colour=red", "_size=S"]
    split = {"random_state": 42, "stratify": False}
    assert facts() == {
        "features": [*NAMES[:3], *made], "classes": sorted(CLASSES), "scaling": "all", "gaps": [], "split": split,
    }  # fmt: skip
    rows = pd.read_parquet("prepared.parquet")
    assert list(rows) == [*NAMES[:3], *made, "target", "subset"]
    assert not rows.isna().any(axis=None)
    assert rows.drop(columns=["target", "subset"]).std(ddof=0).to_numpy() == pytest.approx(1)


@pytest.mark.filterwarnings("ignore:Found unknown categories")
@pytest.mark.parametrize("fit_on", ["train", "all"])
def test_nothing_of_the_test_rows_leaks_where_scaling_is_fit_on_train(fit_on):
    """Test rows become enormous, or of a colour of their own: medians, categories and scales of the others must not."""
    found = {}
    entry = {"title": "mine", **MINE}
    for name in ("as it is", "changed"):
        prepared("mine", entry, scaling={"fit_on": fit_on})
        rows = found[name] = pd.read_parquet("prepared.parquet")
        table = pd.read_csv("mine.csv")
        table.loc[rows.subset == "test", NAMES[:3]] = 1e6
        table.loc[rows.subset == "test", "colour"] = "ultraviolet"
        table.to_csv("mine.csv", index=False)
    before, after = (rows[rows.subset == "train"].drop(columns="subset") for rows in found.values())
    assert after.equals(before) == (fit_on == "train")
    if fit_on == "train":
        assert "colour=ultraviolet" not in found["changed"]


def test_a_feature_that_no_training_row_has_is_refused():
    entry = {"title": "mine", **MINE}
    prepared("mine", entry)
    rows = pd.read_parquet("prepared.parquet")
    table = pd.read_csv("mine.csv")
    table.loc[rows.subset == "train", NAMES[0]] = None
    table.to_csv("mine.csv", index=False)
    with pytest.raises(StudyError, match=r"has no value in the training rows; add it to drop:, or scale on all rows"):
        prepared("mine", entry, scaling={"fit_on": "train"})


def test_rows_with_gaps_are_dropped_and_classes_stratified():
    prepared("mine", {"title": "mine", **MINE, "missing": "drop", "stratify": True})
    rows = pd.read_parquet("prepared.parquet")
    assert len(rows) == 150 - 15
    assert rows[rows.subset == "test"].target.value_counts().max() <= 14


def test_two_one_hot_columns_of_one_name():
    Path("mine.csv").write_text("a,a=b,species\n" + "b=c,c,x\nd,d,y\ne,e,x\n" * 4)
    with pytest.raises(StudyError, match="one_hot gives two columns the name 'a=b=c'; rename one of them in the file"):
        prepared("mine", {"title": "mine", **MINE})


def test_a_split_that_leaves_a_class_without_training_rows():
    Path("mine.csv").write_text("a,species\n" + "".join(f"{row},{'xyz'[row % 3]}\n" for row in range(9)))
    with pytest.raises(StudyError, match=r"config\.yaml: split: a class has no training row; set `stratify: true`"):
        prepared("mine", {"title": "mine", **MINE}, split={"test_size": 0.7, "random_state": 1})


def drawn(entry: dict, csv: str) -> list[str]:
    """Return every text of the overview's figure."""
    Path("mine.csv").write_text(csv)
    prepared("mine", entry)
    table = tables.load_table("table.csv")
    figure = pairplot.draw(table, entry)
    return texts_of(figure)


def test_names_are_shown_as_they_are_in_the_pair_plot():
    texts = drawn({"title": "mine", **MINE}, mine())
    assert set(NAMES[:3]) | set(CLASSES) | {"species"} <= set(texts)
    assert "All 150 rows." in texts


def test_a_wide_and_long_table_shows_a_stated_sample(monkeypatch):
    assert (pairplot.MOST_ROWS, pairplot.MOST_FEATURES) == (2000, 6)
    monkeypatch.setattr(pairplot, "MOST_ROWS", 200)
    monkeypatch.setattr(pairplot, "MOST_FEATURES", 2)
    draw = random.Random(0)
    header = [*(f"f{place}" for place in range(100)), "species"]
    rows = [[*(f"{draw.random():.3f}" for _ in range(100)), str(row % 2)] for row in range(1234)]
    texts = drawn({"title": "wide", **MINE}, "\n".join(map(",".join, [header, *rows])))
    assert "A random sample of 200 of 1,234 rows. The first 2 of 100 numeric features." in texts
    assert "f1" in texts
    assert "f2" not in texts


def test_one_number_or_none_to_draw():
    table = pd.read_csv(io.StringIO(mine()))
    texts = drawn({"title": "mine", **MINE}, table[[NAMES[0], "colour", "species"]].to_csv(index=False))
    assert set(CLASSES) <= set(texts)
    texts = drawn({"title": "mine", **MINE}, table[["colour", "species"]].to_csv(index=False))
    assert {*CLASSES, "All 150 rows; none of the features is a number."} <= set(texts)


def test_the_overview_writes_both_files():
    table, _ = prepared("mine", {"title": "mine", **MINE})
    given = {"name": "mine", "simulated": False, "entry": {"title": "mine", "licence": "none", **MINE}}
    made = {"summary": "summary.json", "pairplot": "pairs.png", "provenance": "provenance.json"}
    run(overview, table, made, given)
    assert json.loads(Path("provenance.json").read_text())["rows_read"] == 150
    summary = json.loads(Path("summary.json").read_text())
    assert summary["class_counts"] == dict.fromkeys(sorted(CLASSES), 50)
    assert summary["missing"][NAMES[0]] + summary["missing"][NAMES[1]] == 15
    assert summary["target"] == "species"


def test_a_refused_table_leaves_the_last_one_and_nothing_half_made():
    prepared("mine", {"title": "mine", **MINE})
    before = {path.name: path.read_bytes() for path in Path.cwd().iterdir()}
    Path("mine.csv").write_text(mine() + "1,2\n")
    with pytest.raises(StudyError, match=r"^dataset 'mine', mine\.csv: row 151 has 2 cells"):
        prepared("mine", {"title": "mine", **MINE})
    before["mine.csv"] = Path("mine.csv").read_bytes()
    assert {path.name: path.read_bytes() for path in Path.cwd().iterdir()} == before


def test_the_lessons_own_numbers_are_said_of_the_banknotes_alone():
    texts = {}
    for lecture in (True, False):
        given = {**study_settings({"title": "T"}, "logistic"), "lecture": lecture, "seeds": 1}
        figure = curves.draw([Training({"learning_rate": 0.01}, *[np.array([[0.5, 0.6]])] * 4)], given)
        texts[lecture] = str(texts_of(figure))
    assert "57.9" in texts[True]
    assert "57.9" not in texts[False]


def test_thirty_rows_are_enough_for_the_default_studies():
    Path("mine.csv").write_text("".join(mine().splitlines(keepends=True)[:31]))
    found = studied("mine", {"title": "mine", **MINE, "stratify": True}, "logistic", batch_size=32)
    assert found["sentence"].endswith("A batch of 32 is more than the 21 training rows: each step takes all of them.")


def test_batch_sizes_beyond_the_table_are_left_out_and_said_so():
    found = studied("wine", REGISTRY["wine"], "logistic", vary={"batch_size": [64, 128, 256]})
    assert found["sentence"].endswith("Batch sizes 128 and 256 are left out, more than the 124 training rows.")
    assert set(found["by"]) == {"64"}
    assert pd.read_csv("summary.csv")["batch_size"].unique().tolist() == [64]
    assert pd.read_parquet("all.parquet")["batch_size"].unique().tolist() == [64]


def test_no_batch_size_within_the_table():
    given = study_settings({"title": "T"}, "logistic", vary={"batch_size": [128, 256]})
    names = [f"{place}.parquet" for place in range(4)]
    for name in names:
        parquet.write(name, histories.to_table(np.zeros((1, 2, 4), np.float32), 124))
    said = r"^all\.parquet: every batch size that the study varies is more than the 124 training rows; add smaller ones"
    with pytest.raises(StudyError, match=said):
        run(collect, {"histories": names}, {"histories": "all.parquet", "history": "h.csv"}, given)
