"""What a user asks for by name: the jobs behind each target, and near misses."""

from collections.abc import Iterable
from pathlib import Path

from lrstudy.files.errors import StudyError
from lrstudy.plan.checking import nearest
from lrstudy.plan.jobs import Job, descents, of_dataset, of_study
from lrstudy.plan.run import CHAPTER, TARGETS, Run
from lrstudy.plan.state import State

DESCENT = "descend"  # how a manifest's item names the path of gradient descent, which belongs to no study


def studies_of(run: Run, target: str) -> list[str]:
    """Return the studies that a target makes."""
    if target == "all":
        return run.config["studies"]
    if target == "chapter":
        return [name for name in CHAPTER if name in run.names]
    return run.names if target == "everything" else [target]


def jobs_of(run: Run, target: str) -> list[Job]:
    """Return the jobs that make a target's files, without those that they rest on."""
    found = [job for study in studies_of(run, target) for job in of_study(run, study)]
    if target in ("chapter", "everything"):
        found += descents(run)
    if target == "all" and len(run.datasets) > 1 and run.recommending:
        found.append(Job("tabulate"))
    return [*of_dataset(run), *found]


def manifests(run: Run, targets: Iterable[str], state: State) -> list[Job]:
    """Return the jobs that list all that a run makes, and what else is there and fits today's config."""
    asked = [name for target in targets for name in studies_of(run, target)]
    descent = any(target in ("chapter", "everything") for target in targets)
    descent = descent or any(run.study(name).answers for name in asked)  # whose pages show it
    found = []
    for dataset in run.datasets:
        kept = [name for name in run.names if name in asked or _made(run, dataset, name, state)]
        fits = state.fits(Job("descend", dataset))
        found.append(Job("manifest", dataset, ",".join([*kept, *([DESCENT] if descent or fits else [])])))
    return found


def _made(run: Run, dataset: str, study: str, state: State) -> bool:
    """Return whether all files of a study are there and fit."""
    return all(state.fits(job) for job in of_study(run, study) if job.dataset == dataset)


def check(target: str, run: Run, rules: Iterable[str]) -> None:
    """Raise `StudyError` for a target that is the name neither of a rule nor of a file."""
    if target not in rules and "/" not in target and not Path(target).suffix:
        known = [*TARGETS, *run.names]
        raise StudyError(f"there is no study and no rule {target!r}; {nearest(target, known)}")
