"""Turn a study's histories into its statistics, and its answer in words: answer.txt."""

from lrstudy import io
from lrstudy.job import run
from lrstudy.statistics import answer, answer_text, budget, comparisons, new_rows, summary, trainings


def main(input, output, settings):
    """Write the statistics of one study, and its answer in words."""
    found, study = trainings.read(input.histories, settings), trainings.with_fitting_batches(input.histories, settings)
    reference, source = io.read_json(input.reference), io.read_json(input.source)

    rows = summary.summarise(found, reference, study)
    io.write_text(output.summary, io.as_csv(rows, list(rows[0])))

    recommendation = answer.recommend(found, reference, study)
    io.write_json(output.recommendation, recommendation)

    compared = comparisons.compare(found, reference, study)
    io.write_text(output.comparisons, io.as_csv(compared, list(comparisons.COLUMNS)))

    others = [name for name in study["vary"] if name != "learning_rate"]
    best = budget.budget(found, reference, new_rows.test_train_ratio(reference, study), study)
    io.write_text(output.budget, io.as_csv(best, [*others, *budget.COLUMNS]))

    io.write_text(output.answer, answer_text.text(rows, recommendation, compared, source["warnings"], study))


if "snakemake" in globals():
    run(main, snakemake)
