"""Compile the training program of a network, an optimizer and an initializer: program.zip."""

from lrstudy.data import prepared
from lrstudy.data.splits import Splits
from lrstudy.files.job import job
from lrstudy.training import engine


def main(input, output, settings):
    """Write the program that trains the settings' seeds on any splits of the prepared table."""
    from lrstudy.training.program import Program  # here, so that what TensorFlow says on import goes to the log

    shape = Splits(prepared.read(input.prepared), "each").shape
    definitions = [settings[name] for name in ("network", "optimizer", "initializer")]
    program = Program(*definitions, **shape, lanes=engine.lanes(settings["seeds"], shape["train_rows"]))
    program.save(output.program)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
