rule manifest:
    """List every table of the config's studies with its checksum, and the config and versions that made it."""
    input:
        tables=lambda wildcards: tables_of(wildcards.dataset, RUN.config["studies"]),
    output:
        manifest="results/{dataset}/manifest.json",
    log:
        "results/{dataset}/logs/manifest.log",
    conda:
        ENVIRONMENT
    params:
        **reads("manifest.py"),
        config=lambda wildcards: RUN.config_of(wildcards.dataset, RUN.config["studies"]),
    script:
        "../../scripts/manifest.py"


use rule manifest as manifest_of_study with:
    input:
        tables=lambda wildcards: tables_of(wildcards.dataset, [wildcards.study]),
    output:
        manifest="results/{dataset}/studies/{study}/manifest.json",
    log:
        "results/{dataset}/logs/manifest/{study}.log",
    params:
        **reads("manifest.py"),
        config=lambda wildcards: RUN.config_of(wildcards.dataset, [wildcards.study]),
