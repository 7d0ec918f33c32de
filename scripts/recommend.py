"""Say which learning rate to use, how sure that is and what it costs to be wrong: recommendation.json."""

from lrstudy.evidence import answer, trainings
from lrstudy.files import atomic
from lrstudy.files.job import job


def main(input, output, settings):
    """Write the recommendation of one study."""
    found, settings = trainings.read(input.histories, settings), trainings.kept(input.histories, settings)
    recommendation = answer.recommend(found, atomic.read_json(input.floor), settings)
    recommendation["sentence"] = f"{recommendation['sentence']} {settings['left_out']}".rstrip()
    atomic.write_json(output.recommendation, recommendation)


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
