rule budget:
    """Say which learning rate a shorter training would have chosen."""
    input:
        histories=needs("budget", "results/{dataset}/studies/{study}/histories.parquet"),
        floor=needs("budget", "results/{dataset}/baseline/floor.json"),
    output:
        budget="results/{dataset}/studies/{study}/budget.csv",
        figure=report(
            "results/{dataset}/studies/{study}/budget.png",
            caption="../report/budget.rst",
            category="Studies",
            subcategory="{study}",
            labels={"dataset": "{dataset}", "figure": "the best rate over epochs"},
        ),
    log:
        "results/{dataset}/logs/budget/{study}.log",
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_study,
    params:
        settings=settings_of("budget"),
        digest=digest_of("budget"),
    script:
        "../../scripts/budget.py"


rule variance:
    """Say where the luck lies: in the split, the initial weights or the order of rows."""
    input:
        prepared=needs("variance", "results/{dataset}/prepared.parquet"),
        program=needs("variance", program_of_study),
        recommendation=needs("variance", "results/{dataset}/studies/{study}/recommendation.json"),
    output:
        variance="results/{dataset}/studies/{study}/variance.csv",
        figure=report(
            "results/{dataset}/studies/{study}/variance.png",
            caption="../report/variance.rst",
            category="Studies",
            subcategory="{study}",
            labels={"dataset": "{dataset}", "figure": "where the luck lies"},
        ),
    log:
        "results/{dataset}/logs/variance/{study}.log",
    benchmark:
        "results/{dataset}/benchmarks/variance/{study}.tsv"
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_training,
        runtime=10,
    params:
        settings=settings_of("variance"),
        digest=digest_of("variance"),
    script:
        "../../scripts/variance.py"


rule descend:
    """Follow gradient descent over the loss of two weights, at some forty learning rates."""
    input:
        prepared=needs("descend", "results/{dataset}/prepared.parquet"),
    output:
        paths="results/{dataset}/descent/paths.csv",
        surface="results/{dataset}/descent/surface.json",
        figure=report(
            "results/{dataset}/descent/descent.png",
            caption="../report/descent.rst",
            category="Data",
            labels={"dataset": "{dataset}", "figure": "gradient descent"},
        ),
    log:
        "results/{dataset}/logs/descend.log",
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_table,
    params:
        settings=settings_of("descend"),
        digest=digest_of("descend"),
    script:
        "../../scripts/descend.py"
