"""The figures over learning rates: what they show of made tables, and that odd ones are drawn too."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from lrstudy import labels
from lrstudy.figures import budget, curves, few_seeds, finder_audit, maps, rates, style, times, variance
from lrstudy.statistics.trainings import Training
from lrstudy.statistics.variance import COMPONENTS

RATES = [0.01, 0.1, 1.0, 10.0]
STUDY = {
    "study": "made",
    "title": "Made",
    "dataset": "made",
    "simulated": True,
    "seeds": 4,
    "vary": ["learning_rate"],
    "trainings": [{"learning_rate": rate, "split": "one"} for rate in RATES],
    "statistics": {"failure_limit": 0.05, "resamples": 100, "target_loss": 0.3, "confidence": 0.9, "epsilon": 0.1},
}


def trainings() -> list[Training]:
    """Return four trainings of four seeds: the first never reaches 0.3, the others after 3, 2 and 1 epochs."""
    losses = [np.tile([1.0, *[0.5] * wait, *[0.2 + 0.01 * wait] * (4 - wait)], (4, 1)) for wait in (4, 2, 1, 0)]
    return [Training({"learning_rate": rate}, *[loss] * 4) for rate, loss in zip(RATES, losses, strict=True)]


def test_times_show_those_that_got_there_and_count_the_rest():
    figure = times.draw(trainings(), STUDY)
    (axes,) = figure.axes
    assert [line.get_label() for line in axes.lines] == ["0.1", "1.0", "10.0 ★"]
    jumps = [line.get_xdata()[np.argmax(line.get_ydata() >= 1)] for line in axes.lines]
    assert jumps == [3, 2, 1]
    assert "in 1 no seed got there" in figure.get_supxlabel()
    assert "(simulated data)" in figure.get_suptitle()


def test_times_of_two_settings_show_each_value_at_its_best_rate():
    losses = [each.val_loss for each in (trainings()[place] for place in (1, 3, 3, 1))]
    settings = [(16, 0.1), (16, 1.0), (32, 0.1), (32, 1.0)]
    made = [
        Training({"batch_size": batch, "learning_rate": rate}, *[loss] * 4)
        for (batch, rate), loss in zip(settings, losses, strict=True)
    ]
    rows = [training.setting for training in made]
    study = {**STUDY, "vary": ["batch_size", "learning_rate"], "trainings": rows}
    labels = [line.get_label() for line in times.draw(made, study).axes[0].lines]
    assert labels == ["16, 1.0", "32, 0.1"]


def test_times_of_trainings_that_never_got_there():
    assert times.draw(trainings()[:1], STUDY).axes[0].lines[:] == []


def summary(batches=(16, 32)) -> list[dict[str, str]]:
    """Return a summary as text: the loss is the rate's place, and the highest rate fails."""
    return [
        {"learning_rate": str(rate), "batch_size": str(batch), "val_loss_mean": str(0.1 * (place + 1)),
         "failed_share": str(float(rate == 10.0))}
        for batch in batches for place, rate in enumerate(RATES)
    ]  # fmt: skip


@pytest.mark.parametrize("interval", [None, [0.4, 0.9]])
def test_the_map_marks_failures_and_recommendations(interval):
    scaling = {"alpha": 0.6, "interval": interval, "equal_steps": {"alpha": 0.4, "interval": interval}}
    by = {"16": {"recommended": 0.01, "limit": 2.0}, "32": {"recommended": None, "limit": 200.0}}
    figure = maps.draw(summary(), {"by": by, "batch_scaling": scaling}, STUDY)
    failed, star, limit = figure.axes[0].lines
    assert list(limit.get_xdata()) == [2.0, 2.0]  # that of 32 lies beyond the map
    assert failed.get_xdata().tolist() == [10.0, 10.0]
    assert star.get_xdata() == [0.01]
    words = " ".join(figure.get_supxlabel().split())
    assert ("At equal epochs the best rate grows as batch size^0.60 (90 % interval 0.40 to 0.90)" in words) == (
        interval is not None
    )
    assert ("at equal steps as batch size^0.40" in words) == (interval is not None)


