# What keeps Snakemake's own work small. Without any of it the same jobs run, and take longer.

import gc
import os
import sys
from functools import cache, lru_cache
from pathlib import Path

import snakemake.common
import snakemake.rules
import snakemake.script
import snakemake.sourcecache

# Containers often set that Python shall keep no bytecode: each job would compile our modules anew, a tenth of its time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

gc.freeze()  # what is imported stays; a plan drops next to nothing, and looks for it as seldom as `lrstudy` says


@cache
def lean():
    """Set what follows, once: there are neither settings nor records when the rules are read."""
    unhurried(workflow.scheduling_settings)
    without_pandas(workflow.persistence)
    without_snakemake(snakemake.script.PythonScript)
    without_notebooks(snakemake.script)
    remembering(snakemake.common, "get_function_params")
    remembering(snakemake.rules, "get_function_params")
    remembering(snakemake.sourcecache, "parse_uri")


def unhurried(scheduling):
    """Let Snakemake look for jobs to start when one has ended, and at no other time, unless jobs go to a cluster.

    With a limit of jobs a second, as by default, it looks again a second after each look, whoever made that one: after
    a hundred jobs a hundred times a second.
    """
    if workflow.local_exec and hasattr(scheduling, "max_jobs_per_timespan"):
        scheduling.max_jobs_per_timespan = None


def without_pandas(records):
    """Keep Snakemake from importing pandas, a third of a start, to see whether a job's param is a table of pandas.

    Where nobody has imported pandas yet, none is.
    """
    parts = [getattr(records, f"_serialize_param_{kind}", None) for kind in ("pandas", "builtin")]
    if all(parts):
        look, plain = parts
        records._serialize_param_pandas = lambda value: (look if "pandas" in sys.modules else plain)(value)


def without_snakemake(scripts):
    """Hand our own scripts plain lists, so that no job imports Snakemake, and this process no pandas, for its params.

    Scripts of a workflow that takes ours as a module get what Snakemake hands them.
    """
    theirs = getattr(scripts, "get_preamble", None)

    def preamble(script):
        path = Path(script.local_path).resolve() if script.is_local else Path()
        return handed.preamble(script, path) if path.parent == SCRIPTS else theirs(script)

    if theirs and hasattr(scripts, "local_path"):
        scripts.get_preamble = preamble


def without_notebooks(scripts):
    """Keep Snakemake from importing nbformat, half a second before the first job, to see that a script is no notebook."""
    theirs = getattr(scripts, "get_language", None)
    if theirs:
        scripts.get_language = lambda file, source: (
            "python" if file.get_filename().endswith(".py") else theirs(file, source)
        )


def remembering(module, name):
    """Let Snakemake remember what it works out for each job: the parameters of a rule's function, what a path names."""
    plain = getattr(module, name, None)
    if plain:
        remembered = lru_cache(maxsize=1024)(plain)
        setattr(module, name, lambda value: (remembered if value.__hash__ else plain)(value))
