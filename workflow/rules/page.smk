rule page:
    """Put a study's answer, charts and tables into one page that opens anywhere, offline."""
    input:
        unpack(page_files),
        histories="results/{dataset}/studies/{study}/histories.parquet",
        summary="results/{dataset}/studies/{study}/summary.csv",
        overview="results/{dataset}/overview/summary.json",
        provenance="data/{dataset}/provenance.json",
        parts=parts_of_page(),
        code=code_of("page"),
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
    benchmark:
        "results/{dataset}/benchmarks/page/{study}.tsv"
    localrule: True
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        settings=page_settings,
    script:
        "../../scripts/page.py"
