"""Say what was computed, from what and with what: manifest.json."""

from pathlib import Path

from lrstudy.files import atomic, manifest
from lrstudy.files.job import job


def main(input, output, settings):
    """Write the manifest of one dataset's tables."""
    root = Path(manifest.__file__).parents[3]
    atomic.write_json(output.manifest, manifest.describe(input.tables, settings["digests"], settings["config"], root))


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
