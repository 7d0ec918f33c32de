"""Put the recommended rates of several datasets side by side: recommendations.csv, and as a page."""

from lrstudy.evidence import answer
from lrstudy.figures.page import tables
from lrstudy.files import atomic, formats
from lrstudy.files.errors import StudyError
from lrstudy.files.job import run


def main(input, output, settings):
    """Write one row for each study and dataset."""
    if not input.recommendations:
        raise StudyError("config/config.yaml: list several datasets, and a study that varies the learning rate")
    answers = [atomic.read_json(path) for path in input.recommendations]
    rows = answer.side_by_side(answers, settings["compared"])
    text = formats.as_csv(rows, list(rows[0]))
    atomic.write_text(output.recommendations, text)
    atomic.write_text(output.shown, tables.page("Recommended learning rates", {"recommendations": text}))


if "snakemake" in globals():
    run(main, snakemake)
