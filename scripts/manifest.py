"""Say what was computed, from what and with what: manifest.json."""

from pathlib import Path

from lrstudy.files import atomic, manifest
from lrstudy.files.job import job


def main(input, output, config):
    """Write the manifest of one dataset's tables."""
    atomic.write_json(output.manifest, manifest.describe(input.tables, config, Path(manifest.__file__).parents[3]))


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
