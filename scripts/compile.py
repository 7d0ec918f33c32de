"""Compile the training program of a network, an optimizer and an initializer: program.zip."""

from lrstudy import io
from lrstudy.job import run
from lrstudy.training import engine


def main(input, output, settings):
    """Write the program that trains the settings' seeds on any splits of a table of this shape."""
    from lrstudy.training.program import Program  # here, so that what TensorFlow says on import goes to the log

    shape = io.read_json(input.shape)
    lanes = engine.lanes(settings["seeds"], shape["train_rows"])
    Program(**settings["definitions"], **shape, lanes=lanes).save(output.program)


if "snakemake" in globals():
    run(main, snakemake)
