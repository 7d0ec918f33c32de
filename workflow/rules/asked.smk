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
def reporting():
    """Return whether Snakemake makes a report, of what is there, and runs nothing."""
    return workflow.executor_plugin is None and any(word.split("=")[0] == "--report" for word in sys.argv[1:])


def shown(job):
    """Return which of its input files a report shows a job with: those that fit, so that none is missing."""
    return set(files_of(*filter(STATE.fits, jobs.rests_on(RUN, job)))).__contains__


@cache
def reported():
    """Return the jobs whose files a report shows, and hand its front page the answers; ends where there are none."""
    named = [target for target in asked() if target in (*runs.TARGETS, *RUN.names)]
    found = [job for target in named for job in targets.jobs_of(RUN, target) if STATE.fits(job)]
    missing = closing.missing(noted(), {target: targets.jobs_of(RUN, target) for target in named}, found)
    if not any(job.item for job in found):
        sys.exit("\n".join(f"error: {each}" for each in missing))
    for each in missing:
        print(f"warning: {each}", file=sys.stderr)
    config["answers"] = [
        [closing.as_rst(f"{dataset}, {study}"), *(closing.as_rst(line.strip()) for line in said)]
        for dataset, study, _, said in closing.answers(noted(), MEMORY)
    ]
    return found


@cache
def manifests():
    """Return the jobs that list what this run makes, and what else is there and fits today's config."""
    named = [target for target in asked() if target in (*runs.TARGETS, *RUN.names)]
    return targets.manifests(RUN, named or ["all"], STATE)


def goal(target):
    """Return the files of a target, the manifest of all that the run makes, and what a failed job took away."""
    if reporting():
        return files_of(*(job for job in targets.jobs_of(RUN, target) if job in reported()))
    known = [dataset for dataset in RUN.datasets if STATE.fits(Job("fetch", dataset))]
    checked(small_tables.check_known, RUN, targets.studies_of(RUN, target), known)
    wanted = [*targets.jobs_of(RUN, target), *manifests()]
    lost = STATE.lost(wanted)
    begin()
    MEMORY.remember()
    return list(dict.fromkeys([*files_of(*wanted), *lost]))


@cache
def begin():
    """Note what this run is asked for; where nothing is to be done, of which Snakemake tells no handler, say it now."""
    makes = workflow.executor_plugin is not None and not (workflow.dryrun or workflow.touch)
    if not (makes and workflow.is_main_process and noted()["targets"] == asked()):
        return
    said = answers()
    wanted = [*(job for target in asked() for job in targets.jobs_of(RUN, target)), *manifests()]
    if all(map(STATE.settled, wanted)) and not forced():
        closing.say(said)


def unfinished():
    """Return the logs of this run's jobs that have begun and not finished."""
    jobs_left = [job for job in workflow.dag.needrun_jobs() if not workflow.dag.finished(job)]
    logs = [Path(path) for job in jobs_left for path in job.log]
    return [path for path in logs if path.exists() and path.stat().st_mtime >= STARTED]


def noted():
    """Return what this run was asked for by the names of targets."""
    named = [target for target in asked() if target in (*runs.TARGETS, *RUN.names)]
    config_settings = workflow.config_settings
    return last_run.note(RUN, named, DIGESTS, files_of, config_settings.config, config_settings.configfiles)


def answers():
    """Return what the studies of this run have found, and note it: anew at its end, for a new table is a new digest."""
    said = noted()
    if said["targets"]:
        last_run.write(said)
    made = files_of(*(job for target in said["targets"] for job in targets.jobs_of(RUN, target)))
    return "\n".join(filter(None, [closing.cautions(made, RUN), closing.words(said, MEMORY)]))


# A name that is no target's would end in words about files that no rule makes.
if workflow.is_main_process and re.search("snakemake", sys.argv[0]):
    known = [rule.name for rule in workflow.rules]
    if any(re.fullmatch(r"[A-Za-z_]\w*", word) and word not in known for word in sys.argv[1:]):
        from snakemake.cli import parse_args

        for target in parse_args(sys.argv[1:])[1].targets:
            checked(targets.check, target, RUN, known)
