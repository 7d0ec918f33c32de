# What this run is asked for. Snakemake knows its targets once all rules are read, so all of this is asked for later.

import re
from functools import cache


@cache
def asked():
    """Return the targets that this run names, `all` where it names none."""
    return [str(target) for target in workflow.dag_settings.targets] or ["all"]


@cache
def forced():
    """Return whether the user forces jobs to run, whether or not their files fit."""
    asked_for = workflow.dag_settings
    return bool(asked_for.forceall or asked_for.forcetargets or asked_for.forcerun)


@cache
def manifests():
    """Return the jobs that list what this run makes, and what else is there and fits today's config."""
    named = [target for target in asked() if target in (*runs.TARGETS, *RUN.names)]
    return targets.manifests(RUN, named or ["all"], STATE)


def goal(target):
    """Return the files of a target, the manifest of all that the run makes, and what a failed job took away.

    Files that do not fit are made again, whatever Snakemake's own record says of them, which a failure, a kill or a
    `rm -r .snakemake` loses.
    """
    known = [dataset for dataset in RUN.datasets if STATE.fits(Job("fetch", dataset))]
    checked(small_tables.check_known, RUN, targets.studies_of(RUN, target), known)
    wanted = [*targets.jobs_of(RUN, target), *manifests()]
    workflow.dag.forcefiles.update(STATE.wrong(wanted))
    lost = STATE.lost(wanted)
    MEMORY.remember()
    return list(dict.fromkeys([*files_of(*wanted), *lost]))


def made():
    """Return the files that this run was asked for by the names of targets."""
    named = [target for target in asked() if target in (*runs.TARGETS, *RUN.names)]
    return files_of(*(job for target in named for job in targets.jobs_of(RUN, target)))


# A name that is no target's would end in words about files that no rule makes.
if workflow.is_main_process and re.search("snakemake", sys.argv[0]):
    known = [rule.name for rule in workflow.rules]
    if any(re.fullmatch(r"[A-Za-z_]\w*", word) and word not in known for word in sys.argv[1:]):
        from snakemake.cli import parse_args

        for target in parse_args(sys.argv[1:])[1].targets:
            checked(targets.check, target, RUN, known)
