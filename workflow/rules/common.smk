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


def code(script):
    """Return the digest of a script, of our modules that it imports and of the versions of their libraries."""
    return provenance.digest_of_code(SCRIPTS / script)


def study_of(wildcards):
    """Return the study that a job is about."""
    return RUN.studies[wildcards.dataset][wildcards.study]


def of_study(name):
    """Return a function of wildcards: an attribute of the job's study."""
    return lambda wildcards: getattr(study_of(wildcards), name)


def of_dataset(*keys):
    """Return a function of wildcards: those of the keys that the dataset's entry has, with their values."""
    return lambda wildcards: {key: value for key, value in RUN.datasets[wildcards.dataset].items() if key in keys}


# The settings that several scripts read, by name.
SETTINGS = {
    "name": "{dataset}",
    "study": "{study}",
    "dataset": lambda wildcards: RUN.datasets[wildcards.dataset]["title"],
    "simulated": lambda wildcards: RUN.datasets[wildcards.dataset].get("simulated", False),
    **{name: of_study(name) for name in ("title", "vary", "trainings", "answers", "ranges", "file", "line")},
    **{name: RUN.config[name] for name in ("seeds", "split", "scaling", "statistics")},
}


def reads(*names):
    """Return the params of a rule whose script reads these settings."""
    return {name: SETTINGS[name] for name in names}


def shown(path, caption, figure, category="Studies"):
    """Return an output file that `snakemake --report` shows, below a caption of workflow/report."""
    within = {"subcategory": "{study}"} if category == "Studies" else {}
    shown_as = {"dataset": "{dataset}", "figure": figure}
    return report(path, caption=f"../report/{caption}.rst", category=category, labels=shown_as, **within)


for warning in job.without_records():
    print(f"warning: {warning}", file=sys.stderr)
