# What only Snakemake can say: the config as it reads it, the jobs that are asked for, and what a rule hands its script.
# `lrstudy.plan` does the rest, as plain functions. Nothing else reads `config`.

import os
import sys
import time
import warnings
from pathlib import Path

import yaml

STARTED = time.time()
ROOT = Path(str(workflow.current_basedir)).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from lrstudy.files import handed, labels
from lrstudy.files.errors import StudyError
from lrstudy.files.records import Checksums
from lrstudy.plan import closing, given, jobs, last_run, reading, small_tables
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


if workflow.storage_settings and workflow.storage_settings.default_storage_provider:
    sys.exit(
        "error: results need a file system that all jobs share, not a storage: what runs is decided beside each file"
    )

for each in (CONFIG / "config.yaml", *workflow.overwrite_configfiles):
    checked(reading.read_mapping, each)  # Snakemake's own reader lets a key stand twice


configfile: CONFIG / "config.yaml"


RULES = [path.stem for path in SCRIPTS.glob("*.py")]
READ = ", ".join(map(str, workflow.configfiles)) or "config"
RUN = checked(runs.load, config, CONFIG, schema, RULES, READ, workflow.config_settings.config)


def needs(rule, files):
    """Return an input function that gives `files`, a pattern or a function of wildcards, to a rule.

    Where the job's own files fit it has no need to run, so that what has to be made again as it was does not make it:
    files that are there are `ancient`, and those that a failed job took away are not asked for. Where they are there and
    do not fit it runs, whatever Snakemake's own record, which a kill or a `rm -r .snakemake` loses, says of them.
    """

    def of(wildcards):
        lean()
        found, job = files(wildcards) if callable(files) else files.format(**wildcards), job_of(rule, wildcards)
        if not workflow.is_main_process or forced():
            return found
        if not STATE.settled(job):
            workflow.dag.forcefiles.update(STATE.wrong(job))
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


MEMORY = Checksums(".snakemake/checksums.json")
# Where jobs run in conda's environments, their libraries are those of the environment's file, and not ours.
CONDA = "conda" in map(str, workflow.deployment_settings.deployment_method)
DIGESTS = Digests(RUN, SCRIPTS, MEMORY, files_of, ROOT / "workflow/envs/environment.yaml" if CONDA else None)
STATE = State(DIGESTS)
