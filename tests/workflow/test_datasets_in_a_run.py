"""Other datasets on the real DAG: every file of a bundled one, several in one run, and a file of one's own."""

import csv
import random

import pytest

HTML = "<script>alert(1)</script>"
SHELL = "$(touch hacked) `touch hacked`; touch hacked '\" & #"
FILE = f"{SHELL}.csv"
MINE = {"path": FILE, "target": HTML, "missing": "median", "categorical": "one_hot", "network": "mlp"}


def write_mine(folder, last: str = "") -> None:
    """Write a CSV with labels in words, gaps and texts; `last` is one more line."""
    draw = random.Random(0)
    rows = [
        f"{draw.gauss(row % 3, 1) if row % 9 else ''},{'SML'[row % 5 % 3]},{('a', 'b', '$(touch hacked)')[row % 3]}\n"
        for row in range(120)
    ]
    (folder / FILE).write_text("".join([f"width,<b>size</b>,{HTML}\n", *rows, last]))


def test_a_bundled_dataset_gives_every_file(project):
    """S12: as the README says, targets come before `--config`."""
    result = project.run("--dry-run", "everything", "--config", "dataset=wine")
    assert result.returncode == 0, result.stdout
    study = "results/wine/studies/learning_rates"
    files = [f"{study}/{name}" for name in ("histories.parquet", "history.csv", "summary.csv", "curves.png")]
    files += [f"{study}/recommendation.json", f"{study}/rates.png", "results/wine/overview/pairplot.png"]
    files += ["results/wine/overview/summary.json", "results/wine/baseline/scores.csv", "data/wine/provenance.json"]
    assert [file for file in files if file not in result.stdout] == []
    assert "results/recommendations.csv" not in result.stdout


@pytest.mark.faults
def test_two_datasets_in_a_run_and_a_file_of_ones_own(project):
    project.edit("config/datasets.yaml", lambda registry: registry.update(mine=MINE))
    project.edit("config/config.yaml", lambda config: config.update(dataset=["banknote_standin", "mine"]))
    write_mine(project.folder)
    result = project.run("--", "results/recommendations.csv")
    assert result.returncode == 0, result.stdout
    assert project.planned("results/recommendations.csv") == {}
    with open(project.folder / "results/recommendations.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    found = [(row["study"], row["dataset"], row["simulated"], row["network"]) for row in rows]
    assert found == [
        ("learning_rates", "banknote_standin", "True", "logistic"),
        ("learning_rates", "mine", "False", "mlp"),
    ]
    assert all(float(row["good_low"]) <= float(row["recommended"]) <= float(row["good_high"]) for row in rows)

    # Names from the table or the config are nothing to a shell,
    assert list(project.folder.rglob("hacked")) == []

    # and nowhere in the report, which a browser would run.
    pairs = "results/mine/overview/pairplot.png"
    assert project.run("--", "results/recommendations.csv", pairs).returncode == 0
    result = project.run("--report", "report.html", "--", "results/recommendations.csv", pairs)
    assert result.returncode == 0, result.stdout
    report = (project.folder / "report.html").read_text()
    assert HTML not in report
    assert "<b>size</b>" not in report

    # A table that is refused ends in one line, and again in the same one.
    table = project.folder / "data/mine/table.csv"
    before = table.read_bytes()
    write_mine(project.folder, last="three,S,a\n")
    for _ in range(2):
        result = project.run("data/mine/table.csv")
        assert result.returncode != 0
        assert f"\nerror: dataset 'mine', {FILE}: row 121, column 'width': 'three' is not a number" in result.stdout
        assert "Traceback" not in result.stdout
        assert not table.exists()
    (project.folder / FILE).unlink()
    result = project.run("data/mine/table.csv")
    assert f"\nerror: dataset 'mine', {FILE}: there is no such file" in result.stdout

    # The file as it was gives the same table.
    write_mine(project.folder)
    assert project.run("data/mine/table.csv").returncode == 0
    assert table.read_bytes() == before
