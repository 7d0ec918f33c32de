"""Draw the lecture's figure of a study: curves.png."""

from lrstudy.evidence import trainings
from lrstudy.figures import curves, style
from lrstudy.files import atomic
from lrstudy.files.job import job


def main(input, output, study):
    """Write the figure of one study."""
    path = getattr(input, "recommendation", None)  # of a study that varies the learning rate
    recommendation = atomic.read_json(path) if path else None
    found, study = trainings.read(input.histories, study), trainings.kept(input.histories, study)
    style.save(curves.draw(found, study, recommendation), output.curves)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
