# What only Snakemake can say: the config as it reads it, the jobs that are asked for, and what a rule hands its script.
# `lrstudy.plan` does the rest, as plain functions. Nothing else reads `config`.

import os
import sys
import warnings
from pathlib import Path

import yaml

ROOT = Path(str(workflow.current_basedir)).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from lrstudy.files import labels
from lrstudy.files.errors import StudyError
from lrstudy.files.records import Checksums
from lrstudy.plan import closing, given, jobs, reading
from lrstudy.plan import run as runs
from lrstudy.plan import targets
from lrstudy.plan.digests import Digests
from lrstudy.plan.jobs import Job
from lrstudy.plan.state import State

# `snakemake --report` asks what a job needs where Snakemake cannot look up the size of its inputs, and warns of itself.
warnings.filterwarnings("ignore", "coroutine 'InputFiles", RuntimeWarning)

# As a module of another workflow we run in a folder that is not ours: our files then have absolute paths.
HERE = Path("") if ROOT == Path.cwd() else ROOT
CONFIG = Path("config") if Path("config/studies").is_dir() else ROOT / "config"
SCRIPTS = ROOT / "scripts"


def schema(name):
    """Return one of our JSON schemas."""
    with open(ROOT / f"workflow/schemas/{name}.schema.yaml", encoding="utf-8") as stream:
        return yaml.load(stream, Loader=yaml.CSafeLoader)  # libyaml, ten times faster than `safe_load`


def checked(load, *arguments):
    """Return what `load` returns; a mistake in the config ends the run with its one line."""
    try:
        return load(*arguments)
    except StudyError as error:
        sys.exit(f"error: {error}")


for each in (CONFIG / "config.yaml", *workflow.overwrite_configfiles):
    checked(reading.read_mapping, each)  # Snakemake's own reader lets a key stand twice


configfile: CONFIG / "config.yaml"


RULES = [path.stem for path in SCRIPTS.glob("*.py")]
RUN = checked(runs.load, config, CONFIG, schema, RULES, ", ".join(map(str, workflow.configfiles)) or "config")
MEMORY = Checksums(".snakemake/checksums.json")
# Where jobs run in conda's environments, their libraries are those of the environment's file, and not ours.
CONDA = "conda" in map(str, workflow.deployment_settings.deployment_method)
DIGESTS = Digests(RUN, SCRIPTS, MEMORY, ROOT / "workflow/envs/environment.yaml" if CONDA else None)


def needs(rule, files):
    """Return an input function that gives `files`, a pattern or a function of wildcards, to a rule.

    Where the job's own files fit it has no need to run, so that what has to be made again as it was does not make it:
    files that are there are `ancient`, and those that a failed job took away are not asked for.
    """

    def of(wildcards):
        found = files(wildcards) if callable(files) else files.format(**wildcards)
        if not workflow.is_main_process or forced() or not STATE.settled(job_of(rule, wildcards)):
            return found
        if isinstance(found, dict):
            return {name: ancient(path) for name, path in found.items() if Path(path).exists()}
        return [ancient(path) for path in ([found] if isinstance(found, str) else found) if Path(path).exists()]

    return of


def settings_of(rule):
    """Return a function of wildcards that gives the settings of a rule's job.

    It has a parameter `input`, so that Snakemake leaves them out of its own record: the digest stands for them.
    """
    return lambda wildcards, input: given.given(RUN, job_of(rule, wildcards))


def digest_of(rule):
    """Return a function of wildcards that gives the digest of all that a rule's job depends on."""
    return lambda wildcards: DIGESTS.of(job_of(rule, wildcards))


def job_of(rule, wildcards):
    """Return a rule's job as a plain value."""
    items = [wildcards[name] for name in ("program", "training", "study") if name in wildcards.keys()]
    job = Job(rule, wildcards.get("dataset", ""), *items)
    return next((each for each in manifests() if each.dataset == job.dataset), job) if rule == "manifest" else job


def files_of(*asked):
    """Return the files of jobs, in the order of the rules' outputs."""
    return [job.path(str(path)) for job in asked for path in getattr(rules, job.rule).output]


STATE = State(DIGESTS, files_of)


def standin_of(wildcards):
    """Return the file of parameters that a simulated dataset is drawn from, or nothing for a measured one."""
    entry = RUN.datasets[wildcards.dataset]
    return [str(HERE / entry["standin"])] if "standin" in entry else []


def program_of(wildcards):
    """Return the program that a training runs."""
    return f"results/{wildcards.dataset}/programs/{labels.program_of(wildcards.training)}/program.zip"


def program_of_study(wildcards):
    """Return the program of a study that varies nothing which a program is made from."""
    return files_of(Job("compile", wildcards.dataset, jobs.program_of(RUN, job_of("variance", wildcards))))[0]


def histories_of(wildcards):
    """Return the cached histories of a study's trainings, in the config's order."""
    return files_of(*jobs.rests_on(RUN, Job("collect", wildcards.dataset, wildcards.study)))


def where_made(rule):
    """Return a function of wildcards that gives the files which a rule takes where its study has them, by name."""

    def files(wildcards):
        job = job_of(rule, wildcards)
        made = [
            Job(each, job.dataset, "" if each in jobs.OF_A_DATASET else job.item) for each in jobs.where_made(RUN, job)
        ]
        return {Path(path).stem: path for path in files_of(*made) if not path.endswith(".png")}

    return files


def tables_of(wildcards):
    """Return every table of a dataset that its manifest lists."""
    behind = jobs.all_behind(RUN, jobs.rests_on(RUN, job_of("manifest", wildcards)))
    return sorted(path for path in files_of(*behind) if path.endswith((".csv", ".json", ".parquet")))


def manifest_settings(wildcards, input):
    """Return the config that a manifest shows, and the digest that each of its tables' records should bear."""
    job = job_of("manifest", wildcards)
    behind = jobs.all_behind(RUN, jobs.rests_on(RUN, job))
    digests = {path: DIGESTS.of(each) for each in behind for path in files_of(each)}
    return {"config": given.given(RUN, job), "digests": digests}


def recommendations(wildcards):
    """Return the recommendations that a table puts side by side."""
    return files_of(*jobs.rests_on(RUN, Job("tabulate")))


def memory_of_fetch(wildcards):
    """Return the MB that a job needs to read the user's own file.

    How large a download is, nobody knows beforehand; `--set-resources fetch:mem_mb=8000` makes room for a large one.
    """
    files = [path for path in DIGESTS.own_files(wildcards.dataset) if path.is_file()]
    return 1000 + 4 * sum(path.stat().st_size for path in files) // 10**6


def memory_of_table(wildcards, input):
    """Return the MB that a job needs to read its table: measured three times its file's, plus the libraries."""
    return 1000 + 4 * int(input.size_mb)


def memory_of_training(wildcards, input):
    """Return the MB that a job of the training rows needs: measured ten times the prepared file's, however many seeds."""
    return 2000 + 10 * int(input.size_mb)
