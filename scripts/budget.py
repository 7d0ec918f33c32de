"""Say which learning rate a shorter training would have chosen: budget.csv and budget.png."""

from lrstudy.evidence import budget, new_rows, trainings
from lrstudy.figures import budget as figure
from lrstudy.figures import style
from lrstudy.files import atomic, formats
from lrstudy.files.job import job


def main(input, output, study):
    """Write the best rate after each epoch, and the figure of it."""
    found, study = trainings.read(input.histories, study), trainings.kept(input.histories, study)
    floor = atomic.read_json(input.floor)
    rows = budget.budget(found, floor, new_rows.rows_shared(floor, study), study)
    others = [name for name in study["vary"] if name != "learning_rate"]
    atomic.write_text(output.budget, formats.as_csv(rows, [*others, *budget.COLUMNS]))
    style.save(figure.draw(rows, study), output.figure)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
