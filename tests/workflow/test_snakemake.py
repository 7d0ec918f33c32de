"""What Snakemake's manual says works here: its options, its `snakemake` object, modules, caches and storages."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from project import RESULTS, TRAINING, small_project

PREPARED = RESULTS / "prepared.parquet"
STUDY = RESULTS / "studies/learning_rates"
ANSWER = "banknote_standin, learning_rates: results/banknote_standin/studies/learning_rates/answer.html\n"
PAGES = {"collect": 2, "answer": 2, "plot": 3, "page": 2, "manifest": 1}


def dates(project):
    """Return when each result was written, logs apart."""
    found = [path for name in ("data", "results") for path in (project.folder / name).rglob("*") if path.is_file()]
    return {path: path.stat().st_mtime_ns for path in found if "logs" not in path.parts}


@pytest.mark.faults
def test_a_second_run_after_everything_was_removed_computes_nothing(project):
    """S1."""
    for name in (RESULTS, "data/banknote_standin"):
        shutil.rmtree(project.folder / name)
    first = project.run()
    assert first.returncode == 0, first.stdout
    before = dates(project)
    second = project.run()
    assert second.returncode == 0, second.stdout
    assert dates(project) == before
    assert ANSWER in first.stdout and ANSWER in second.stdout


def test_forced_rules_are_those_that_run(project):
    """S2 and S3: `-R`, `-f` and `-F` mean what the manual says, also after a touch."""
    os.utime(project.folder / PREPARED)
    assert project.planned("-R", "plot") == {"plot": 3}
    assert project.planned("-R", "train") == {"train": 5, **PAGES}
    assert project.planned(str(STUDY / "curves.png"), "-f") == {"plot": 1}
    result = project.run(str(STUDY / "history.csv"), "-R", "train")
    assert result.returncode == 0, result.stdout
    assert result.stdout.count("rule train:") == 4


def test_until_batch_touch_and_summary(project):
    assert project.planned("-F", "--until", "prepare").keys() == {"fetch", "prepare"}
    shutil.copytree(project.folder / RESULTS / "studies", project.folder / "kept")
    shutil.rmtree(project.folder / RESULTS / "studies")
    assert sum(project.planned("--batch", "all=1/3").values()) < sum(project.planned().values())
    (project.folder / "kept").rename(project.folder / RESULTS / "studies")
    (project.folder / STUDY / "summary.csv").write_text("other\n")
    assert project.run("--touch").returncode == 0
    assert project.planned() == {}
    rows = [line.split("\t") for line in project.run("--summary").stdout.splitlines() if "\t" in line]
    named = [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]
    assert {row["rule"] for row in named} >= {"fetch", "prepare", "train", "answer", "page"}
    assert {row["plan"] for row in named} == {"no update"}


def test_a_report_after_a_run_is_the_report_of_the_results(project):
    """S4."""
    result = project.run("--report", "after.html", "--report-after-run")
    assert result.returncode == 0, result.stdout
    assert project.run("--report", "later.html").returncode == 0
    for name in ("after.html", "later.html"):
        report = (project.folder / name).read_text()
        for shown in ("answer.html", "tables.html", "curves.png", "rates.png"):
            assert f"{STUDY}/{shown}" in report, (name, shown)


def test_a_terminal_without_our_characters(project):
    """S5."""
    result = project.run(PYTHONIOENCODING="ascii")
    assert result.returncode == 0, result.stdout
    assert ANSWER in result.stdout
    assert "loss at ?10" in result.stdout


def test_an_unknown_file_or_target_is_told_in_a_line(project):
    """S10."""
    for wanted in (f"{RESULTS}/studies/nosuch/curves.png", "learning_rats"):
        result = project.run("-n", wanted)
        assert result.returncode != 0
        assert "Traceback" not in result.stdout
        assert result.stdout.strip().splitlines()[-1].startswith(f"No rule to produce {wanted}")


def test_delete_all_output_leaves_logs_alone(project):
    """S11."""
    assert project.run("--delete-all-output").returncode == 0
    found = [path for name in ("results", "data") for path in (project.folder / name).rglob("*") if path.is_file()]
    assert {path.suffix for path in found} <= {".log"}, found


@pytest.mark.parametrize(
    ("config", "reason", "prepared"),
    [
        ("seeds=17", "{'seeds': 17}", 0),
        ("split={test_size: 0.2}", "'test_size': 0.2", 1),
        ("scaling={fit_on: train}", "{'fit_on': 'train'}", 1),
    ],
)
def test_the_reason_names_what_changed_on_the_command_line(project, config, reason, prepared):
    """S9 and S13: nested values too, which Snakemake hands over as text."""
    result = project.run("-n", "--config", config)
    assert result.returncode == 0, result.stdout
    (line,) = {line.strip() for line in result.stdout.splitlines() if "Params have changed" in line}
    assert reason in line
    rules = re.findall("^(?:local)?rule (.*):$", result.stdout, re.MULTILINE)
    assert [rules.count(rule) for rule in ("fetch", "prepare", "baseline", "train", "plot")] == [
        0,
        *[prepared] * 2,
        5,
        3,
    ]


@pytest.mark.parametrize(
    ("edit", "rule", "reason"),
    [
        ("config/studies/learning_rates.yaml", "collect", "Set of input files has changed"),
        ("scripts/lrstudy/figures/curves.py", "plot", "now: {'plot_curves.py': "),
        ("scripts/plot_curves.py", "plot", "Code has changed"),
    ],
)
def test_the_reason_names_what_was_edited(project, edit, rule, reason):
    """S13."""
    path = project.folder / edit
    text = path.read_text()
    path.write_text(text.replace("  - 0.5\n", "") if "yaml" in edit else f"{text}# more\n")
    said = project.run("-n").stdout
    assert "Forced execution" not in said
    assert any(reason in block for block in said.split("\n\n") if f"rule {rule}:" in block), said
    assert said.count("rule plot:") == 2
    assert ("rule page:" in said) == (rule == "collect")


def test_a_run_that_is_refused_prints_no_answer(project):
    """S14."""
    for arguments in (["--config", "seedz=3"], ["--config", "seeds=three"]):
        result = project.run(*arguments)
        assert result.returncode != 0
        assert "answer.html" not in result.stdout
        assert result.stdout.strip().splitlines()[-1].startswith("error: --config: seed")


RULE = """
rule {name}:
    input:
        "results/{{dataset}}/prepared.parquet",
    output:
        "{where}{{dataset}}.{name}.txt",
    threads: 1
    script:
        "{script}"
