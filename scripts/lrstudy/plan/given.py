"""What each rule is given: just those settings that its script reads, and so just those that its files depend on."""

from collections.abc import Callable
from typing import Any

from lrstudy.plan import settings
from lrstudy.plan.jobs import Job
from lrstudy.plan.run import Run
from lrstudy.plan.settings import Study

# Keys of a dataset that say nothing about its table's cells.
WORDS = ("title", "description", "licence", "citation", "doi")
NOT_FETCHED = (*WORDS, "simulated", "network", "stratify")
PREPARED = ("target", "missing", "missing_texts", "categorical", "stratify")
LECTURE = {"network": "logistic", "optimizer": "sgd", "epochs": 10, "batch_size": 32, "learning_rate": 0.01}


def given(run: Run, job: Job) -> Any:
    """Return the settings of a job."""
    return _GIVEN[job.rule](run, job)


def _fetch(run: Run, job: Job) -> dict:
    entry = {key: value for key, value in run.datasets[job.dataset].items() if key not in NOT_FETCHED}
    return {"name": job.dataset, "dataset": entry}


def _prepare(run: Run, job: Job) -> dict:
    entry = run.datasets[job.dataset]
    kept = {name: entry[name] for name in PREPARED if name in entry}
    return {"dataset": kept, "split": run.config["split"], "scaling": run.config["scaling"]}


def _overview(run: Run, job: Job) -> dict:
    entry = run.datasets[job.dataset]
    words = {name: entry[name] for name in WORDS if name in entry}
    shown = {name: entry[name] for name in ("title", "simulated", "categorical", "missing") if name in entry}
    return {"name": job.dataset, "words": {**words, "simulated": entry.get("simulated", False)}, "dataset": shown}


def _baseline(run: Run, job: Job) -> dict:
    return {"random_state": run.config["split"]["random_state"]}


def _titles(run: Run, job: Job) -> dict:
    """Return how a figure names its dataset."""
    entry = run.datasets[job.dataset]
    return {"dataset": entry["title"], "simulated": entry.get("simulated", False)}


def _compile(run: Run, job: Job) -> dict:
    names = dict(part.split("~", 1) for part in job.item.split("/"))
    return {**settings.definitions(names, run.config), "seeds": run.config["seeds"]}


def _train(run: Run, job: Job) -> dict:
    training = run.trainings[job.item]
    return {
        **{name: training[name] for name in ("split", "epochs", "batch_size", "learning_rate")},
        "seeds": run.config["seeds"],
    }


def _range_test(run: Run, job: Job) -> dict:
    trainings = _study(run, job).trainings
    rates = [float(training["learning_rate"]) for training in trainings]
    return {
        "split": trainings[0]["split"],
        "batch_size": trainings[0]["batch_size"],
        "range": [min(rates), max(rates)],
        "seeds": run.config["seeds"],
    }


def _collect(run: Run, job: Job) -> dict:
    study = _study(run, job)
    return {"vary": list(study.vary), "trainings": list(study.trainings)}


def _evidence(run: Run, job: Job) -> dict:
    """Return what turns a study's histories into statistics."""
    seeds, rules = run.config["seeds"], run.config["statistics"]
    return {**_collect(run, job), "study": job.item, "seeds": seeds, "statistics": rules}


def _summarise(run: Run, job: Job) -> dict:
    logistic = [name for name, network in run.config["networks"].items() if not network["hidden"]]
    used = {training["network"] for training in _study(run, job).trainings}
    return {**_evidence(run, job), "logistic": [name for name in logistic if name in used]}


def _recommend(run: Run, job: Job) -> dict:
    used = {training["optimizer"] for training in _study(run, job).trainings}
    optimizers = {name: definition for name, definition in run.config["optimizers"].items() if name in used}
    study = _study(run, job)
    return {**_summarise(run, job), "optimizers": optimizers, "file": study.file, "line": study.line}


def _curves(run: Run, job: Job) -> dict:
    study = _study(run, job)
    lecture = job.dataset in ("banknote", "banknote_standin") and _the_lectures(study)
    return {
        **_collect(run, job),
        **_titles(run, job),
        "title": study.title,
        "seeds": run.config["seeds"],
        "lecture": lecture,
    }


def _figure(run: Run, job: Job) -> dict:
    """Return what a figure of statistics shows beside them."""
    return {**_evidence(run, job), **_titles(run, job), "title": _study(run, job).title}


def _page(run: Run, job: Job) -> dict:
    """Return what a page says beside its numbers: what its settings mean, whose data it shows, how it is made again."""
    study, entry = _study(run, job), run.datasets[job.dataset]
    used = {name: dict.fromkeys(training[name] for training in study.trainings) for name in settings.DEFINED_IN}
    return {
        **_figure(run, job),
        "name": job.dataset,
        "words": {name: entry[name] for name in WORDS if name in entry},
        "folder": f"results/{job.dataset}/studies/{job.item}",
        "command": f".venv/bin/snakemake --cores 4 --config dataset={job.dataset} -- {job.item}",
        "definitions": {
            name: {each: run.config[section][each] for each in used[name]}
            for name, section in settings.DEFINED_IN.items()
        },
        "also": {
            name: ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in sorted(run.config[name].items()))
            for name in ("split", "scaling")
        },
    }


def _tabulate(run: Run, job: Job) -> list[dict]:
    return [
        {
            "study": study,
            "dataset": dataset,
            "simulated": run.datasets[dataset].get("simulated", False),
            "network": ", ".join(
                dict.fromkeys(training["network"] for training in run.studies[dataset][study].trainings)
            ),
        }
        for study, dataset in run.recommending
    ]


def _study(run: Run, job: Job) -> Study:
    return run.studies[job.dataset][job.item]


def _the_lectures(study: Study) -> bool:
    """Return whether a study is the lecture's single training."""
    return [{name: training[name] for name in LECTURE} for training in study.trainings] == [LECTURE]


def _manifest(run: Run, job: Job) -> dict:
    """Return all that a dataset's tables depend on, beside the code."""
    ours = run.studies[job.dataset]
    studies = {name: list(ours[name].trainings) for name in job.item.split(",") if name in ours}
    return {**run.config, "dataset": run.datasets[job.dataset], "studies": studies}


_GIVEN: dict[str, Callable[[Run, Job], Any]] = {
    "fetch": _fetch,
    "overview": _overview,
    "prepare": _prepare,
    "baseline": _baseline,
    "descend": _titles,
    "compile": _compile,
    "train": _train,
    "collect": _collect,
    "summarise": _summarise,
    "plot": _curves,
    "recommend": _recommend,
    "plot_rates": _figure,
    "plot_map": _figure,
    "plot_times": _figure,
    "plot_few_seeds": _figure,
    "compare": _evidence,
    "budget": _figure,
    "variance": _figure,
    "range_test": _range_test,
    "audit": _figure,
    "page": _page,
    "vega": lambda run, job: {},
    "tabulate": _tabulate,
    "manifest": _manifest,
}
