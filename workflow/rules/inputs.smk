# Inputs and params that the config decides. They are called when all rules are known.


def own_files(dataset):
    """Return the files on this machine that a dataset is read from; one that is missing is the job's to tell."""
    entry = RUN.datasets[dataset]
    paths = [source["path"] for source in entry.get("sources", [entry]) if "path" in source]
    paths += [str(CONFIG.parent / entry["standin"])] if "standin" in entry else []
    return [local(path) for path in paths if Path(path).is_file()]


def definitions_of_program(wildcards):
    """Return what a program or a training is made from: network, optimizer and initializer, and the batch size."""
    path = wildcards.get("program") or wildcards.training
    return RUN.program(dict(part.split("~", 1) for part in path.split("/")))


def own_model(wildcards):
    """Return the file of a network, where it is the user's own."""
    network = definitions_of_program(wildcards)["network"]
    return [local(network["file"])] if "file" in network else []


def program_of_training(wildcards):
    """Return the program that a training runs."""
    return f"results/{wildcards.dataset}/programs/{labels.program_of(wildcards.training)}/program.zip"


def program_of_study(wildcards):
    """Return the program of a study that varies nothing which a program is made from."""
    program = labels.program_of(labels.path_of(study_of(wildcards).trainings[0]))
    return f"results/{wildcards.dataset}/programs/{program}/program.zip"


def histories_of_study(dataset, study):
    """Return the cached histories of a study's trainings, in the config's order."""
    has = RUN.studies[dataset][study]
    folder = f"results/{dataset}/studies/{study}/fits" if has.engine == "fit" else f"results/{dataset}/trainings"
    return [f"{folder}/{labels.path_of(training)}/history.parquet" for training in has.trainings]


def differences_of(dataset):
    """Return what compares the engine with Keras's own fit, once for each network and optimizer of the config."""
    paths = [labels.path_of(training) for training in RUN.to_compare(dataset)]
    return [f"results/{dataset}/reference/{path}/differences.csv" for path in paths]


def reference_if_made(wildcards):
    """Return the dataset's comparison with Keras's own fit, where somebody has asked for it: it is no part of a study."""
    path = f"results/{wildcards.dataset}/reference.csv"
    return [path] if Path(path).is_file() else []


def definitions_of_study(wildcards):
    """Return what the networks, optimizers and initializers of a study are, by their names."""
    return RUN.definitions(RUN.used(**wildcards))


def more_tables(dataset, study):
    """Return the tables that not every study has: of finders, of the variance, and of the path of descent."""
    has, folder = RUN.studies[dataset][study], f"results/{dataset}"
    found = [f"{folder}/studies/{study}/finder.csv"] if has.audits else []
    found += [f"{folder}/studies/{study}/variance.csv"] if has.crosses else []
    return found + ([f"{folder}/descent/paths.csv", f"{folder}/descent/surface.json"] if has.answers else [])


# The tables that every answer rests on: those of its dataset, and those of its study.
OF_DATASET = [
    *(f"data/{{dataset}}/{name}" for name in ("table.csv", "source.json", "provenance.json")),
    *(f"results/{{dataset}}/{name}" for name in ("prepared.parquet", "shape.json", "overview/summary.json")),
    *(f"results/{{dataset}}/baseline/{name}" for name in ("scores.csv", "reference.json")),
]
STUDY = "results/{dataset}/studies/{study}"
NAMES = ("histories.parquet", "history.csv", "summary.csv", "recommendation.json", "comparisons.csv", "budget.csv")


SEVERAL = len(RUN.datasets) > 1 and RUN.recommending
RECOMMENDATIONS = [f"results/{dataset}/studies/{study}/recommendation.json" for study, dataset in RUN.recommending]


def tables_of(dataset, studies):
    """Return every table that the answers of some studies rest on."""
    found = expand([*OF_DATASET, *(f"{STUDY}/{name}" for name in NAMES)], dataset=dataset, study=studies)
    for study in studies:
        found += [*histories_of_study(dataset, study), *more_tables(dataset, study)]
    return list(dict.fromkeys(found))


def asked(target):
    """Return the datasets and studies that a target makes, in pairs."""
    return [(dataset, study) for dataset in RUN.datasets for study in RUN.studies_of(target, dataset)]


def answers_of(target):
    """Return the answers that a target prints."""
    return [f"results/{dataset}/studies/{study}/answer.txt" for dataset, study in asked(target)]


def files_of(target):
    """Return every file behind a target, for every dataset of the config.

    Those between are named, too: Snakemake makes a file that a failed job took away again only where a job that runs
    asks for it, and a target always runs.
    """
    found = ["results/vega.js", "results/recommendations.html"][: 2 if target == "all" and SEVERAL else 1]
    found += expand("results/{dataset}/manifest.json", dataset=RUN.datasets if target == "all" else [])
    for dataset, study in asked(target):
        has, trainings = RUN.study(study), RUN.studies[dataset][study].trainings
        names = ["answer.html", "tables.html", *(f"{figure}.png" for figure in has.figures)]
        names += ["range_test.parquet", "finder.png"] if has.audits else []
        names += ["variance.png"] if has.crosses else []
        names += ["manifest.json"] if target != "all" else []
        found += expand(f"{STUDY}/{{name}}", dataset=dataset, study=study, name=names)
        programs = dict.fromkeys(labels.program_of(labels.path_of(training)) for training in trainings)
        found += [f"results/{dataset}/programs/{program}/program.zip" for program in programs]
        found += tables_of(dataset, [study])
    return list(dict.fromkeys(found))
