"""Turn a study's histories into statistics: summary.csv, recommendation.json, comparisons.csv, budget.csv, answer.txt."""

from lrstudy.evidence import answer, answer_text, budget, comparisons, new_rows, summary, trainings
from lrstudy.files import atomic, formats
from lrstudy.files.job import run


def main(input, output, settings):
    """Write the statistics of one study, and its answer in words."""
    found, study = trainings.read(input.histories, settings), trainings.kept(input.histories, settings)
    reference, source = atomic.read_json(input.reference), atomic.read_json(input.source)

    rows = summary.summarise(found, reference, study)
    atomic.write_text(output.summary, formats.as_csv(rows, list(rows[0])))

    recommendation = answer.recommend(found, reference, study)
    atomic.write_json(output.recommendation, recommendation)

    compared = comparisons.compare(found, reference, study)
    atomic.write_text(output.comparisons, formats.as_csv(compared, list(comparisons.COLUMNS)))

    others = [name for name in study["vary"] if name != "learning_rate"]
    best = budget.budget(found, reference, new_rows.rows_shared(reference, study), study)
    atomic.write_text(output.budget, formats.as_csv(best, [*others, *budget.COLUMNS]))

    atomic.write_text(output.answer, answer_text.text(rows, recommendation, compared, source["warnings"], study))


if "snakemake" in globals():
    run(main, snakemake)