"""
SCRIPT = """
with open(snakemake.output[0], "w") as stream:
    print(snakemake.wildcards.dataset, snakemake.config["seeds"], snakemake.threads, snakemake.rule, file=stream)
"""


def test_a_rule_as_a_tutorial_teaches_it(project):
    """S8: its script finds all of `snakemake`, and an edit of the script is noticed."""
    rule = RULE.format(name="mine", where="results/", script="../../scripts/mine.py")
    with open(project.folder / "workflow/rules/pages.smk", "a") as stream:
        stream.write(f"\n{rule}")
    script = project.folder / "scripts/mine.py"
    script.write_text(SCRIPT)
    target = "results/banknote_standin.mine.txt"
    result = project.run(target)
    assert result.returncode == 0, result.stdout
    assert (project.folder / target).read_text() == "banknote_standin 16 1 mine\n"
    assert project.planned(target) == {}
    script.write_text(SCRIPT.replace("snakemake.rule", "'edited'"))
    assert project.planned(target) == {"mine": 1}
    assert project.planned() == {}


def test_a_figure_takes_three_edits(project):
    """A script, a line in `FIGURES`, a caption: it is in `all`, and is drawn again when its code changes."""
    script = project.folder / "scripts/plot_mine.py"
    script.write_text((project.folder / "scripts/plot_curves.py").read_text())
    for path, mark, more in (
        ("scripts/lrstudy/config/settings.py", '    "curves": lambda', '    "mine": lambda study: study.answers,\n'),
        (
            "workflow/report/figure.rst",
            '{% elif snakemake.wildcards.figure == "rates" %}',
            "{% elif 1 == 0 %}\nMine.\n",
        ),
    ):
        text = (project.folder / path).read_text()
        before, mark, after = text.rpartition(mark)
        (project.folder / path).write_text(before + more + mark + after)
    assert project.run().stdout.count("rule plot:") == 1
    assert (project.folder / STUDY / "mine.png").stat().st_size > 10_000
    assert project.planned() == {}
    with open(project.folder / "scripts/lrstudy/figures/curves.py", "a") as stream:
        stream.write("# edited\n")
    assert project.planned() == {"plot": 3}


OUTER = """
configfile: {config!r}


