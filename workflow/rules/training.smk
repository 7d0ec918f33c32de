rule compile:
    """Compile a network, its optimizer and its initializer into a program that trains many seeds at once."""
    input:
        shape=needs("compile", "results/{dataset}/shape.json"),
    output:
        program="results/{dataset}/programs/{program}/program.zip",
    log:
        "results/{dataset}/logs/compile/{program}.log",
    benchmark:
        "results/{dataset}/benchmarks/compile/{program}.tsv"
    priority: 1  # trainings wait for it
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_training,
        runtime=10,
    params:
        settings=settings_of("compile"),
        digest=digest_of("compile"),
    script:
        "../../scripts/compile.py"


rule train:
    """Train one point of the grid with all seeds at once; the history of every seed is cached as a file."""
    input:
        prepared=needs("train", "results/{dataset}/prepared.parquet"),
        program=needs("train", program_of),
    output:
        history="results/{dataset}/trainings/{training}/history.parquet",
    log:
        "results/{dataset}/logs/train/{training}.log",
    benchmark:
        "results/{dataset}/benchmarks/train/{training}.tsv"
    conda:
        "../envs/environment.yaml"
    resources:
        mem_mb=memory_of_training,
        runtime=30,
    params:
        settings=settings_of("train"),
        digest=digest_of("train"),
    script:
        "../../scripts/train.py"
