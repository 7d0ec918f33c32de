"""Compile the training program of a network, an optimizer and an initializer: program.zip."""

from pathlib import Path

from lrstudy.files import atomic
from lrstudy.files.job import job
from lrstudy.files.kept import kept
from lrstudy.training import engine


def main(input, output, settings):
    """Write the program that trains the settings' seeds on any splits of a table of this shape."""
    from lrstudy.training.program import Program  # here, so that what TensorFlow says on import goes to the log

    shape = atomic.read_json(input.shape)
    definitions = [settings[name] for name in ("network", "optimizer", "initializer")]
    program = Program(*definitions, **shape, lanes=engine.lanes(settings["seeds"], shape["train_rows"]))
    program.save(output.program)


def of_other_datasets(program):
    """Return the programs of this name that were compiled for other datasets, whose shape may be the same."""
    dataset = Path(program).parents[4]
    return dataset.parent.glob(f"*/{Path(program).relative_to(dataset)}")


if "snakemake" in globals():
    with job(snakemake), kept(snakemake, of_other_datasets(snakemake.output.program)) as back:
        back or main(snakemake.input, snakemake.output, snakemake.params.settings)
