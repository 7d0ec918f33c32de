rule compile:
    """Compile a network, its optimizer, its initializer and a batch size into a program that trains many seeds at once."""
    input:
        shape=rules.prepare.output.shape,
        own=own_model,
    output:
        program="results/{dataset}/programs/{program}/program.zip",
    log:
        "results/{dataset}/logs/compile/{program}.log",
    priority: 1
    conda:
        ENVIRONMENT
    params:
        **reads("compile.py", "seeds", "split"),
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


rule fit:
    """Train one point of the grid by Keras's own fit on TensorFlow, one seed after another."""
    input:
        prepared=rules.prepare.output.prepared,
        program=program_of_training,
        own=own_model,
    output:
        history="results/{dataset}/studies/{study}/fits/{training}/history.parquet",
    log:
        "results/{dataset}/logs/fit/{study}/{training}.log",
    conda:
        ENVIRONMENT
    params:
        **reads("fit.py", "seeds", "callbacks"),
        training=lambda wildcards: runs.training_of(wildcards.training),
        definitions=definitions_of_program,
    script:
        "../../scripts/fit.py"


rule compare_with_fit:
    """Train some seeds by Keras's own fit, too, and say how far the histories are from the engine's."""
    input:
        prepared=rules.prepare.output.prepared,
        program=program_of_training,
        history=rules.train.output.history,
        own=own_model,
    output:
        differences="results/{dataset}/reference/{training}/differences.csv",
    log:
        "results/{dataset}/logs/compare_with_fit/{training}.log",
    conda:
        ENVIRONMENT
    params:
        **reads("compare_with_fit.py"),
        training=lambda wildcards: runs.training_of(wildcards.training),
        definitions=definitions_of_program,
    script:
        "../../scripts/compare_with_fit.py"


rule join_differences:
    """Say how far the engine is from Keras's own fit, for each network and optimizer of the config's studies."""
    input:
        differences=lambda wildcards: differences_of(wildcards.dataset),
    output:
        reference="results/{dataset}/reference.csv",
        sentence="results/{dataset}/reference.txt",
    log:
        "results/{dataset}/logs/join_differences.log",
    conda:
        ENVIRONMENT
    params:
        **reads("join_differences.py", "name"),
    script:
        "../../scripts/join_differences.py"


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
