WORDS = ("title", "description", "licence", "citation", "doi")  # what the config says of a dataset beside its cells
OF_THE_TABLE = sorted(
    {key for entry in RUN.datasets.values() for key in entry} - {*WORDS, "simulated", "stratify", "network"}
)


rule fetch:
    """Fetch the dataset, verify it, and give its columns their names."""
    input:
        own=lambda wildcards: own_files(wildcards.dataset),
    output:
        table="data/{dataset}/table.csv",
        source="data/{dataset}/source.json",
    log:
        "results/{dataset}/logs/fetch.log",
    conda:
        ENVIRONMENT
    params:
        **reads("fetch.py", "name"),
        entry=of_dataset(*OF_THE_TABLE),
        checksums=lambda wildcards: {path: provenance.sha256(path) for path in own_files(wildcards.dataset)},
    script:
        "../../scripts/fetch.py"


rule prepare:
    """Scale the features and split the rows into training and test."""
    input:
        table=rules.fetch.output.table,
    output:
        prepared="results/{dataset}/prepared.parquet",
        shape="results/{dataset}/shape.json",
    log:
        "results/{dataset}/logs/prepare.log",
    priority: 1  # this and `compile` first, for most of a run waits for them
    conda:
        ENVIRONMENT
    params:
        **reads("prepare.py", "split", "scaling"),
        entry=of_dataset("target", "missing", "missing_texts", "categorical", "stratify"),
    script:
        "../../scripts/prepare.py"


rule overview:
    """Describe the table and draw its features against each other, coloured by class."""
    input:
        table=rules.fetch.output.table,
        source=rules.fetch.output.source,
    output:
        provenance="data/{dataset}/provenance.json",
        summary="results/{dataset}/overview/summary.json",
        pairplot=shown("results/{dataset}/overview/pairplot.png", "pairplot", "pair plot", "Data"),
    log:
        "results/{dataset}/logs/overview.log",
    conda:
        ENVIRONMENT
    params:
        **reads("overview.py", "name", "simulated"),
        entry=of_dataset("categorical", "missing", *WORDS),
    script:
        "../../scripts/overview.py"


rule baseline:
    """Score the majority class, a random forest and the converged logistic regression by cross-validation."""
    input:
        prepared=rules.prepare.output.prepared,
    output:
        scores="results/{dataset}/baseline/scores.csv",
        reference="results/{dataset}/baseline/reference.json",
    log:
        "results/{dataset}/logs/baseline.log",
    conda:
        ENVIRONMENT
    params:
        **reads("baseline.py", "split"),
    script:
        "../../scripts/baseline.py"


rule descend:
    """Follow gradient descent over the loss of two weights, at some forty learning rates."""
    input:
        prepared=rules.prepare.output.prepared,
    output:
        paths="results/{dataset}/descent/paths.csv",
        surface="results/{dataset}/descent/surface.json",
        figure=shown("results/{dataset}/descent/descent.png", "descent", "gradient descent", "Data"),
    log:
        "results/{dataset}/logs/descend.log",
    conda:
        ENVIRONMENT
    params:
        **reads("descend.py", "dataset", "simulated"),
    script:
        "../../scripts/descend.py"
