rule budget:
    """Say which learning rate a shorter training would have chosen."""
    input:
        histories="results/{dataset}/studies/{study}/histories.parquet",
        floor="results/{dataset}/baseline/floor.json",
        code=code_of("budget"),
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
    benchmark:
        "results/{dataset}/benchmarks/budget/{study}.tsv"
    localrule: True
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=study_settings,
    script:
        "../../scripts/budget.py"


rule variance:
    """Say where the luck lies: in the split, the initial weights or the order of rows."""
    input:
        prepared="results/{dataset}/prepared.parquet",
        program=program_of_study,
        recommendation="results/{dataset}/studies/{study}/recommendation.json",
        code=code_of("variance"),
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
    threads: 1
    resources:
        mem_mb=memory_of_training,
        runtime=30,
    params:
        settings=study_settings,
    script:
        "../../scripts/variance.py"
