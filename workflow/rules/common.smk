# What the rules are made from: the checked config, spelled out into trainings, and the paths of our own code.
# Nothing else reads `config`.

import json
import sys
import warnings
from pathlib import Path

import yaml

ROOT = Path(str(workflow.current_basedir)).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from lrstudy.files import labels
from lrstudy.plan import code, settings
from lrstudy.files.errors import StudyError

# `snakemake --report` asks what a job needs where Snakemake cannot look up the size of its inputs, and warns of itself.
warnings.filterwarnings("ignore", "coroutine 'InputFiles", RuntimeWarning)

# As a module of another workflow we run in a folder that is not ours: our files then have absolute paths.
HERE = Path("") if ROOT == Path.cwd() else ROOT
CONFIG = Path("config") if Path("config/studies").is_dir() else ROOT / "config"


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
    checked(settings.read_mapping, each)  # Snakemake's own reader lets a key stand twice


configfile: CONFIG / "config.yaml"


CONFIGURED = checked(
    settings.load_config, config, schema("config"), ", ".join(map(str, workflow.configfiles)) or "config"
)
DATASETS = checked(settings.load_datasets, CONFIG / "datasets.yaml", CONFIGURED["dataset"], schema("datasets"))
# By dataset, since a dataset may ask for a network of its own.
STUDIES_OF = {
    name: checked(
        settings.load_studies,
        CONFIG / "studies",
        schema("study"),
        checked(settings.for_dataset, CONFIGURED, name, entry),
    )
    for name, entry in DATASETS.items()
}
STUDIES = next(iter(STUDIES_OF.values()))
TRAININGS = {
    labels.path_of(training): training
    for studies in STUDIES_OF.values()
    for study in studies.values()
    for training in study.trainings
}
SCRIPTS = {path.stem: path for path in (ROOT / "scripts").glob("*.py")}
for name in STUDIES:
    if name in ("all", "chapter", "everything", *SCRIPTS):
        sys.exit(f"error: {CONFIG}/studies/{name}.yaml: {name!r} is the name of a rule; rename the file")
for name, entry in DATASETS.items():
    if "standin" in entry and not (HERE / entry["standin"]).is_file():
        sys.exit(f"error: {CONFIG}/datasets.yaml: {name}.standin: there is no file {entry['standin']}")


def code_of(name):
    """Return the files that the script `name` is made of: their content decides whether it runs again."""
    return [str(HERE / path.relative_to(ROOT)) for path in code.files_of(SCRIPTS[name])]


def standin_of(wildcards):
    """Return the file of parameters that a simulated dataset is drawn from, or nothing for a measured one."""
    entry = DATASETS[wildcards.dataset]
    return [str(HERE / entry["standin"])] if "standin" in entry else []


def local_files_of(wildcards):
    """Return the dataset's files on this machine, so that their content decides whether it is fetched again.

    One that is not there is left to the job, which says so in one line.
    """
    entry = DATASETS[wildcards.dataset]
    found = [Path(source["path"]) for source in entry.get("sources", [entry]) if "path" in source]
    return [str(path if ROOT == Path.cwd() else path.absolute()) for path in found if path.is_file()]


def memory_of_table(wildcards, input):
    """Return the MB that a job needs to read its table: measured three times its file's, plus the libraries.

    How large a download is, nobody knows beforehand; `--set-resources fetch:mem_mb=8000` makes room for a large one.
    """
    return 1000 + 4 * int(input.size_mb)


def memory_of_training(wildcards, input):
    """Return the MB that a job of the training rows needs: measured ten times the prepared file's, however many seeds."""
    return 2000 + 10 * int(input.size_mb)


def program_settings(wildcards):
    """Return what a program is compiled from."""
    names = dict(part.split("~", 1) for part in wildcards.program.split("/"))
    return {**settings.definitions(names, CONFIGURED), "seeds": CONFIGURED["seeds"]}


def training_settings(wildcards):
    """Return what a training runs its program with."""
    training = TRAININGS[wildcards.training]
    run = {name: training[name] for name in ("split", "epochs", "batch_size", "learning_rate")}
    return {**run, "seeds": CONFIGURED["seeds"]}


def dataset_settings(wildcards):
    """Return how a figure names its dataset."""
    dataset = DATASETS[wildcards.dataset]
    return {"dataset": dataset["title"], "simulated": dataset.get("simulated", False)}


