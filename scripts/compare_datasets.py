"""Put the recommended rates of several datasets side by side: recommendations.csv, and as a page."""

from lrstudy import io
from lrstudy.errors import StudyError
from lrstudy.figures.page import tables
from lrstudy.job import run
from lrstudy.statistics import answer


def main(input, output, settings):
    """Write one row for each study and dataset."""
    if not input.recommendations:
        raise StudyError("config/config.yaml: studies: none of them varies the learning rate; list one that does")
    answers = [io.read_json(path) for path in input.recommendations]
    rows = answer.side_by_side(answers, settings["compared"])
    text = io.as_csv(rows, list(rows[0]))
    io.write_text(output.recommendations, text)
    io.write_text(output.shown, tables.page("Recommended learning rates", {"recommendations": text}))


if "snakemake" in globals():
    run(main, snakemake)
