rule fetch:
    """Fetch the dataset, verify it, and give its columns their names."""
    input:
        standin=standin_of,
        local=local_files_of,
        code=code_of("fetch"),
    output:
        # A table that is refused leaves the last good one where it was.
        table=update("data/{dataset}/table.csv"),
        provenance=update("data/{dataset}/provenance.json"),
    log:
        "results/{dataset}/logs/fetch.log",
    benchmark:
        "results/{dataset}/benchmarks/fetch.tsv"
    localrule: True
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=memory_of_table,
        runtime=10,
    params:
        settings=lambda wildcards: {"name": wildcards.dataset, "dataset": DATASETS[wildcards.dataset]},
    script:
        "../../scripts/fetch.py"


rule prepare:
    """Scale the features and split the rows into training and test."""
    input:
        table="data/{dataset}/table.csv",
        code=code_of("prepare"),
    output:
        prepared=update("results/{dataset}/prepared.parquet"),
    log:
        "results/{dataset}/logs/prepare.log",
    benchmark:
        "results/{dataset}/benchmarks/prepare.tsv"
    localrule: True
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=memory_of_table,
        runtime=10,
    params:
        settings=prepare_settings,
    script:
        "../../scripts/prepare.py"


rule overview:
    """Describe the table and draw its features against each other, coloured by class."""
    input:
        table="data/{dataset}/table.csv",
        code=code_of("overview"),
    output:
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
    localrule: True
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=memory_of_table,
        runtime=10,
    params:
        settings=overview_settings,
    script:
        "../../scripts/overview.py"


rule baseline:
    """Score the majority class, a random forest and the converged logistic regression by cross-validation."""
    input:
        prepared="results/{dataset}/prepared.parquet",
        code=code_of("baseline"),
    output:
        scores=report(
            "results/{dataset}/baseline/scores.csv",
            caption="../report/baseline.rst",
            category="Data",
            labels={"dataset": "{dataset}", "figure": "baseline"},
        ),
        floor="results/{dataset}/baseline/floor.json",
    log:
        "results/{dataset}/logs/baseline.log",
    benchmark:
        "results/{dataset}/benchmarks/baseline.tsv"
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=memory_of_table,
        runtime=30,
    params:
        settings={"random_state": CONFIGURED["split"]["random_state"], "scaling": CONFIGURED["scaling"]},
    script:
        "../../scripts/baseline.py"
