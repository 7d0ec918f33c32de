"""Score what the trainings are measured against: scores.csv and floor.json."""

from lrstudy.data import baselines, prepared
from lrstudy.files import atomic
from lrstudy.files.job import job


def main(input, output, settings):
    """Write cross-validated accuracies and the optimum of the logistic regression."""
    data = prepared.read(input.prepared)
    atomic.write_text(output.scores, baselines.scores(data, settings["random_state"]))
    atomic.write_json(output.floor, baselines.floor(data))


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
