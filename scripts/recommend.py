"""Makes `recommendation.json`: which learning rate to use, how sure that is and what it costs to be wrong."""

from lrstudy import statistics
from lrstudy.files import write_json
from lrstudy.job import job
from lrstudy.recommendation import recommend


def main(input, output, settings):
    write_json(output.recommendation, recommend(statistics.read(input.histories, settings), settings))


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
