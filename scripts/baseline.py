"""Score what the trainings are measured against: scores.csv and reference.json."""

from lrstudy import io
from lrstudy.data import baselines, prepared
from lrstudy.job import run


def main(input, output, settings):
    """Write cross-validated accuracies and the optimum of the logistic regression."""
    data = prepared.read(input.prepared)
    io.write_text(output.scores, baselines.scores(data, settings["split"]["random_state"]))
    io.write_json(output.reference, baselines.reference_values(data))


if "snakemake" in globals():
    run(main, snakemake)
