"""Put the recommended rates of several datasets side by side: recommendations.csv."""

from lrstudy import files, recommendation, statistics
from lrstudy.errors import StudyError
from lrstudy.job import job


def main(input, output, settings):
    """Write one row for each study and dataset."""
    if not settings:
        raise StudyError("config/config.yaml: studies: none of them varies the learning rate; list one that does")
    answers = [files.read_json(path) for path in input.recommendations]
    rows = recommendation.side_by_side(answers, settings)
    files.write_text(output.recommendations, statistics.as_csv(rows, list(rows[0])))


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
