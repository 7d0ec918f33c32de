"""What the last run was asked for, written down, so that its answers and its report can be had again."""

import json
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from lrstudy.files import atomic, records
from lrstudy.plan import targets
from lrstudy.plan.digests import Digests
from lrstudy.plan.jobs import Job, of_study
from lrstudy.plan.run import Run
from lrstudy.plan.settings import Study

PLACE = Path(".snakemake/last_run.json")
SAME = ("network", "optimizer", "initializer", "epochs", "batch_size")  # by which two studies ask the same of a rate


def note(
    run: Run, named: Sequence[str], digests: Digests, files_of: Callable, given: dict, configfiles: Sequence
) -> dict:
    """Return what a run was asked for: its targets, its config from the command line, and its studies' files.

    `files_of` gives the files of jobs; each stands with the digest that its record bears while it fits.
    """
    asked = list(dict.fromkeys(study for target in named for study in targets.studies_of(run, target)))
    return {
        "targets": list(named),
        "datasets": list(run.datasets),
        "config": {key: value for key, value in given.items() if key != "dataset"},
        "names_dataset": "dataset" in given or len(run.datasets) > 1,
        "configfiles": [str(path) for path in configfiles],
        "studies": [
            {
                "dataset": dataset,
                "study": study,
                "varied": ", ".join(name for name in run.study(study).vary if name != "learning_rate"),
                "files": {
                    path: digests.of(job)
                    for job in of_study(run, study)
                    if job.dataset == dataset
                    for path in files_of(job)
                },
                "wider": {side: wider(run, dataset, study, side) for side in ("lowest", "highest")},
            }
            for dataset in run.datasets
            for study in asked
        ],
        "together": {
            path: digests.of(job)
            for target in named
            for job in targets.jobs_of(run, target)
            if job == Job("tabulate")
            for path in files_of(job)
        },
    }


def wider(run: Run, dataset: str, name: str, side: str) -> str | None:
    """Return the study that asks the same of learning rates beyond that end of a study's own, if there is one."""
    ours = run.studies[dataset]
    if ours[name].vary != ("learning_rate",):
        return None
    low, high = _ends(ours[name])
    for other, study in ours.items():
        if study.vary == ("learning_rate",) and _same(study) == _same(ours[name]):
            least, most = _ends(study)
            if (side == "lowest" and least < low) or (side == "highest" and most > high):
                return other
    return None


def _ends(study: Study) -> tuple[float, float]:
    rates = [float(training["learning_rate"]) for training in study.trainings]
    return min(rates), max(rates)


def _same(study: Study) -> list:
    return [study.trainings[0][name] for name in SAME]


def write(said: dict) -> None:
    """Keep a note; a disk that does not take it costs saying again what to report."""
    try:
        atomic.write_text(PLACE, json.dumps(said))
    except OSError:
        return


def read() -> dict | None:
    """Return the note of the last run here, None where there is none that can be read."""
    try:
        said = json.loads(PLACE.read_bytes())
        return said if isinstance(said, dict) and "studies" in said else None
    except (OSError, ValueError):
        return None


def fitting(files: dict[str, str], checksums: records.Checksums) -> list[str]:
    """Return those files of a note that are there as they were made."""
    return [path for path, digest in files.items() if records.fits(path, digest, checksums)]


def command(said: dict, target: str, dataset: str) -> str:
    """Return the command that makes a target for a dataset, with the config that the last run had."""
    own = Path(".venv/bin/snakemake")
    words = [str(own) if own.exists() else "snakemake", "--cores", "4", target]
    return shlex.join([*words, *config_words(said, [dataset] if said["names_dataset"] else [])])


def config_words(said: dict, datasets: Sequence[str]) -> list[str]:
    """Return the words of a command line that give Snakemake the last run's config, for these datasets if any."""
    values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in said["config"].items()}
    if datasets:
        values["dataset"] = datasets[0] if len(datasets) == 1 else f"[{', '.join(datasets)}]"
    files = ["--configfile", *said["configfiles"]] if said["configfiles"] else []
    return [*files, *(["--config", *(f"{key}={value}" for key, value in values.items())] if values else [])]
