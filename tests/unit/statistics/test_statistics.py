"""Statistics over seeds, against independent implementations and against simulated histories of known truth."""

import csv
import io

import numpy as np
import pyarrow as pa
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from lrstudy.data import parquet
from lrstudy.errors import StudyError
from lrstudy.statistics import histories, outcomes, resampling, summary
from lrstudy.statistics.grids import sensitivity
from lrstudy.statistics.times import epochs_to, median_time, shares_there, target_loss
from lrstudy.statistics.trainings import Training, capped
from lrstudy.statistics.trainings import read as read_histories
from made import REFERENCE, run_answer, simulated, study_settings

SIMULATION_SEED = 20_260_101
SIMULATIONS = 1_000


def generator(number=0):
    return np.random.Generator(np.random.PCG64([SIMULATION_SEED, number]))


def training(val_loss, loss=None, val_accuracy=0.9, **setting) -> Training:
    """Return a training whose validation losses are given, (seeds, epochs + 1), the first before training."""
    val_loss = np.asarray(val_loss, np.float32)
    loss = val_loss if loss is None else np.asarray(loss, np.float32)
    accuracy = np.broadcast_to(np.float32(val_accuracy), val_loss.shape)
    return Training(setting, loss, accuracy, val_loss, accuracy)


def as_table(trainings):
    """Return the `histories.parquet` table of trainings."""
    parts = []
    for one in trainings:
        curves = np.stack([getattr(one, name) for name in histories.METRICS], axis=2)
        parts.append(histories.to_table(curves.astype(np.float32), 1000))
    settings = study_settings(trainings)
    return histories.join(parts, settings["vary"], settings["trainings"])


# What became of each seed

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("outcome", "val_loss", "loss", "accuracy"),
    [
        ("converged", [0.8, 0.5, 0.1], None, 0.9),
        ("converged", [0.8, 1e-9, 1e-7], None, 1.0),  # a hundred times its best, and yet as good as zero
        ("non_finite", [0.8, 0.5, NAN], None, 0.9),
        ("non_finite", [0.8, INF, 0.1], None, 0.9),
        ("non_finite", [0.8, 0.5, 0.1], [0.8, NAN, 0.1], 0.9),
        ("diverged", [0.8, 0.5, 0.9], None, 0.9),
        ("diverged", [0.8, 2.0, 1.5], None, 0.5),
        ("not_learned", [0.8, 0.79, 0.78], None, 0.55),
        ("not_learned", [0.8, 0.69, 0.69], None, 0.556),  # a dead network answers with its own training rows' shares
        ("not_learned", [0.7, 0.7, 0.7 * (1 + 1e-6)], None, 0.55),  # float32 rounding, no divergence
        ("overconfident", [0.8, 0.5, 0.9], [0.8, 0.1, 0.05], 0.97),
        ("converged", [0.8, 0.5, 0.8 * (1 + 2.7e-5)], [0.8, 0.1, 0.05], 0.97),  # as good as its start
        ("spiked", [0.8, 0.9, 0.1], None, 0.9),
        ("spiked", [0.8, 0.5, 0.1], [0.8, 3.0, 0.1], 0.9),
        ("converged", [0.8, 0.4, 0.3], None, 0.55),  # rare classes are learned before any answer changes
    ],
)
def test_each_outcome(outcome, val_loss, loss, accuracy):
    seed = training([val_loss], None if loss is None else [loss], accuracy)
    assert outcomes.outcomes(seed, REFERENCE) == [outcome]
    assert outcomes.failures(seed, REFERENCE) == [outcome in ("non_finite", "diverged", "not_learned")]


def test_every_seed_has_one_outcome_of_its_own():
    both = training([[0.8, 0.5, 0.1], [0.8, 0.5, NAN], [0.8, 0.9, 2.0]])
    assert outcomes.outcomes(both, REFERENCE).tolist() == ["converged", "non_finite", "diverged"]


def test_losses_are_capped_at_the_initial_loss():
    values = capped(training([[0.5, 0.25], [0.5, 4.0], [0.5, NAN], [0.5, INF], [0.75, 0.75]]))
    assert values.tolist() == [0.25, 0.5, 0.5, 0.5, 0.75]


# Shares, centres and their intervals


@given(data=st.data(), seeds=st.integers(1, 2_000), confidence=st.floats(0.5, 0.999))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_wilson_is_that_of_statsmodels(data, seeds, confidence):
    count = data.draw(st.integers(0, seeds))
    low, high = resampling.wilson(count, seeds, confidence)
    expected = proportion_confint(count, seeds, alpha=1 - confidence, method="wilson")
    assert (float(low), float(high)) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("seeds", [1, 2, 3, 4, 5, 99, 100])
