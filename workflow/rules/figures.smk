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
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **reads("dataset", "simulated", "title", "vary", "trainings", "seeds", "statistics"),
        lecture=lambda wildcards: RUN.is_lecture(wildcards.dataset, wildcards.study),
        code=lambda wildcards: code(f"plot_{wildcards.figure}.py"),
    script:
        "../../scripts/plot_{wildcards.figure}.py"
