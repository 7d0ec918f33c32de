"""Put together what pages draw their charts with: vega.js."""

from lrstudy import io
from lrstudy.figures import vega
from lrstudy.job import run


def main(input, output, settings):
    """Write one script that needs no other."""
    io.write_text(output.script, vega.script())


if "snakemake" in globals():
    run(main, snakemake)
