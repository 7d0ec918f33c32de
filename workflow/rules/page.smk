rule page:
    """Put a study's answer, charts and tables into one page that opens anywhere, offline."""
    input:
        unpack(where_made("page")),
        histories="results/{dataset}/studies/{study}/histories.parquet",
        summary="results/{dataset}/studies/{study}/summary.csv",
        overview="results/{dataset}/overview/summary.json",
        provenance="data/{dataset}/provenance.json",
    output:
        page=report(
            "results/{dataset}/studies/{study}/answer.html",
            caption="../report/page.rst",
            category="Studies",
            subcategory="{study}",
            labels={"dataset": "{dataset}", "figure": "the answer, as a page"},
        ),
    log:
        "results/{dataset}/logs/page/{study}.log",
    conda:
        "../envs/environment.yaml"
    params:
        settings=settings_of("page"),
        digest=digest_of("page"),
    script:
        "../../scripts/page.py"
