# What a user asks for by name: `all`, `chapter`, `everything`, and each study. A target prints its answers each time.


for target in ("chapter", "everything", *RUN.names):

    rule:
        """Make the studies of this name: the lecture's chapter, all of config/studies, or one of them."""
        name:
            target
        input:
            answers=answers_of(target),
            files=files_of(target),
        log:
            f"results/logs/{target}.log",
        conda:
            ENVIRONMENT
        shell:
            PRINT


rule reference:
    """Train a few seeds by Keras's own fit, too, and print how far the engine is from it."""
    input:
        answers=expand("results/{dataset}/reference.txt", dataset=RUN.datasets),
    log:
        "results/logs/reference.log",
    conda:
        ENVIRONMENT
    shell:
        PRINT
