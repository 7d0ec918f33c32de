"""Put together what pages draw their charts with: vega.js."""

from lrstudy.figures import vega
from lrstudy.files import atomic
from lrstudy.files.job import run


def main(input, output, settings):
    """Write one script that needs no other."""
    atomic.write_text(output.script, vega.script())


if "snakemake" in globals():
    run(main, snakemake)
