rule collect:
    """Join a study's histories: a tidy table of all seeds, and the lecture's table of seed 0."""
    input:
        histories=lambda wildcards: histories_of_study(**wildcards),
    output:
        histories="results/{dataset}/studies/{study}/histories.parquet",
        history="results/{dataset}/studies/{study}/history.csv",
    log:
        "results/{dataset}/logs/collect/{study}.log",
    conda:
        ENVIRONMENT
    params:
        **reads("collect.py", "vary", "trainings"),
    script:
        "../../scripts/collect.py"


rule answer:
    """Turn the histories into statistics and the answer: which rate, how sure, and what another one costs."""
    input:
        histories=rules.collect.output.histories,
        reference=rules.baseline.output.reference,
        source=rules.fetch.output.source,
    output:
        summary="results/{dataset}/studies/{study}/summary.csv",
        recommendation="results/{dataset}/studies/{study}/recommendation.json",
        comparisons="results/{dataset}/studies/{study}/comparisons.csv",
        budget="results/{dataset}/studies/{study}/budget.csv",
        answer="results/{dataset}/studies/{study}/answer.txt",
    log:
        "results/{dataset}/logs/answer/{study}.log",
    conda:
        ENVIRONMENT
    params:
        **reads("answer.py", "name", "study", "answers", "ranges", "file", "line", *HISTORIES),
        definitions=definitions_of_study,
        next=lambda wildcards: RUN.next_commands(**wildcards),
    script:
        "../../scripts/answer.py"


rule variance:
    """Say how much of the variance of the loss comes from the split, the initial weights and the order of rows."""
    input:
        prepared=rules.prepare.output.prepared,
        program=program_of_study,
        recommendation=rules.answer.output.recommendation,
    output:
        variance="results/{dataset}/studies/{study}/variance.csv",
        figure=shown("results/{dataset}/studies/{study}/variance.png", "variance", "variance"),
    log:
        "results/{dataset}/logs/variance/{study}.log",
    conda:
        ENVIRONMENT
    params:
        **reads("variance.py", *TITLES, *HISTORIES),
    script:
        "../../scripts/variance.py"


rule audit:
    """Hold what learning-rate finders suggest against the curve that the trainings measured."""
    input:
        histories=rules.collect.output.histories,
        losses=rules.range_test.output.losses,
    output:
        suggestions="results/{dataset}/studies/{study}/finder.csv",
        figure=shown("results/{dataset}/studies/{study}/finder.png", "finder", "learning-rate finders"),
    log:
        "results/{dataset}/logs/audit/{study}.log",
    conda:
        ENVIRONMENT
    params:
        **reads("audit.py", *TITLES, *HISTORIES),
    script:
        "../../scripts/audit.py"
