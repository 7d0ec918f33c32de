"""Makes `summary.csv`: one row of statistics over seeds for each training of a study."""

import json
from pathlib import Path

from lrstudy import statistics
from lrstudy.files import write_text
from lrstudy.job import job


def main(input, output, settings):
    trainings = statistics.read(input.histories, settings)
    floor = json.loads(Path(input.floor).read_text(encoding="utf-8"))
    rows = statistics.summarise(trainings, floor, settings)
    write_text(output.summary, statistics.as_csv(rows, list(rows[0])))


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
