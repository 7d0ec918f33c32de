"""The last words of a run: pages first, the answers, the next step, and the command that makes the report."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lrstudy.files import atomic, formats, records
from lrstudy.plan import closing, compared, jobs, last_run, reading, run
from lrstudy.plan.digests import Digests

ROOT = Path(__file__).resolve().parents[3]
INTERVAL = ["difference_low", "difference_high", "improvement", "improvement_low", "improvement_high"]
PAIR = ["first", "second", "rates", "learning_rate_first", "learning_rate_second", "seeds", "difference"]
COLUMNS = [*PAIR, *INTERVAL, "p_value", "p_holm"]


@pytest.fixture(scope="module")
def ours() -> run.Run:
    """The run of the project's own studies."""

    def schema(name: str) -> dict:
        return yaml.safe_load((ROOT / f"workflow/schemas/{name}.schema.yaml").read_text())

    return run.load(reading.read_mapping(ROOT / "config/config.yaml"), ROOT / "config", schema, [])


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A working folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def noted(ours, named=("learning_rates",), given=None, configfiles=()) -> dict:
    """Return the note of a run of these targets; the files of a job are all in its study's folder."""
    names = {"page": "answer.html", "recommend": "recommendation.json", "compare": "comparisons.csv"}
    names |= {"fetch": "table.csv", "prepare": "shape.json"}

    def files_of(job):
        return [f"results/{job.dataset}/studies/{job.item}/{names.get(job.rule, job.rule)}"]

    digests = Digests(ours, ROOT / "scripts", records.Checksums("none.json"), files_of)
    return last_run.note(ours, named, digests, files_of, given or {}, configfiles)


def make(said: dict, **contents: str) -> None:
    """Write the files of these stems of the noted run, with the records that they should have."""
    for each in said["studies"]:
        for path, digest in each["files"].items():
            if (stem := Path(path).stem) in contents:
                atomic.write_text(path, contents[stem])
                records.write(path, digest, "made")


def words(said: dict) -> str:
    """Return the words on a noted run."""
    return closing.words(said, records.Checksums("none.json"))


def answer(side: str | None) -> str:
    """Return a recommendation whose rate is at a side of the grid."""
    return json.dumps({"sentence": "Use 0.5.", "edge": side and {"side": side}})


def test_the_page_comes_first_then_the_answer_and_the_report(ours, folder):
    said = noted(ours)
    make(said, answer="<html>", recommendation=answer(None))
    assert words(said).splitlines() == [
        "banknote, learning_rates: results/banknote/studies/learning_rates/answer.html",
        "  Use 0.5.",
        "Figures and tables lie beside each page; all of them in one file, report.html:",
        "  make report STUDY=learning_rates DATASET=banknote",
    ]


def test_a_best_rate_at_the_edge_names_the_wider_study(ours, folder):
    said = noted(ours)
    make(said, answer="<html>", recommendation=answer("highest"))
    assert "largest of the study, so run a wider study:\n    snakemake --cores 4 learning_rate_range\n" in words(said)
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/snakemake").touch()
    assert "\n    .venv/bin/snakemake --cores 4 learning_rate_range\n" in words(said)


def test_without_a_wider_study_the_grid_is_to_be_extended(ours, folder):
    said = noted(ours, ["learning_rate_range"])
    make(said, answer="<html>", recommendation=answer("lowest"))
    wanted = "smallest of the study, so write that, and run again:\n    snakemake --cores 4 learning_rate_range\n"
    assert wanted in words(said)


def test_commands_carry_what_the_command_line_said(ours, folder):
    given = {"dataset": "banknote", "seeds": 20, "studies": ["first model"]}
    said = noted(ours, given=given, configfiles=[Path("my own.yaml")])
    assert last_run.command(said, "x", "wine") == (
        "snakemake --cores 4 x --configfile 'my own.yaml' --config seeds=20 'studies=[\"first model\"]' dataset=wine"
    )


