rule manifest:
    """List every table with its checksum, and the config, versions and processor that made it."""
    input:
        tables=needs("manifest", tables_of),
    output:
        manifest="results/{dataset}/manifest.json",
    log:
        "results/{dataset}/logs/manifest.log",
    conda:
        "../envs/environment.yaml"
    params:
        settings=manifest_settings,
        digest=digest_of("manifest"),
    script:
        "../../scripts/manifest.py"
