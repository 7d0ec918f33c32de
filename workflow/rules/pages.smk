rule vega:
    """Put together what pages draw their charts with: Vega's JavaScript, one file for all of them."""
    output:
        script="results/vega.js",
    log:
        "results/logs/vega.log",
    localrule: True
    conda:
        ENVIRONMENT
    params:
        code=code("vega.py"),
    script:
        "../../scripts/vega.py"


rule page:
    """Put a study's answer and charts into one page that opens anywhere, offline, and its tables into another."""
    input:
        more=lambda wildcards: more_tables(**wildcards),
        histories=rules.collect.output.histories,
        history=rules.collect.output.history,
        summary=rules.answer.output.summary,
        recommendation=rules.answer.output.recommendation,
        comparisons=rules.answer.output.comparisons,
        budget=rules.answer.output.budget,
        scores=rules.baseline.output.scores,
        overview=rules.overview.output.summary,
        provenance=rules.overview.output.provenance,
        vega=rules.vega.output.script,
    output:
        page=shown("results/{dataset}/studies/{study}/answer.html", "page", "the answer, as a page"),
        tables=shown("results/{dataset}/studies/{study}/tables.html", "tables", "all tables"),
    log:
        "results/{dataset}/logs/page/{study}.log",
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **reads("name", "study", "dataset", "simulated", "title", "vary", "trainings", "seeds", "statistics"),
        **reads("split", "scaling"),
        words=of_dataset(*WORDS),
        definitions=definitions_of_study,
        command=lambda wildcards: RUN.command(wildcards.dataset, wildcards.study),
        code=code("page.py"),
    script:
        "../../scripts/page.py"


rule compare_datasets:
    """Put the recommended learning rates of several datasets side by side."""
    input:
        recommendations=[
            f"results/{dataset}/studies/{study}/recommendation.json" for study, dataset in RUN.recommending
        ],
    output:
        recommendations="results/recommendations.csv",
        shown=report("results/recommendations.html", caption="../report/recommendations.rst", category="Datasets"),
    log:
        "results/logs/compare_datasets.log",
    localrule: True
    conda:
        ENVIRONMENT
    params:
        compared=[RUN.facts(dataset, study) for study, dataset in RUN.recommending],
        code=code("compare_datasets.py"),
    script:
        "../../scripts/compare_datasets.py"
