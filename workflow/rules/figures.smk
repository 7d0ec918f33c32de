rule plot:
    """Draw one figure of a study, by the script of its name; `curves` is the lecture's."""
    input:
        histories=rules.collect.output.histories,
        summary=rules.answer.output.summary,
        recommendation=rules.answer.output.recommendation,
        budget=rules.answer.output.budget,
    output:
        figure=shown("results/{dataset}/studies/{study}/{figure}.png", "figure", "{figure}"),
    log:
        "results/{dataset}/logs/plot/{study}/{figure}.log",
    conda:
        ENVIRONMENT
    params:
        **reads("plot_{wildcards.figure}.py", *TITLES, *HISTORIES),
        lecture=lambda wildcards: RUN.is_lecture(wildcards.dataset, wildcards.study),
    script:
        "../../scripts/plot_{wildcards.figure}.py"
