rule fetch:
    """Fetch the dataset, verify it, and give its columns their names."""
    input:
        standin=needs("fetch", standin_of),
    output:
        table="data/{dataset}/table.csv",
        source="data/{dataset}/source.json",
    log:
        "results/{dataset}/logs/fetch.log",
    benchmark:
        "results/{dataset}/benchmarks/fetch.tsv"
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_fetch,
        runtime=10,
    params:
        settings=settings_of("fetch"),
        digest=digest_of("fetch"),
    script:
        "../../scripts/fetch.py"


rule prepare:
    """Scale the features and split the rows into training and test."""
    input:
        table=needs("prepare", "data/{dataset}/table.csv"),
    output:
        prepared="results/{dataset}/prepared.parquet",
        shape="results/{dataset}/shape.json",
    log:
        "results/{dataset}/logs/prepare.log",
    benchmark:
        "results/{dataset}/benchmarks/prepare.tsv"
    priority: 1  # most other rules wait for it
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_table,
        runtime=10,
    params:
        settings=settings_of("prepare"),
        digest=digest_of("prepare"),
    script:
        "../../scripts/prepare.py"


rule overview:
    """Describe the table and draw its features against each other, coloured by class."""
    input:
        table=needs("overview", "data/{dataset}/table.csv"),
        source=needs("overview", "data/{dataset}/source.json"),
    output:
        provenance="data/{dataset}/provenance.json",
        summary="results/{dataset}/overview/summary.json",
        pairplot=report(
            "results/{dataset}/overview/pairplot.png",
            caption="../report/pairplot.rst",
            category="Data",
            labels={"dataset": "{dataset}", "figure": "pair plot"},
        ),
    log:
        "results/{dataset}/logs/overview.log",
    benchmark:
        "results/{dataset}/benchmarks/overview.tsv"
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_table,
        runtime=10,
    params:
        settings=settings_of("overview"),
        digest=digest_of("overview"),
    script:
        "../../scripts/overview.py"


rule baseline:
    """Score the majority class, a random forest and the converged logistic regression by cross-validation."""
    input:
        prepared=needs("baseline", "results/{dataset}/prepared.parquet"),
    output:
        scores="results/{dataset}/baseline/scores.csv",
        floor="results/{dataset}/baseline/floor.json",
    log:
        "results/{dataset}/logs/baseline.log",
    benchmark:
        "results/{dataset}/benchmarks/baseline.tsv"
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_table,
        runtime=30,
    params:
        settings=settings_of("baseline"),
        digest=digest_of("baseline"),
    script:
        "../../scripts/baseline.py"