def test_files_that_do_not_fit_are_no_answer(ours, folder):
    said = noted(ours)
    make(said, answer="<html>", recommendation=answer(None))
    Path("results/banknote/studies/learning_rates/recommendation.json").write_text(answer("highest"))
    assert "Use 0.5." not in words(said)
    Path("results/banknote/studies/learning_rates/answer.html").unlink()
    assert words(said) == ""


def test_the_note_is_read_back_or_taken_for_none(ours, folder):
    assert last_run.read() is None
    last_run.write(noted(ours))
    assert last_run.read() == noted(ours)
    last_run.PLACE.write_text('{"stud')
    assert last_run.read() is None


def test_long_lines_are_told_whole_once_a_bar_of_steps_has_gone(tmp_path):
    script = """
import io, sys
from lrstudy.plan import closing
closing.say("at once")
terminal, sys.stdout = sys.stdout, io.StringIO()  # as a live display takes it
closing.say("word " * 50)
closing.say("error: what", failed=True)
taken, sys.stdout = sys.stdout.getvalue(), terminal
print(f"taken {taken!r}")
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    run = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert run.stdout == f"at once\ntaken ''\n{'word ' * 50}\n"
    assert run.stderr == "error: what\n"


def test_what_a_report_lacks_is_told_with_the_command_that_makes_it(ours, folder):
    said = {**noted(ours, ["learning_rates", "first_model"]), "datasets": ["banknote", "wine"], "names_dataset": True}
    one, other = jobs.Job("plot", "banknote", "learning_rates"), jobs.Job("plot", "wine", "learning_rates")
    wanted = {"learning_rates": [one, other], "first_model": []}
    assert closing.missing(said, wanted, [one, jobs.Job("prepare", "wine")]) == [
        f"{study} on {dataset} is not made, or does not fit today's config; this makes it: "
        f"snakemake --cores 4 {study} --config dataset={dataset}"
        for study, dataset in (("learning_rates", "wine"), ("first_model", "banknote"), ("first_model", "wine"))
    ]


def pair(first: str, second: str, difference: float, p_value: float | None, rates: str = "same") -> dict:
    """Return a row of `comparisons.csv`."""
    low, high = (None, None) if p_value is None else (difference - 0.01, difference + 0.01)
    share = 0.5 - 10 * difference
    values = (first, second, rates, 0.01, 0.1, 9, difference, low, high, share, None, None, p_value, p_value)
    return dict(zip(COLUMNS, values, strict=True))


def said_of(folder: Path, rows: list[dict]) -> list[str]:
    """Return the sentences on these comparisons, as read from their file."""
    (folder / "comparisons.csv").write_text(formats.as_csv(rows, COLUMNS))
    return compared.words(atomic.read_csv(folder / "comparisons.csv"), "batch_size")


def test_the_comparisons_name_the_best_by_how_much_and_how_sure(folder):
    rows = [pair("a", "b", 0.02, 0.001), pair("a", "c", -0.01, 0.001), pair("b", "c", -0.03, 0.001)]
    assert said_of(folder, rows) == [
        "At 0.1, batch size b ends with the lowest loss: 0.02 (0.01 to 0.03) below a, the next, and lower in 70 % of "
        "pairs of runs; shown against all the others (p < 0.05, corrected for all pairs)."
    ]


def test_a_difference_that_may_be_chance_says_so(folder):
    rows = [pair("a", "b", -0.01, 0.2), pair("a", "c", -0.02, 0.001), pair("b", "c", -0.01, 0.4)]
    assert said_of(folder, rows)[0].endswith("not shown to differ from b (p at least 0.2, corrected for all pairs).")
    assert said_of(folder, [pair("a", "b", -0.01, None)])[0].endswith("one seed cannot tell whether that is chance.")


def test_each_ones_own_best_rate_is_preferred(folder):
    rows = [pair("a", "b", -0.01, 0.001), pair("a", "b", 0.02, 0.001, "own_best")]
    assert said_of(folder, rows)[0].startswith("Each at its own best learning rate, batch size b (at 0.1) ends")


def test_nothing_to_compare_is_nothing_to_say():
    assert compared.words([], "optimizer") == []