def test_centres_are_those_of_scipy_and_numpy_in_every_resample(seeds):
    values = np.sort(generator(seeds).lognormal(size=seeds))
    (counts,) = resampling.resample(seeds, 50)
    resampled = [np.repeat(values, drawn.astype(int)) for drawn in counts]
    for cut, expected in [
        (0, np.mean),
        (seeds // 4, lambda sample: scipy.stats.trim_mean(sample, 0.25)),
        ((seeds - 1) // 2, np.median),
    ]:
        np.testing.assert_allclose(resampling.trimmed_mean(values, cut, counts), list(map(expected, resampled)))
        assert resampling.centre(values, cut) == pytest.approx(expected(values))


def test_a_summary_is_the_same_whichever_trainings_are_resampled_together(monkeypatch):
    trainings = simulated(seeds=30)
    settings = study_settings(trainings)
    together = summary.summarise(trainings, REFERENCE, settings)
    monkeypatch.setattr(summary, "AT_ONCE", 3 * 2_000)
    assert summary.summarise(trainings, REFERENCE, settings) == together
    monkeypatch.setattr(summary, "AT_ONCE", 1)
    assert summary.summarise(trainings, REFERENCE, settings) == together


def test_a_median_survives_infinite_losses():
    values = np.array([1.0, 2.0, 3.0, np.inf, np.inf])
    assert resampling.centre(values, 2) == 3
    assert resampling.trimmed_mean(values, 2, np.array([[1, 1, 1, 1, 1], [1.0, 0, 0, 2, 2]])).tolist() == [3, np.inf]


@pytest.mark.parametrize("size", [None, 7])
def test_resamples_draw_the_right_number_and_do_not_depend_on_who_asks(size, monkeypatch):
    (counts,) = resampling.resample(40, 300, size)
    assert counts.shape == (300, 40)
    assert (counts.sum(axis=1) == (size or 40)).all()
    np.testing.assert_array_equal(counts, next(resampling.resample(40, 300, size)))
    assert counts.mean(axis=0) == pytest.approx((size or 40) / 40, abs=0.35)
    monkeypatch.setattr(resampling, "BLOCK", 40 * 70)
    assert [len(block) for block in resampling.resample(40, 300, size)] == [70, 70, 70, 70, 20]


@pytest.mark.parametrize("size", [None, 7])
def test_resampled_means_are_those_of_a_plain_loop(size):
    values = generator(1).normal(size=(3, 20))
    (counts,) = resampling.resample(20, 40, size)
    plain = [[np.repeat(row, drawn.astype(int)).mean() for row in values] for drawn in counts]
    np.testing.assert_allclose(resampling.resampled_means(values, 40, size), plain)


def test_bootstrap_interval_is_that_of_scipy():
    values = generator(2).lognormal(size=80)
    ours = resampling.interval(resampling.resampled_means(values[None], 20_000)[:, 0], 0.95)
    theirs = scipy.stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=generator(3)
    ).confidence_interval
    width = theirs.high - theirs.low
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.03 * width)


def test_intervals_cover_the_truth():
    """Each of 1,000 simulated trainings has 100 seeds; 95 % intervals should hold the truth 93 to 97 % of the time.

    Final losses are log-normal (sigma 0.5, skewness 1.75); one seed in five diverges, which the shares count.
    """
    seeds, sigma = 100, 0.5
    logs = generator(4).normal(-1, sigma, (SIMULATIONS, seeds))
    trainings = [training(np.stack([np.full(seeds, 50.0), np.exp(row)], axis=1)) for row in logs]
    diverged = generator(5).random((SIMULATIONS, seeds)) < 0.2
    failing = [training(np.stack([np.full(seeds, 0.5), row + 0.25], axis=1)) for row in diverged]
    rows = summary.summarise(trainings, REFERENCE, study_settings(trainings, resamples=500))
    shares = summary.summarise(failing, REFERENCE, study_settings(failing, resamples=100))

    quarter = scipy.stats.norm.ppf(0.75)
    middle = scipy.stats.norm.cdf(quarter - sigma) - scipy.stats.norm.cdf(-quarter - sigma)
    mean = np.exp(-1 + sigma**2 / 2)
    truth = {"val_loss_median": np.exp(-1), "val_loss_iqm": mean * middle / 0.5, "val_loss_mean": mean}
    coverage = {name: _coverage(rows, name, value) for name, value in truth.items()}
    coverage["failed_share"] = _coverage(shares, "failed_share", 0.2)
    assert all(0.93 <= share <= 0.97 for share in coverage.values()), coverage


