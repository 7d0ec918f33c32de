"""Compile the training program of a network, an optimizer, an initializer and a batch size: program.zip."""

from lrstudy import io
from lrstudy.data.splits import streams_of
from lrstudy.job import run
from lrstudy.statistics import variance


def main(input, output, settings):
    """Write the program that trains seeds on any splits of a table of this shape."""
    from lrstudy.training.program import Program  # here, so that what Keras says on import goes to the log

    seeds = max(settings["seeds"], variance.WEIGHTS)
    program = Program(**settings["definitions"], **io.read_json(input.shape))
    program.save(output.program, seeds, streams_of(settings["split"]["random_state"]))


if "snakemake" in globals():
    run(main, snakemake)
