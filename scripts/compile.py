"""Compile the training program of a network, an optimizer and an initializer: program.zip."""

from lrstudy.data import prepared
from lrstudy.files.job import job
from lrstudy.training import engine


def main(input, output, settings):
    """Write the program that trains the settings' seeds on the prepared table."""
    from lrstudy.training.program import Program  # here, so that what TensorFlow says on import goes to the log

    data = prepared.read(input.prepared)
    program = Program(
        settings["network"],
        settings["optimizer"],
        settings["initializer"],
        rows=len(data.train),
        test_rows=len(data.test),
        features=len(data.features),
        classes=len(data.classes),
        lanes=engine.lanes(settings["seeds"], rows=len(data.train)),
    )
    program.save(output.program)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
