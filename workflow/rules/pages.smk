rule vega:
    """Put together what pages draw their charts with: Vega's JavaScript, one file for all of them."""
    output:
        script="results/vega.js",
    log:
        "results/logs/vega.log",
    conda:
        ENVIRONMENT
    params:
        **reads("vega.py"),
    script:
        "../../scripts/vega.py"


rule page:
    """Put a study's answer and charts into one page that opens anywhere, offline, and its tables into another."""
    input:
        more=lambda wildcards: more_tables(**wildcards),
        collected=rules.collect.output,
        answered=rules.answer.output,
        scores=rules.baseline.output.scores,
        overview=rules.overview.output.summary,
        provenance=rules.overview.output.provenance,
        vega=rules.vega.output.script,
        reference=reference_if_made,
    output:
        page=shown("results/{dataset}/studies/{study}/answer.html", "page", "the answer, as a page"),
        tables=shown("results/{dataset}/studies/{study}/tables.html", "tables", "all tables"),
    log:
        "results/{dataset}/logs/page/{study}.log",
    conda:
        ENVIRONMENT
    params:
        **reads("page.py", "name", "study", "split", "scaling", *TITLES, *HISTORIES),
        words=of_dataset(*WORDS),
        definitions=definitions_of_study,
        command=lambda wildcards: RUN.command(wildcards.dataset, wildcards.study),
    script:
        "../../scripts/page.py"


rule compare_datasets:
    """Put the recommended learning rates of several datasets side by side."""
    input:
        recommendations=RECOMMENDATIONS,
    output:
        recommendations="results/recommendations.csv",
        shown=report("results/recommendations.html", caption="../report/recommendations.rst", category="Datasets"),
    log:
        "results/logs/compare_datasets.log",
    conda:
        ENVIRONMENT
    params:
        **reads("compare_datasets.py"),
        compared=[RUN.facts(dataset, study) for study, dataset in RUN.recommending],
    script:
        "../../scripts/compare_datasets.py"
