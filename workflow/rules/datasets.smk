rule tabulate:
    """Put the recommended learning rates of several datasets side by side."""
    input:
        recommendations=needs("tabulate", recommendations),
    output:
        recommendations="results/recommendations.csv",
        shown=report(
            "results/recommendations.html",
            caption="../report/recommendations.rst",
            category="Datasets",
            labels={"figure": "recommended learning rates"},
        ),
    log:
        "results/logs/tabulate.log",
    conda:
        "../envs/environment.yaml"
    params:
        settings=settings_of("tabulate"),
        digest=digest_of("tabulate"),
    script:
        "../../scripts/tabulate.py"