def test_few_seeds_leave_out_what_is_not_known():
    answer = {"seeds_needed": {"1": 0.4, "3": 0.1, "5": None}}
    (line,) = few_seeds.draw(answer, STUDY).axes[0].lines
    assert dict(zip(line.get_xdata(), line.get_ydata(), strict=True)) == {1: 0.4, 3: 0.1}


def test_suggestions_of_a_rule_that_had_none():
    found = [{"seed": seed, "rule": "valley", "learning_rate": 0.1, "regret": 0.2} for seed in range(3)]
    found += [{"seed": 0, "rule": "slide", "learning_rate": None, "regret": None}]
    figure = finder_audit.draw(found, (np.array(RATES), np.array([0.4, 0.3, 0.1, 0.9])), STUDY)
    names = [label.get_text() for label in figure.axes[1].get_yticklabels()]
    assert names == [
        "steepest fall\nno suggestion",
        "minimum / 10\nno suggestion",
        "valley\nregret 0.2",
        "slide\nno suggestion",
    ]


def rates_rows(new_rows: str) -> list[dict[str, str]]:
    """Return a summary as rates.png wants it; the interval for new rows is `new_rows` on either side."""
    ends = {f"{name}_{end}": "0.1" for name in ("val_loss_mean", "failed_share") for end in ("low", "high")}
    ends |= {f"val_loss_new_rows_{end}": new_rows for end in ("low", "high")}
    ends |= {"val_accuracy_median": "0.9", "val_accuracy_q05": "0.8", "val_accuracy_q95": "0.95"}
    return [{**row, **ends} for row in summary(batches=(16,))]


ANSWER = {"recommended": 0.1, "stable_range": [0.01, 1.0], "good_range": [0.1, 0.1], "limit": None}


def test_rates_show_the_loss_the_accuracy_and_the_failures():
    figure = rates.draw(rates_rows(""), ANSWER, STUDY)
    loss, accuracy, failed = figure.axes
    assert "loss" in loss.get_ylabel() and "accuracy" in accuracy.get_ylabel() and "failed" in failed.get_ylabel()
    assert accuracy.lines[0].get_ydata().tolist() == [0.9] * 4
    assert failed.lines[0].get_ydata().tolist() == [0, 0, 0, 1]
    (star,) = (line for line in loss.lines if line.get_marker() == "*")
    assert star.get_xdata() == [0.1]


@pytest.mark.parametrize(
    ("split", "interval", "words"),
    [("one", "", "90 % bootstrap intervals, on one split"), ("each", "0.2", "90 % intervals for new rows")],
)
def test_the_rates_caption_names_the_confidence_and_what_its_bands_are(split, interval, words):
    study = {**STUDY, "trainings": [{**each, "split": split} for each in STUDY["trainings"]]}
    figure = rates.draw(rates_rows(interval), ANSWER, study)
    assert f"bands: {words}" in " ".join(figure.get_supxlabel().split())
    (band, *_) = figure.axes[0].collections
    assert band.get_paths()[0].vertices[:, 1].max() == pytest.approx(float(interval or 0.1))


@pytest.mark.parametrize(("limit", "lines"), [(5.0, 1), (1000.0, 0), (None, 0)])
def test_theorys_limit_is_a_line_where_it_is_near(limit, lines):
    figure = rates.draw(rates_rows(""), ANSWER | {"limit": limit}, STUDY)
    dashed = [line for line in figure.axes[0].lines if line.get_linestyle() == "--"]
    assert len(dashed) == lines
    assert (
        "Upright dashes: 2 over the largest curvature at the optimum" in " ".join(figure.get_supxlabel().split())
    ) == (lines == 1)


def test_times_show_the_recommended_rate_among_many():
    losses = np.tile([1.0, 0.5, 0.2], (12, 4, 1))
    losses[4, :, 2] = 0.1
    made = [Training({"learning_rate": 10.0**place}, *[loss] * 4) for place, loss in enumerate(losses)]
    study = {**STUDY, "trainings": [{**each.setting, "split": "one"} for each in made]}
    shown = [line.get_label() for line in times.draw(made, study).axes[0].lines]
    assert "10000.0 ★" in shown
    assert len(shown) == 7


