"""The lecture's studies on a real Slurm: the same bytes as locally, through kills, lost nodes and lack of memory."""

import hashlib
import os
import re

import pytest
from conftest import SNAKEMAKE, SUMMARY, differing, four_trainings, histories, on_slurm, trained_on_the_node
from slurm import command, until

from project import ROOT, Project, small_project, tables

GROUPS_OF = "--group-components=trainings={}"
STUDY = ["--", SUMMARY]


def submitted(text: str) -> list[str]:
    """Return the Slurm jobs that a run says it has submitted."""
    return re.findall(r"has been submitted with SLURM jobid (\d+)", text)


def compare(local, remote, data: str, capsys) -> list[str]:
    """Print a local run beside one on Slurm, file by file; return the files that differ."""
    results, differ = tables(local.folder), differing(local, remote)
    with capsys.disabled():
        print(f"\n{'A local run and one on Slurm: ' + data:68s}{'bytes':>9s}  SHA-256")
        for path, content in results.items():
            verdict = "DIFFERS" if path in differ else "the same"
            shown = path if len(path) <= 66 else "…" + path[-65:]
            print(f"{shown:68s}{len(content):9,d}  {hashlib.sha256(content).hexdigest()[:12]}  {verdict}")
        print(f"{len(results)} files compared, {len(differ)} differ")
    assert len([path for path in results if path.endswith("history.parquet")]) == 5
    return differ


def test_the_lectures_studies_are_the_same_bytes(slurm, finished, tmp_path, capsys):
    remote = small_project(tmp_path / "remote")
    with on_slurm(remote) as run:
        jobs = submitted(run.finish())
    assert compare(finished, remote, "simulated stand-in", capsys) == []
    # compile of two batch sizes, baseline, and one job for all trainings: processor and memory of one, the time of all
    assert len(jobs) == 4
    (log,) = (remote.folder / ".snakemake/slurm_logs/group_trainings_train").glob("*.log")
    assert f"{log.stem} COMPLETED 1 1000M 10:00" in slurm.jobs("all", "%i %T %C %m %l")


@pytest.mark.skipif("DATA_MIRROR" not in os.environ, reason="the genuine data need DATA_MIRROR")
def test_the_genuine_banknotes_are_the_same_bytes(slurm, tmp_path, capsys):
    mirror = str((ROOT / os.environ["DATA_MIRROR"]).resolve())
    local, remote = Project(tmp_path / "local"), Project(tmp_path / "remote")
    for project in (local, remote):
        project.edit("config/config.yaml", lambda config: config.update(seeds=16))
    result = local.run(DATA_MIRROR=mirror)
    assert result.returncode == 0, result.stdout
    with on_slurm(remote, DATA_MIRROR=mirror) as run:
        run.finish()
    assert compare(local, remote, "the genuine banknotes", capsys) == []


def test_a_training_costs_little_more_than_its_script(slurm, finished, tmp_path, capsys):
    """From one training to the next in a Slurm job: a Snakemake for each, as the plugin has it, against one for all."""
    seconds = {}
    for executor in ("slurm", "slurm-batch"):
        project = four_trainings(finished, tmp_path / executor)
        # The plugin's own Snakemakes on the node need a plugin, too.
        with on_slurm(project, *STUDY, executor=executor, PYTHONPATH=str(SNAKEMAKE.parent)) as run:
            run.finish()
        results = project.folder / "results/banknote_standin"
        # Snakemake dates histories anew where a group ends, but not their logs.
        logs = (results / "logs/train").rglob("epochs~4/**/*.log")
        dates = sorted(path.stat().st_mtime for path in logs)
        seconds[executor] = (dates[-1] - dates[0]) / (len(dates) - 1)
    with capsys.disabled():
        print(f"\n{'From one training to the next, in one Slurm job':68s}{'seconds':>9s}")
        for executor, name in (("slurm", "a Snakemake for each (slurm)"), ("slurm-batch", "one for all (slurm-batch)")):
            print(f"{name:68s}{seconds[executor]:9.2f}")
    assert seconds["slurm-batch"] < seconds["slurm"] / 2


def test_a_cancelled_job_is_retried(slurm, project, undisturbed):
    with on_slurm(project, GROUPS_OF.format(2), *STUDY) as run:
        until(lambda: histories(project), "a first training has finished")
        victims = slurm.jobs("running")
        command("scancel", *victims)
        assert len(histories(project)) < 4
        text = run.finish()
    assert victims
    assert text.count("Trying to restart job") == len(victims)
    assert {"CANCELLED"} == {line.split()[1] for line in slurm.jobs("all", "%i %T") if line.split()[0] in victims}
    assert differing(project, undisturbed) == []


def test_a_job_out_of_memory_is_retried_with_more(slurm, project, undisturbed):
    profile = project.folder / "workflow/profiles/slurm/profile.yaml"
    # 64 MB are less than Snakemake itself needs; the second attempt asks for 1024.
    asks, small = "(1000 + 10 * int(input.size_mb)) * attempt", "64 * 16 ** (attempt - 1)"
    profile.write_text(profile.read_text().replace(asks, small, 1))
    with on_slurm(project, *STUDY) as run:
        jobs = submitted(run.finish())
    first, second = jobs
    asked = dict(line.split() for line in slurm.jobs("all", "%i %m"))
    assert (asked[first], asked[second]) == ("64M", "1G")
    log = project.folder / f".snakemake/slurm_logs/group_trainings_train/{first}.log"
    assert "exceeded memory limit" in log.read_text()
    assert differing(project, undisturbed) == []


def test_a_node_that_goes_down_and_comes_back_loses_nothing(slurm, project, undisturbed):
    with on_slurm(project, *STUDY) as run:
        until(lambda: histories(project), "a first training has finished")
        slurm.down()
        assert len(histories(project)) < 4
        until(lambda: not slurm.jobs("running"), "the job has left the node")
        slurm.resume()
        jobs = submitted(run.finish())
    # Slurm itself ran the job again.
    assert "Restarts=1" in command("scontrol", "show", "job", jobs[0])
    assert differing(project, undisturbed) == []


def test_snakemake_killed_and_started_again_keeps_what_it_knew_of(slurm, project, undisturbed):
    one_by_one = [GROUPS_OF.format(2), "--jobs=1"]
    with on_slurm(project, *one_by_one, *STUDY) as run:
        until(lambda: trained_on_the_node(project) >= 3, "one of the second job's two trainings has finished")
        kept = histories(project)
        run.kill()
        (name,) = re.findall(r"SLURM run ID: (\S+)", run.text)
    # As docs/cluster.md says.
    command("scancel", f"--name={name}")
    until(lambda: not slurm.jobs("running,pending,completing"), "the jobs left behind are gone")
    assert project.run("--unlock").returncode == 0
    with on_slurm(project, *one_by_one, *STUDY) as run:
        text = run.finish()
    again = re.findall(r"^train +(\d+)$", text, re.MULTILINE)
    assert len(kept) >= 3 and again in (["1"], ["2"])  # those of the job that was running
    assert len(kept.items() & histories(project).items()) >= 2
    assert differing(project, undisturbed) == []
