"""Say what was computed, from what and with what: manifest.json."""

from pathlib import Path

from lrstudy import io, provenance
from lrstudy.job import run


def main(input, output, settings):
    """Write the manifest of some studies' tables."""
    root = Path(provenance.__file__).parents[2]
    io.write_json(output.manifest, provenance.manifest(input.tables, settings["config"], root))


if "snakemake" in globals():
    run(main, snakemake)
