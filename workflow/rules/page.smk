rule vega:
    """Put together what pages draw their charts with: Vega's JavaScript, one file for all of them."""
    input:
        needs("vega", lambda wildcards: []),
    output:
        script="results/vega.js",
    log:
        "results/logs/vega.log",
    conda:
        "../envs/environment.yaml"
    params:
        settings=settings_of("vega"),
        digest=digest_of("vega"),
    script:
        "../../scripts/vega.py"


rule page:
    """Put a study's answer and charts into one page that opens anywhere, offline, and its tables into another."""
    input:
        unpack(needs("page", where_made("page"))),
        histories=needs("page", "results/{dataset}/studies/{study}/histories.parquet"),
        summary=needs("page", "results/{dataset}/studies/{study}/summary.csv"),
        history=needs("page", "results/{dataset}/studies/{study}/history.csv"),
        scores=needs("page", "results/{dataset}/baseline/scores.csv"),
        overview=needs("page", "results/{dataset}/overview/summary.json"),
        provenance=needs("page", "data/{dataset}/provenance.json"),
        vega=needs("page", "results/vega.js"),
    output:
        page=report(
            "results/{dataset}/studies/{study}/answer.html",
            caption="../report/page.rst",
            category="Studies",
            subcategory="{study}",
            labels={"dataset": "{dataset}", "figure": "the answer, as a page"},
        ),
        tables=report(
            "results/{dataset}/studies/{study}/tables.html",
            caption="../report/tables.rst",
            category="Studies",
            subcategory="{study}",
            labels={"dataset": "{dataset}", "figure": "all tables"},
        ),
    log:
        "results/{dataset}/logs/page/{study}.log",
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_study,
    params:
        settings=settings_of("page"),
        digest=digest_of("page"),
    script:
        "../../scripts/page.py"