def test_the_budget_draws_the_best_rate_and_its_loss():
    rows = [
        {"epoch": epoch, "best": 1 / epoch, "low": 0.1, "high": 2.0, "loss": 0.2, "loss_low": 0.1, "loss_high": 0.3}
        for epoch in (1, 2, 3)
    ]
    above, below = budget.draw(rows, STUDY).axes
    assert above.lines[0].get_ydata().tolist() == [1, 1 / 2, 1 / 3]
    assert below.lines[0].get_ydata().tolist() == [0.2] * 3
    several = [{"batch_size": batch, **row} for batch in (16, 32, 64, 128) for row in rows]
    figure = budget.draw(several, {**STUDY, "vary": ["batch_size", "learning_rate"]})
    assert [line.get_label() for line in figure.axes[0].lines] == ["16", "32", "64", "128"]
    assert "too few" in budget.draw([], STUDY).get_supxlabel()


def test_the_variance_has_a_bar_for_each_component_and_rate():
    rows = [
        {"learning_rate": rate, "component": name, "share": 1 / 7, "low": 0.2, "high": 0.3}
        for rate in (0.5, 0.01) for name in COMPONENTS
    ]  # fmt: skip
    (axes,) = variance.draw(rows, STUDY).axes
    assert [len(bars.patches) for bars in axes.containers if hasattr(bars, "patches")] == [7, 7]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["learning rate 0.5", "learning rate 0.01"]
    variance.draw([], STUDY)


@pytest.mark.parametrize(
    ("ends", "labels"),
    [
        ((0.03, 0.4), ["0.05", "0.1", "0.2"]),
        ((0.00001, 10), ["1e-05", "0.0001", "1", "10"]),
        ((0.65, 0.85), ["0.7", "0.8"]),
    ],
)
def test_a_logarithmic_axis_has_labels_that_can_be_read(ends, labels):
    axes = Figure().subplots()
    axes.plot(ends, ends)
    axes.set(xscale="log", xlim=ends)
    style.label_log(axes.xaxis)
    axes.figure.draw_without_rendering()
    ticks = [*axes.get_xticklabels(minor=True), *axes.get_xticklabels()]
    # Where a processor rounds the other way, a tick lies a last bit beside its end.
    low, high = ends[0] * (1 - 1e-9), ends[1] * (1 + 1e-9)
    shown = {tick.get_text() for tick in ticks if low <= tick.get_position()[0] <= high}
    assert set(labels) <= shown


def test_a_long_title_takes_several_lines():
    figure = Figure(figsize=(8, 5))
    style.title(figure, "A title of many words " * 5)
    width = figure._suptitle.get_window_extent().width
    assert width < figure.bbox.width


def learned(settings: list[dict], start: float, ends: list[float]) -> tuple[list[Training], dict]:
    """Return trainings of four seeds over two epochs that begin and end at these losses, and their study."""
    losses = [np.tile([start, (start + end) / 2, end], (4, 1)) for end in ends]
    made = [Training(setting, *[loss] * 4) for setting, loss in zip(settings, losses, strict=True)]
    return made, {**STUDY, "vary": list(settings[0]), "trainings": settings}


def test_curves_end_at_1_as_the_lectures_and_higher_where_losses_begin_higher():
    settings = [{"learning_rate": rate} for rate in (0.1, 1.0)]
    for start, highest in ((0.8, 1.0), (2.3, 2.3)):
        above, below = curves.draw(*learned(settings, start, [0.5, 0.4])).axes
        assert above.get_ylim() == (0, pytest.approx(highest))
        assert below.get_ylim() == (0, 1)


@pytest.mark.parametrize(("end", "said"), [(0.5, False), (7.0, True), (np.inf, True), (np.nan, True)])
def test_curves_say_where_a_line_leaves_the_axis(end, said):
    figure = curves.draw(*learned([{"learning_rate": rate} for rate in (0.1, 1.0)], 0.8, [0.5, end]))
    assert ("Losses above 1 lie beyond the axis." in figure.get_supxlabel()) == said