module lr:
    snakefile:
        {snakefile!r}
    config:
        config
    prefix:
        "lr"


use rule * from lr as lr_*


rule final:
    input:
        history="lr/{history}",
    output:
        "of_{{whom}}.txt",
    script:
        "theirs.py"


rule done:
    input:
        "of_theirs.txt",
"""


@pytest.mark.faults
def test_as_a_module_under_a_prefix_with_rules_after_it(tmp_path):
    """S6 and S7; a script of theirs has all that Snakemake hands it."""
    project = small_project(tmp_path / "ours")
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    history = RESULTS / "trainings" / TRAINING.format(0.1) / "history.parquet"
    paths = {name: str(project.folder / path) for name, path in MODULE.items()}
    (theirs / "Snakefile").write_text(OUTER.format(**paths, history=history))
    (theirs / "theirs.py").write_text("open(snakemake.output[0], 'w').write(snakemake.wildcards.whom)\n")
    profile = str(project.folder / "workflow/profiles/default")
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--workflow-profile", profile]
    for test_size in (0.3, 0.5):  # other rows to train on: another program
        project.edit("config/config.yaml", lambda config, size=test_size: config["split"].update(test_size=size))
        result = subprocess.run([*command, "done"], cwd=theirs, capture_output=True, text=True, timeout=240)
        assert result.returncode == 0, result.stderr
        assert (theirs / "lr" / history).exists()
        assert (theirs / "of_theirs.txt").read_text() == "theirs"
    result = subprocess.run([*command, "-n", "of_theirs.txt"], cwd=theirs, capture_output=True, text=True, timeout=240)
    assert "Nothing to be done" in result.stdout + result.stderr


MODULE = {"config": "config/config.yaml", "snakefile": "workflow/Snakefile"}


@pytest.mark.skipif(shutil.which("git") is None, reason="a module from Git needs git")
def test_as_a_module_from_git_it_says_that_it_needs_a_checkout(project, tmp_path):
    """S6: nobody promises it."""
    for command in (
        ["init", "-q"],
        ["add", "workflow"],
        ["-c", "user.name=x", "-c", "user.email=x", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *command], cwd=project.folder, check=True)
    (tmp_path / "Snakefile").write_text(
        f"""
module lr:
    snakefile:
        "git+file://{project.folder}/workflow/Snakefile@HEAD"


use rule * from lr
"""
    )
    command = [sys.executable, "-m", "snakemake", "-n"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert result.returncode != 0
    assert result.stderr.strip().splitlines()[-1].startswith("error: this workflow runs from a checkout")


@pytest.mark.faults
def test_a_whole_study_as_a_module_and_in_another_directory(finished, tmp_path):
    theirs, elsewhere = tmp_path / "theirs", tmp_path / "elsewhere"
    theirs.mkdir()
    paths = {name: str(finished.folder / path) for name, path in MODULE.items()}
    (theirs / "Snakefile").write_text(OUTER.format(**paths, history="x"))
    profile = ["--workflow-profile", str(finished.folder / "workflow/profiles/default")]
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *profile]
    there = ["--snakefile", paths["snakefile"], "--directory", str(elsewhere)]
    for words, cwd in ((["lr_first_model"], theirs), (["first_model", *there], tmp_path)):
        result = subprocess.run([*command, *words], cwd=cwd, capture_output=True, text=True, timeout=240)
        assert result.returncode == 0, result.stderr
    summary = RESULTS / "studies/first_model/summary.csv"
    for folder in (theirs / "lr", elsewhere):
        assert (folder / summary).read_bytes() == (finished.folder / summary).read_bytes()


@pytest.mark.faults
def test_generated_unit_tests(project):
    """S15."""
    result = project.run("--generate-unit-tests")
    assert result.returncode == 0, result.stdout
    made = project.folder / ".tests/unit"
    assert {path.stem for path in made.glob("test_*.py")} >= {"test_prepare", "test_train", "test_answer", "test_page"}