def _coverage(rows, name, truth):
    return np.mean([row[f"{name}_low"] <= truth <= row[f"{name}_high"] for row in rows])


# Two things compared


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_improvement_is_the_mann_whitney_statistic_per_pair(pairs):
    first, second = np.array(pairs, float).T
    (counts,) = resampling.resample(len(first), 5)
    counts = np.vstack([np.ones(len(first)), counts])
    samples = [(np.repeat(first, drawn.astype(int)), np.repeat(second, drawn.astype(int))) for drawn in counts]
    expected = [scipy.stats.mannwhitneyu(b, a).statistic / (len(a) * len(b)) for a, b in samples]
    np.testing.assert_allclose(resampling.improvement(first, second, counts), expected)


# Epochs to a target


@given(st.lists(st.one_of(st.integers(0, 10), st.none()), min_size=1, max_size=40))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_the_share_that_got_there_is_the_kaplan_meier_estimate(seeds):
    """Nobody leaves before the last epoch, the tenth: the plain share is what SciPy estimates of censored times."""
    reached = np.array([time is not None for time in seeds])
    times = np.array([10 if time is None else time for time in seeds])
    steps, there = shares_there(times, reached)
    data = scipy.stats.CensoredData(uncensored=times[reached], right=times[~reached])
    np.testing.assert_allclose(there, scipy.stats.ecdf(data).cdf.evaluate(steps), atol=1e-12)


def test_epochs_to_a_target_end_with_the_last_epoch():
    one = training([[0.8, 0.4, 0.2, 0.3], [0.8, 0.7, 0.6, 0.2], [0.8, 0.7, 0.6, 0.5], [0.8, NAN, NAN, NAN], [0.1] * 4])
    times, reached = epochs_to(one, 0.2)
    assert times.tolist() == [2, 3, 3, 3, 0]
    assert reached.tolist() == [True, True, False, False, True]
    assert median_time(times, reached) == 3
    assert median_time(times[2:4], reached[2:4]) is None
    assert median_time(np.array([2, 4]), np.array([True, False])) == 2


def test_the_target_is_the_configs_or_nine_tenths_of_the_way_to_the_best_training():
    trainings = [training([[1.0, 0.9], [1.0, NAN]], value=1), training([[1.0, 0.2], [0.8, 0.2]], value=2)]
    assert target_loss(trainings, study_settings(trainings)) == pytest.approx(0.9 - 0.9 * 0.7)
    assert target_loss(trainings, study_settings(trainings, target_loss=0.3)) == 0.3


# Learning rates


def test_sensitivity_is_the_mean_excess_over_log_uniform_rates():
    rates = np.array([0.01, 1, 100])
    assert sensitivity(rates, np.array([2.5, 0.5, 2.5])) == pytest.approx(1)
    assert sensitivity(rates, np.array([0.5, 0.5, 0.5])) == 0
    uneven = np.array([0.01, 0.02, 0.3, 7.0, 100])
    losses = generator(6).random((4, 5))
    drawn = generator(7).uniform(np.log(0.01), np.log(100), 200_000)
    expected = [np.interp(drawn, np.log(uneven), row).mean() - row.min() for row in losses]
    np.testing.assert_allclose(sensitivity(uneven, losses), expected, atol=5e-3)


# The files


def _summarised(folder, trainings, **options):
    """Write histories and reference values, run the script, and return its summary's rows and the file's bytes."""
    parquet.write(folder / "histories.parquet", as_table(trainings))
    run_answer(folder, study_settings(trainings, **options), train_loss=0.125)
    written = (folder / "summary.csv").read_bytes()
    return list(csv.DictReader(io.StringIO(written.decode()))), written


def test_summary_by_hand(tmp_path):
    losses = [[1.0, 0.5, 0.25], [1.0, 0.5, 0.5], [1.0, 2.0, NAN], [1.0, 2.0, 2.0]]
    trainings = [training(losses, learning_rate=0.00001), training(np.sqrt(losses), learning_rate=0.5)]
    (row, _), written = _summarised(tmp_path, trainings)
    assert written == _summarised(tmp_path, trainings)[1]
    assert b"\r" not in written
    assert float(row["learning_rate"]) == 0.00001
    counts = [row[name] for name in ("seeds", *outcomes.OUTCOMES)]
    assert counts == ["4", "1", "1", "0", "0", "0", "2"]
    assert (row["failed_share"], row["capped_share"], row["reached_share"]) == ("0.5", "0.5", "0.5")
    assert float(row["val_loss_mean"]) == (0.25 + 0.5 + 1 + 1) / 4
    assert float(row["val_loss_iqm"]) == (0.5 + 1) / 2
    assert float(row["val_loss_median"]) == (0.5 + 2) / 2
    assert float(row["val_loss_q95"]) == INF
    assert float(row["gap_median"]) == (0.5 + 2) / 2 - 0.125
    assert float(row["target_loss"]) == pytest.approx(1 - 0.9 * (1 - 2.75 / 4))
    assert row["epochs_to_target"] == "1.0"


