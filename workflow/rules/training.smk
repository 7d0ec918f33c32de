rule compile:
    """Compile a network, its optimizer and its initializer into a program that trains many seeds at once."""
    input:
        shape=rules.prepare.output.shape,
    output:
        program="results/{dataset}/programs/{program}/program.zip",
    log:
        "results/{dataset}/logs/compile/{program}.log",
    priority: 1
    conda:
        ENVIRONMENT
    params:
        **reads("compile.py", "seeds"),
        definitions=definitions_of_program,
    script:
        "../../scripts/compile.py"


rule train:
    """Train one point of the grid with all seeds at once; the history of every seed is cached as a file."""
    input:
        prepared=rules.prepare.output.prepared,
        program=program_of_training,
    output:
        history="results/{dataset}/trainings/{training}/history.parquet",
    log:
        "results/{dataset}/logs/train/{training}.log",
    conda:
        ENVIRONMENT
    params:
        **reads("train.py", "seeds"),
        training=lambda wildcards: runs.training_of(wildcards.training),
    script:
        "../../scripts/train.py"


rule range_test:
    """Put every seed through Smith's range test, the learning rate growing at each step."""
    input:
        prepared=rules.prepare.output.prepared,
        program=program_of_study,
    output:
        losses="results/{dataset}/studies/{study}/range_test.parquet",
    log:
        "results/{dataset}/logs/range_test/{study}.log",
    conda:
        ENVIRONMENT
    params:
        **reads("range_test.py", "seeds"),
        rates=lambda wildcards: [min(study_of(wildcards).rates), max(study_of(wildcards).rates)],
        training=lambda wildcards: study_of(wildcards).trainings[0],
    script:
        "../../scripts/range_test.py"
