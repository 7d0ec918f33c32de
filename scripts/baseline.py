"""Score what the trainings are measured against: scores.csv and reference.json."""

from lrstudy.data import baselines, prepared
from lrstudy.files import atomic
from lrstudy.files.job import run


def main(input, output, settings):
    """Write cross-validated accuracies and the optimum of the logistic regression."""
    data = prepared.read(input.prepared)
    atomic.write_text(output.scores, baselines.scores(data, settings["split"]["random_state"]))
    atomic.write_json(output.reference, baselines.reference_values(data))


if "snakemake" in globals():
    run(main, snakemake)