def test_curves_of_more_rates_than_have_names_have_a_colour_bar():
    rates = np.geomspace(0.001, 10, 40).tolist()
    figure = curves.draw(*learned([{"learning_rate": rate} for rate in rates], 0.8, np.linspace(0.7, 0.1, 40)))
    above, _, bar = figure.axes
    assert len(above.lines) == 40
    assert bar.get_ylabel() == "learning rate"
    assert bar.get_ylim() == pytest.approx((0.001, 10))


def test_curves_of_many_trainings_show_each_value_at_its_best_rate():
    rates = np.geomspace(0.01, 1, 20).tolist()
    settings = [{"batch_size": batch, "learning_rate": rate} for batch in (16, 32) for rate in rates]
    ends = np.abs(np.arange(20) - 5) / 100 + 0.1
    figure = curves.draw(*learned(settings, 0.8, [*ends, *ends[::-1]]))
    names = [line.get_label() for line in figure.axes[0].lines]
    assert names == [f"16, {rates[5]}", f"32, {rates[14]}"]
    assert "Of 40 trainings 2 are shown, each at its best learning rate." in figure.get_supxlabel()


def test_curves_of_many_trainings_without_rates_show_all_of_them():
    settings = [{"batch_size": batch, "epochs": epochs} for batch in range(1, 8) for epochs in range(1, 6)]
    figure = curves.draw(*learned(settings, 0.8, np.linspace(0.7, 0.1, 35)))
    assert len(figure.axes[0].lines) == 35
    assert "are shown" not in figure.get_supxlabel()


def curves_of(rates, losses, **more):
    """Return the figure of curves with these losses at these rates, four seeds each."""
    settings = [{"learning_rate": rate} for rate in rates]
    made = [Training(each, *[np.tile(loss, (4, 1))] * 4) for each, loss in zip(settings, losses, strict=True)]
    fixed = {"optimizer": "sgd", "epochs": 2, "batch_size": 16}
    study = {**STUDY, "trainings": [{**fixed, **each} for each in settings]}
    return curves.draw(made, study, **more)


def test_curves_mark_the_recommended_rate_and_say_what_was_held_fixed():
    losses = [[1.0, 0.9 / place, 0.8 / place] for place in (1, 2, 3, 4)]
    figure = curves_of(RATES, losses, recommendation={"recommended": 1.0})
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    assert list(lines) == ["0.01", "0.1", "1.0 ★", "10.0"]
    assert lines["1.0 ★"].get_color() == "black"
    words = " ".join(figure.get_supxlabel().split())
    assert "Black, ★: the recommended rate." in words
    assert "Held fixed: optimizer sgd, epochs 2, batch size 16." in words
    assert "★" not in curves_of(RATES, losses, recommendation={"recommended": None}).get_supxlabel()


def gaps_of(axes) -> list[float]:
    """Return of each line the share of its length that is gaps."""
    dashes = [line._dash_pattern[1] or (1, 0) for line in axes.lines]
    return [sum(each[1::2]) / sum(each) for each in dashes]


def grouped(names=("a", "b", "c")) -> dict:
    """Return the settings of a study that varies the optimizer, by these names, and the rate."""
    rows = [{"optimizer": name, "learning_rate": rate, "batch_size": 16} for name in names for rate in RATES]
    return {**STUDY, "vary": ["optimizer", "learning_rate"], "trainings": [{**row, "split": "each"} for row in rows]}


def test_no_figure_hides_a_line_that_lies_under_another():
    names, study = ("a", "b", "c"), grouped()
    by = {name: {**ANSWER, "seeds_needed": {"1": 0.4, "3": 0.1}} for name in names}
    rows = [{"optimizer": name, **row} for name in names for row in rates_rows("0.1")]
    numbers = dict.fromkeys(("best", "low", "high", "loss", "loss_low", "loss_high"), 0.1)
    budgets = [{"optimizer": name, "epoch": epoch, **numbers} for name in names for epoch in (1, 2)]
    made = [Training(dict(row), *[np.tile([1.0, 0.2], (4, 1))] * 4) for row in study["trainings"]]
    figures = [
        rates.draw(rows, {"by": by}, study),
        budget.draw(budgets, study),
        few_seeds.draw({"by": by}, study),
        times.draw(made, study),
    ]
    for figure in figures:
        first, second, third = gaps_of(figure.axes[0])[:5:2] if figure is figures[0] else gaps_of(figure.axes[0])[:3]
        assert 0 == first < second < third
        assert "one below shows in the gaps" in " ".join(figure.get_supxlabel().split())


