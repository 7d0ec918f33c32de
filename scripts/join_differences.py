"""Put the comparisons with Keras's own `fit` together: reference.csv, and reference.txt in words."""

from lrstudy import io
from lrstudy.job import run
from lrstudy.statistics import reference


def main(input, output, settings):
    """Write a row for each network and optimizer, and a sentence on all of them."""
    rows = [row for path in input.differences for row in io.read_csv(path)]
    io.write_text(output.reference, io.as_csv(rows, reference.COLUMNS))
    io.write_text(output.sentence, f"{settings['name']}: {reference.sentence(rows)}\n")


if "snakemake" in globals():
    run(main, snakemake)