def range_test_settings(wildcards):
    """Return what a study's range test is run with: the settings of its trainings, over the range of their rates."""
    trainings = STUDIES_OF[wildcards.dataset][wildcards.study].trainings
    rates = [float(training["learning_rate"]) for training in trainings]
    names = {name: trainings[0][name] for name in settings.DEFINED_IN}
    return {
        "definitions": settings.definitions(names, CONFIGURED),
        "split": trainings[0]["split"],
        "batch_size": trainings[0]["batch_size"],
        "range": [min(rates), max(rates)],
        "seeds": CONFIGURED["seeds"],
    }


def study_settings(wildcards):
    """Return what the tables and figures of a study need to know about it and its dataset."""
    study = STUDIES_OF[wildcards.dataset][wildcards.study]
    return {
        **dataset_settings(wildcards),
        "study": study.name,
        "title": study.title,
        "vary": list(study.vary),
        "trainings": list(study.trainings),
        "seeds": CONFIGURED["seeds"],
        "statistics": CONFIGURED["statistics"],
        "logistic": [name for name, network in CONFIGURED["networks"].items() if not network["hidden"]],
        "optimizers": CONFIGURED["optimizers"],
        "lecture": wildcards.dataset in ("banknote", "banknote_standin") and the_lectures(study),
    }


def the_lectures(study):
    """Return whether a study is the lecture's single training."""
    lecture = {"network": "logistic", "optimizer": "sgd", "epochs": 10, "batch_size": 32, "learning_rate": 0.01}
    return [lecture] == [{name: training[name] for name in lecture} for training in study.trainings]


def prepare_settings(wildcards):
    """Return how a dataset's table is encoded, scaled and split."""
    entry = DATASETS[wildcards.dataset]
    kept = {name: entry[name] for name in ("target", "missing", "categorical", "stratify") if name in entry}
    return {"dataset": kept, "split": CONFIGURED["split"], "scaling": CONFIGURED["scaling"]}


def overview_settings(wildcards):
    """Return what the overview needs beside the table: the report shows it, so it holds no name from the table."""
    entry = DATASETS[wildcards.dataset]
    return {"dataset": {name: entry[name] for name in ("title", "simulated", "categorical") if name in entry}}


def histories_of(wildcards):
    """Return the cached histories of a study's trainings, in the config's order."""
    return [
        f"results/{wildcards.dataset}/trainings/{labels.path_of(training)}/history.parquet"
        for training in STUDIES_OF[wildcards.dataset][wildcards.study].trainings
    ]


def answers(study):
    """Return whether a study varies the learning rate, so that it can recommend one."""
    rates = {training["learning_rate"] for training in STUDIES[study].trainings}
    return len(rates) > 1


def ranges(study):
    """Return whether a study varies the learning rate over so many values that curves over it can be drawn."""
    return len({training["learning_rate"] for training in STUDIES[study].trainings}) >= 8


def recommendations():
    """Return the recommendations of the config's studies, which a table puts side by side, by (study, dataset)."""
    return {
        (study, dataset): f"results/{dataset}/studies/{study}/recommendation.json"
        for study in CONFIGURED["studies"]
        if answers(study)
        for dataset in DATASETS
    }


def comparison_files():
    """Return what compares the config's datasets, if there are several and there is something to compare."""
    return ["results/recommendations.csv"] if len(DATASETS) > 1 and recommendations() else []


def asked(study, dataset):
    """Return what a recommendation is an answer to, as the table of several datasets shows it."""
    networks = [training["network"] for training in STUDIES_OF[dataset][study].trainings]
    return {
        "study": study,
        "dataset": dataset,
        "simulated": DATASETS[dataset].get("simulated", False),
        "network": ", ".join(dict.fromkeys(networks)),
    }


def study_files(study):
    """Return everything a study is made of, for every dataset of the config."""
    names = ["histories.parquet", "history.csv", "summary.csv", "curves.png"]
    if answers(study):
        names += ["recommendation.json", "rates.png"]
    if set(STUDIES[study].vary) - {"learning_rate"}:
        names += ["comparisons.csv"]
    if ranges(study):
        names += ["times.png", "few_seeds.png", "budget.csv", "budget.png"]
    if ranges(study) and set(STUDIES[study].vary) == {"learning_rate"}:
        names += ["finder.csv", "finder.png"]
    if (
        ranges(study)
        and set(STUDIES[study].vary) == {"learning_rate"}
        and STUDIES[study].trainings[0]["split"] == "each"
    ):
        names += ["variance.csv", "variance.png"]
    if ranges(study) and set(STUDIES[study].vary) == {"learning_rate", "batch_size"}:
        names += ["map.png"]
    return [f"results/{dataset}/studies/{study}/{name}" for dataset in DATASETS for name in names]