def test_every_figure_says_what_was_held_fixed():
    answer = {**ANSWER, "seeds_needed": {"1": 0.4}}
    study = {**STUDY, "trainings": [{**row, "batch_size": 16} for row in STUDY["trainings"]]}
    scaling = {"alpha": 0.6, "interval": None, "equal_steps": None}
    by = {batch: {"recommended": 0.01, "limit": None} for batch in ("16", "32")}
    figures = [
        rates.draw(rates_rows(""), answer, study),
        budget.draw([], study),
        few_seeds.draw(answer, study),
        times.draw(trainings(), study),
        finder_audit.draw([], (np.array(RATES), np.array(RATES)), study),
        variance.draw([], study),
        maps.draw(summary(), {"by": by, "batch_scaling": scaling}, study),
        curves.draw(trainings(), study),
    ]
    for figure in figures:
        assert "Held fixed: batch size 16" in " ".join(figure.get_supxlabel().split())


def test_what_failed_means_stands_where_it_is_read():
    by = {batch: {"recommended": 0.01, "limit": None} for batch in ("16", "32")}
    made = maps.draw(
        summary(), {"by": by, "batch_scaling": {"alpha": 0.6, "interval": None, "equal_steps": None}}, STUDY
    )
    for figure in (made, rates.draw(rates_rows(""), ANSWER, STUDY)):
        assert "failed: a loss not finite, or a training" in " ".join(figure.get_supxlabel().lower().split())


def test_the_legend_of_the_map_covers_none_of_it():
    scaling = {"alpha": 0.6, "interval": None, "equal_steps": None}
    by = {batch: {"recommended": 0.01, "limit": 2.0} for batch in ("16", "32")}
    figure = maps.draw(summary(), {"by": by, "batch_scaling": scaling}, STUDY)
    figure.draw_without_rendering()
    legend = figure.axes[0].get_legend()
    for part in (figure.axes[0].patch, figure._suptitle, figure._supxlabel):
        assert not legend.get_window_extent().overlaps(part.get_window_extent())


def test_lines_that_lie_on_each_other_both_show_and_are_named():
    same, other = [1.0, 0.5, 0.3], [1.0, 0.2, 0.1]
    figure = curves_of([0.1, 0.2, 0.3, 0.4], [same, other, same, same])
    gaps = gaps_of(figure.axes[0])
    assert gaps == sorted(set(gaps))
    words = " ".join(figure.get_supxlabel().split())
    assert "0.3 on 0.1, 0.4 on 0.1 and 0.3. Dashes: where lines" in words
    assert set(gaps_of(curves_of([0.1, 0.2], [same, other]).axes[0])) == {0}


def test_curves_of_two_settings_are_at_the_rates_that_the_answer_recommends():
    settings = [
        {"batch_size": batch, "learning_rate": rate} for batch in (16, 32) for rate in np.geomspace(0.1, 1, 16).tolist()
    ]
    losses = np.tile([1.0, 0.5], (4, 1))
    made = [Training(each, *[losses] * 4) for each in settings]
    study = {**STUDY, "vary": ["batch_size", "learning_rate"], "trainings": settings}
    by = {"16": {"recommended": settings[3]["learning_rate"]}, "32": {"recommended": settings[16]["learning_rate"]}}
    figure = curves.draw(made, study, {"recommended": 0.1, "by": by})
    shown = [line.get_label().split(", ")[0] for line in figure.axes[0].lines]
    assert shown == ["16", "32"]
    assert figure.axes[0].lines[0].get_label().split(", ")[1] == labels.plain(settings[3]["learning_rate"])
    assert "each at its recommended learning rate" in " ".join(figure.get_supxlabel().split())
