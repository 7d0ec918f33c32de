rule tabulate:
    """Put the recommended learning rates of several datasets side by side."""
    input:
        recommendations=list(recommendations().values()),
        code=code_of("tabulate"),
    output:
        recommendations=report(
            "results/recommendations.csv",
            caption="../report/recommendations.rst",
            category="Datasets",
            labels={"figure": "recommended learning rates"},
        ),
    log:
        "results/logs/tabulate.log",
    benchmark:
        "results/benchmarks/tabulate.tsv"
    localrule: True
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=[asked(study, dataset) for study, dataset in recommendations()],
    script:
        "../../scripts/tabulate.py"