def dataset_files():
    """Return what is said about every dataset of the config before any training."""
    names = ("overview/summary.json", "overview/pairplot.png", "baseline/scores.csv")
    return [f"results/{dataset}/{name}" for dataset in DATASETS for name in names]


def program_of_study(wildcards):
    """Return the program of a study that varies nothing a program is made from."""
    training = labels.path_of(STUDIES_OF[wildcards.dataset][wildcards.study].trainings[0])
    return f"results/{wildcards.dataset}/programs/{labels.program_of(training)}/program.zip"


def manifest_settings(wildcards):
    """Return all that a dataset's tables depend on, beside the code."""
    ours = STUDIES_OF[wildcards.dataset]
    studies = {study: list(ours[study].trainings) for study in CONFIGURED["studies"]}
    return {**CONFIGURED, "dataset": DATASETS[wildcards.dataset], "studies": studies}


def tables_of(wildcards):
    """Return every table of a dataset that the config's studies make."""
    results = f"results/{wildcards.dataset}/"
    paths = [*dataset_files(), *(path for study in CONFIGURED["studies"] for path in study_files(study))]
    trainings = [
        f"{results}trainings/{labels.path_of(training)}/history.parquet"
        for study in CONFIGURED["studies"]
        for training in STUDIES_OF[wildcards.dataset][study].trainings
    ]
    paths += [path.replace("finder.csv", "range_test.parquet") for path in paths if "finder.csv" in path]
    tables = [path for path in paths if path.startswith(results) and not path.endswith(".png")]
    return list(dict.fromkeys([f"{results}prepared.parquet", f"{results}baseline/floor.json", *tables, *trainings]))


def descents():
    """Return the figure of gradient descent's path for every dataset of the config."""
    return [f"results/{dataset}/descent/descent.png" for dataset in DATASETS]


def closing_words():
    """Return the last lines of a run: the answers, where the figures are, and how to make the report."""
    paths = [*dataset_files(), *(path for study in STUDIES for path in study_files(study)), *descents()]
    asked = {str(path) for job in workflow.dag.jobs for path in job.output}
    figures = [path for path in paths if path.endswith(".png") and path in asked]
    words = []
    for path in (Path(figure).with_name("recommendation.json") for figure in figures if figure.endswith("rates.png")):
        if path.exists():
            words.append(f"{path.parts[1]}, {path.parts[3]}: {json.loads(path.read_text())['sentence']}")
    words += [f"Side by side: {path}" for path in comparison_files() if Path(path).exists()]
    words += ["Figures:", *(f"  {path}" for path in figures), "Report: `make report` writes report.html"]
    return "\n".join(words)


CLOCK_SET_BACK = (
    "error: the clock was set back: files here are dated in the future, and nothing made now can be newer; once it is "
    "right, date them now: `find config data results scripts workflow -newermt now -exec touch {} +`"
)


def mistakes(run_logs):
    """Return what went wrong, a line each, found at the end of the failed jobs' own logs; and how to go on."""
    texts = [Path(run_log).read_text(encoding="utf-8", errors="replace") for run_log in run_logs]
    if any("Terminating processes on user request" in text for text in texts):
        return "\nInterrupted. What had finished is kept: run the same command again to go on."
    found = {"clock": CLOCK_SET_BACK} if any("clock skew" in text for text in texts) else {}
    for line in "\n".join(texts).splitlines():
        if line.strip().startswith("log: ") and "check log file" in line:
            job_log = Path(line.split()[1])
            text = job_log.read_text(encoding="utf-8", errors="replace") if job_log.exists() else ""
            _, mark, message = f"\n{text}".rpartition("\nerror: ")
            unsaid = f"see {job_log}" if text else f"{job_log} is empty: the job was killed, or the disk is full"
            found[job_log] = f"error: {message.strip()}" if mark else f"error: {unsaid}"
    return "\n".join(
        ["", *found.values(), "What had finished is kept: mend it, and run the same command again to go on."]
    )