def test_every_column_is_explained(tmp_path):
    (row,), _ = _summarised(tmp_path, [training([[0.8, 0.1], [0.8, 0.2]])])
    explained = [name for name in row if not name.endswith(("_low", "_high"))]
    assert explained == list(summary.COLUMNS)
    bounded = {name.rpartition("_")[0] for name in row if name.endswith(("_low", "_high"))}
    assert bounded <= set(summary.COLUMNS)


def test_one_seed_has_no_bootstrap_interval(tmp_path):
    (row,), _ = _summarised(tmp_path, [training([[0.8, 0.1]], learning_rate=0.1)])
    assert float(row["val_loss_mean"]) == float(row["val_loss_median"]) == np.float32(0.1)
    assert row["val_loss_mean_low"] == row["val_loss_median_high"] == row["val_loss_iqm_low"] == ""
    assert float(row["converged_share_low"]) == pytest.approx(0.2065, abs=1e-4)


def test_the_gap_is_that_of_a_logistic_network_alone():
    one = [training([[0.8, 0.1], [0.8, 0.2]])]
    reference = REFERENCE | {"train_loss": 0.05}
    assert summary.summarise(one, reference, study_settings(one, network="mlp"))[0]["gap_median"] is None
    assert summary.summarise(one, reference, study_settings(one))[0]["gap_median"] == pytest.approx(0.1, rel=1e-6)


def test_histories_are_read_back_as_they_were(tmp_path):
    path = tmp_path / "histories.parquet"
    trainings = [
        training(generator(8).random((3, epochs + 1)), optimizer=name, epochs=epochs)
        for name, epochs in [("sgd", 2), ("sgd", 4), ("adam", 2), ("adam", 4)]
    ]
    parquet.write(path, as_table(trainings))
    for read, written in zip(read_histories(path, study_settings(trainings)), trainings, strict=True):
        assert read.setting == written.setting
        for name in histories.METRICS:
            np.testing.assert_array_equal(getattr(read, name), getattr(written, name))


def test_histories_of_other_trainings_are_refused_in_one_line(tmp_path):
    path = tmp_path / "histories.parquet"
    trainings = [training(np.ones((3, 4)), learning_rate=rate) for rate in (0.1, 0.2)]
    expected = study_settings(trainings)
    table = as_table(trainings)
    other_rate = table.set_column(0, "learning_rate", pa.array([0.1] * 12 + [0.3] * 12))
    cases = {
        "not seeds 0 to 2": table.take([1, 0, *range(2, 24)]),
        "not seeds": table.slice(0, 20),
        "48 rows": pa.concat_tables([table, table]),
        "learning_rate 0.3": other_rate,
    }
    for reason, wrong in cases.items():
        parquet.write(path, wrong)
        with pytest.raises(StudyError, match=reason) as error:
            read_histories(path, expected)
        assert "\n" not in str(error.value)
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(StudyError, match="damaged"):
        read_histories(path, expected)


def test_a_loss_that_starts_infinite_is_refused(tmp_path):
    trainings = [training([[0.8, 0.1], [INF, 0.1]], learning_rate=0.1)]
    parquet.write(tmp_path / "histories.parquet", as_table(trainings))
    with pytest.raises(StudyError, match="seed 1 is not finite before training"):
        read_histories(tmp_path / "histories.parquet", study_settings(trainings))


def test_the_interval_for_new_rows_is_that_of_seeds_with_splits_of_their_own():
    both = [training(generator(9).random((40, 2)) * [0, 0.1] + [1, 0.1], value=1)]
    one, each = (summary.summarise(both, REFERENCE, study_settings(both, split))[0] for split in ("one", "each"))
    assert one["val_loss_new_rows"] is one["val_loss_new_rows_low"] is None
    assert each["val_loss_new_rows"] == each["val_loss_mean"]
    assert each["val_loss_new_rows_low"] < each["val_loss_mean_low"] < each["val_loss_mean"]
