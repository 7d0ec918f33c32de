rule manifest:
    """List every table with its checksum, and the config, versions and processor that made it."""
    input:
        tables=tables_of,
        code=code_of("manifest"),
    output:
        manifest="results/{dataset}/manifest.json",
    log:
        "results/{dataset}/logs/manifest.log",
    benchmark:
        "results/{dataset}/benchmarks/manifest.tsv"
    localrule: True
    conda:
        "../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        settings=manifest_settings,
    script:
        "../../scripts/manifest.py"
