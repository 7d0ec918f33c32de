"""The answer of a study in words: the page first, then what was found, the next step and the warnings."""

from lrstudy.statistics import answer_text

INTERVAL = ["difference_low", "difference_high", "improvement", "improvement_low", "improvement_high"]
PAIR = ["first", "second", "rates", "learning_rate_first", "learning_rate_second", "seeds", "difference"]
COLUMNS = [*PAIR, *INTERVAL, "p_value", "p_holm"]
SUMMARY = [{"seeds": 9, "val_accuracy_median": 0.8, "val_accuracy_q05": 0.5, "val_accuracy_q95": 0.9}]
STUDY = {
    "name": "wine",
    "study": "mine",
    "vary": ["batch_size", "learning_rate"],
    "left_out": "",
    "next": {
        "highest": {"wider": True, "command": "make study STUDY=wide DATASET=wine"},
        "lowest": {"wider": False, "command": "make study STUDY=mine DATASET=wine"},
    },
}
HEAD = "wine, mine: results/wine/studies/mine/answer.html"


def lines(recommendation=None, pairs=(), warnings=(), **study) -> list[str]:
    """Return the lines of an answer."""
    found = recommendation or {"recommended": None, "reason": "No rate varies."}
    return answer_text.text(SUMMARY, found, pairs, list(warnings), STUDY | study).splitlines()


def test_the_page_comes_first_then_the_answer_and_the_warnings():
    answer = {"sentence": "Use 0.5.", "edge": None}
    assert lines(answer, warnings=["column 'id' numbers the rows"]) == [
        HEAD,
        "  Use 0.5.",
        "  warning: column 'id' numbers the rows",
    ]


def test_a_best_rate_at_the_edge_names_the_wider_study():
    assert lines({"sentence": "Use 0.5.", "edge": {"side": "highest"}})[2:] == [
        "  Next: the best rate is the largest of the study, so run a wider study:",
        "    make study STUDY=wide DATASET=wine",
    ]


def test_without_a_wider_study_the_grid_is_to_be_extended():
    assert lines({"sentence": "Use 0.5.", "edge": {"side": "lowest"}})[2:] == [
        "  Next: the best rate is the smallest of the study, so write that, and run again:",
        "    make study STUDY=mine DATASET=wine",
    ]


def test_a_single_training_tells_what_its_seeds_gave():
    assert lines()[1:] == [
        "  Of 9 seeds the median is right on 80.0 % of the test rows; nine in ten lie between 50.0 % and 90.0 %."
    ]


def test_batches_that_were_left_out_are_told_once():
    left_out = "Batch size 128 is left out, more than the 40 training rows."
    assert lines(left_out=left_out)[-1] == f"  {left_out}"
    assert left_out not in "\n".join(lines({"sentence": "Use 0.5."}, left_out=left_out))  # its sentence says it


def pair(first: str, second: str, difference: float, p_value: float | None, rates: str = "same") -> dict:
    """Return a row of `comparisons.csv`."""
    low, high = (None, None) if p_value is None else (difference - 0.01, difference + 0.01)
    share = 0.5 - 10 * difference
    values = (first, second, rates, 0.01, 0.1, 9, difference, low, high, share, None, None, p_value, p_value)
    return dict(zip(COLUMNS, values, strict=True))


def test_the_comparisons_name_the_best_by_how_much_and_how_sure():
    rows = [pair("a", "b", 0.02, 0.001), pair("a", "c", -0.01, 0.001), pair("b", "c", -0.03, 0.001)]
    assert lines(pairs=rows)[1:] == [
        "  At 0.1, batch size b ends with the lowest loss: 0.02 (0.01 to 0.03) below a, the next, and lower in 70 % of "
        "pairs of runs; shown against all the others (p < 0.05, corrected for all pairs)."
    ]


def test_a_difference_that_may_be_chance_says_so():
    rows = [pair("a", "b", -0.01, 0.2), pair("a", "c", -0.02, 0.001), pair("b", "c", -0.01, 0.4)]
    assert lines(pairs=rows)[1].endswith("not shown to differ from b (p at least 0.2, corrected for all pairs).")
    assert lines(pairs=[pair("a", "b", -0.01, None)])[1].endswith("one seed cannot tell whether that is chance.")
    assert "shown against all" in lines(pairs=[pair("a", "b", -0.01, 0.0)])[1]  # a p value of 0 is a value


def test_each_ones_own_best_rate_is_preferred():
    rows = [pair("a", "b", -0.01, 0.001), pair("a", "b", 0.02, 0.001, "own_best")]
    assert lines(pairs=rows)[1].startswith("  Each at its own best learning rate, batch size b (at 0.1) ends")
