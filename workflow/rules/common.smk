# What the rules share: the checked config, and small functions that their inputs and params call.

import inspect
import shlex
import sys
import time
from pathlib import Path

STARTED = time.time()
ROOT = Path(inspect.getfile(lambda: None)).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
if not SCRIPTS.is_dir():
    sys.exit("error: this workflow runs from a checkout: clone it, and name the path of its workflow/Snakefile")
sys.path.append(str(SCRIPTS))

from lrstudy import job, labels, provenance
from lrstudy.errors import StudyError
from lrstudy.config import run as runs
from lrstudy.config import settings

CONFIG = Path("config") if Path("config/studies").is_dir() else ROOT / "config"
ENVIRONMENT = str(ROOT / "workflow/envs/environment.yaml")


def checked(load, *arguments):
    """Return what `load` returns; a mistake in the config ends the run with its one line."""
    try:
        return load(*arguments)
    except StudyError as error:
        sys.exit(f"error: {error}")


checked(settings.read_mapping, CONFIG / "config.yaml")  # Snakemake's own reader lets a key stand twice


configfile: CONFIG / "config.yaml"


RUN = checked(runs.load, config, CONFIG, ROOT / "workflow/schemas", [path.stem for path in SCRIPTS.glob("*.py")])
# How a target prints its answers: an answer is UTF-8, and the terminal may not be.
PRINT = f"{shlex.join([sys.executable, str(SCRIPTS / 'tools/answer.py')])} {{input.answers:q}} | tee {{log:q}}"


def study_of(wildcards):
    """Return the study that a job is about."""
    return RUN.studies[wildcards.dataset][wildcards.study]


def of_dataset(*keys):
    """Return a function of wildcards: those of the keys that the dataset's entry has, with their values."""
    return lambda wildcards: {key: value for key, value in RUN.datasets[wildcards.dataset].items() if key in keys}


TITLES = ("dataset", "simulated", "title")  # what a figure says
HISTORIES = ("vary", "trainings", "seeds", "statistics")  # what turns a study's histories into statistics


def reads(script, *names):
    """Return the params of a rule: the settings that its script reads, see `Run.setting`, and the digest of its code.

    Each setting is a dict of its name and value: the reasons that Snakemake gives for a job show values alone.
    """

    def setting(name):
        return lambda wildcards: {name: RUN.setting(name, wildcards.get("dataset"), wildcards.get("study"))}

    def code(wildcards):
        path = SCRIPTS / script.format(wildcards=wildcards)
        return {path.name: provenance.digest_of_code(path)}

    return {**{name: setting(name) for name in names}, "code": code}


def shown(path, caption, figure, category="Studies"):
    """Return an output file that `snakemake --report` shows, below a caption of workflow/report."""
    within = {"subcategory": "{study}"} if category == "Studies" else {}
    shown_as = {"dataset": "{dataset}", "figure": figure}
    return report(path, caption=f"../report/{caption}.rst", category=category, labels=shown_as, **within)


for warning in job.without_records():
    print(f"warning: {warning}", file=sys.stderr)
