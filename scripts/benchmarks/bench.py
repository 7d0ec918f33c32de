"""The benchmarks: ratios of things timed in the same run, printed and written to results/bench.json.

`make bench`, with DATA_MIRROR naming the genuine data; half an hour to an hour. Each pair is timed in
turn, three times, and the median ratio is what counts, because machines are noisy.
"""

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import projects

from lrstudy import io

ROOT = Path(__file__).resolve().parents[2]

MIRROR = Path(os.environ.get("DATA_MIRROR") or sys.exit("error: set DATA_MIRROR to the folder of the banknote data"))
NOTES = (MIRROR / "data_banknote_authentication.txt").resolve()
LESSON = ROOT / "scripts/benchmarks/lesson.py"
REPEATS = 3


def seconds(command: list, folder: Path) -> float:
    """Return how long a command takes."""
    start = time.perf_counter()
    environment = {**os.environ, "DATA_MIRROR": str(NOTES.parent)}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def rates(folder: Path, values) -> None:
    """Set the learning rates of the study `learning_rates`."""
    path = folder / "config/studies/learning_rates.yaml"
    projects.edit(path, lambda study: study["vary"].update(learning_rate=values))


def snakemake(folder: Path, *arguments: str) -> float:
    """Return how long a run on two cores takes."""
    return seconds([sys.executable, "-m", "snakemake", "--cores", "2", *arguments], folder)


def grid(folder: Path, number: int) -> tuple[float, float]:
    """Return what a study of so many rates takes from nothing, by the clock and of the processor, in seconds."""
    rates(projects.project(folder), {"log": [0.001, 10, number]})
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = snakemake(folder, "learning_rates")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ratio(ours: list[float], theirs: list[float]) -> float:
    """Return the median ratio of what was measured in turn."""
    return median(one / other for one, other in zip(ours, theirs, strict=True))


ONE_SEED = """
import resource, sys, time
sys.path[:0] = [{scripts!r}]
from lrstudy.data import prepared
from lrstudy.data.splits import Splits
from lrstudy.training.engine import Engine
data = prepared.read({results!r} + "/prepared.parquet")
program = {results!r} + "/programs/network~logistic/optimizer~sgd/initializer~glorot_uniform/batch_size~16/program.zip"
engine = Engine(program, Splits(data, "each"))
def run(seeds):
    start = time.perf_counter()
    engine.train(seeds, epochs=10, learning_rate=0.1)
    return time.perf_counter() - start
run(engine.seeds)  # whole blocks of seeds, so that none is paid for and not counted
print((run(41 * engine.seeds) - run(engine.seeds)) / (40 * engine.seeds))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""

ONE_FIT = """
import sys, time
sys.path[:0] = [{scripts!r}]
from lrstudy.data import prepared
from lrstudy.training import tensorflow_import
from lrstudy.training.keras_import import keras
data = prepared.read({results!r} + "/prepared.parquet")
def run():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(0.1), "binary_crossentropy", metrics=["accuracy"])
    start = time.perf_counter()
    model.fit(data.train[:, :-1], data.train[:, -1], batch_size=16, epochs=10, verbose=0,
              validation_data=(data.test[:, :-1], data.test[:, -1]))
    return time.perf_counter() - start
run()
print(run())
"""


LARGE_SEEDS = """
import sys, time
sys.path[:0] = [{scripts!r}]
from lrstudy.data import prepared
from lrstudy.data.splits import Splits
from lrstudy.training.engine import Engine
data = prepared.read({results!r} + "/prepared.parquet")
program = {results!r} + "/programs/network~logistic/optimizer~sgd/initializer~glorot_uniform/batch_size~256/program.zip"
engine = Engine(program, Splits(data, "each"))
start = time.perf_counter()
engine.train(10, epochs=1, learning_rate=0.1)
print(time.perf_counter() - start)
"""

LARGE_FIT = ONE_FIT.replace("Input((4,))", "Input((20,))").replace(
    "batch_size=16, epochs=10", "batch_size=256, epochs=1"
)


DROPOUT, RELU = {"class": "Dropout", "rate": 0.2}, {"class": "Activation", "activation": "relu"}
NORMALISED = [{"class": "Dense", "units": 32}, {"class": "BatchNormalization"}, RELU]
IMAGES = [{"class": "Reshape", "target_shape": [8, 8, 1]}, {"class": "Conv2D", "filters": 8, "kernel_size": 3}]
# Networks with their features, batch size, and the share of one epoch of Keras's fit that an epoch of a seed must take.
NETWORKS: dict[str, tuple[dict, int, int, int, int | None]] = {
    "logistic": ({"hidden": []}, 4, 16, 5_000, 6_800),
    "hidden [8, 4]": ({"hidden": [8, 4]}, 4, 16, 900, 2_500),
    "hidden [64, 64]": ({"hidden": [64, 64]}, 20, 32, 120, None),
    "[32] with BatchNormalization and Dropout": ({"layers": [*NORMALISED, DROPOUT]}, 20, 32, 250, None),
    "Conv2D on 8 x 8": (
        {"layers": [*IMAGES, {"class": "MaxPooling2D"}, {"class": "Flatten"}, DROPOUT]},
        64, 32, 10, 30,
    ),
}  # fmt: skip

SPLITS = """
import sys, time
sys.path[:0] = [{scripts!r}]
import numpy as np
from lrstudy.data.prepared import Prepared
from lrstudy.data.splits import Splits
rows = np.random.default_rng(0).normal(size=(1372, {features} + 1)).astype(np.float32)
rows[:, -1] = rows[:, 0] > 0
names = [str(place) for place in range({features})]
splits = Splits(Prepared(names, ["0", "1"], rows, np.arange(1372) < 960), "one")
"""
COMPILED = (
    SPLITS
    + """
from lrstudy.training.program import Program
made = Program({network!r}, {{"class": "SGD"}}, {{"class": "GlorotUniform"}}, **splits.shape, batch_size={batch})
made.save({path!r}, 100)
print(time.process_time())
"""
)
TRAINED = (
    SPLITS
    + """
from lrstudy.training.engine import Engine
engine = Engine({path!r}, splits)
seeds = engine.seeds * {blocks}
def run(epochs):
    start = time.process_time()
    engine.train(seeds, epochs=epochs, learning_rate=0.1)
    return time.process_time() - start
run(1)
print((run(4) - run(1)) / 3 / seeds)
"""
)
FITTED = (
    SPLITS
    + """
from lrstudy.training import keras_fit, networks
model = networks.model({network!r}, {{"class": "GlorotUniform"}}, features={features}, classes=2)
keras_fit.compiled(model, {{"class": "SGD"}}, classes=2, steps=1, rate=0.1)
train, test = rows[:960], rows[960:]
def run(epochs):
    start = time.process_time()
    model.fit(train[:, :-1], train[:, -1], batch_size={batch}, epochs=epochs, verbose=0,
              validation_data=(test[:, :-1], test[:, -1]))
    return time.process_time() - start
run(1)
print((run(6) - run(1)) / 5)
"""
)


def measure_networks(scratch: Path, row) -> None:
    """Measure an epoch of one seed against one of Keras's fit on TensorFlow, both in processor time of one core."""
    compiled = []
    for name, (network, features, batch, must, aim) in NETWORKS.items():
        words = {"network": network, "features": features, "batch": batch, "path": str(scratch / "network.zip")}
        words["blocks"] = 2 if must < 100 else 8
        compiled.append(on_one_core(COMPILED, scratch, **words)[0])
        ours, fits = ([on_one_core(code, scratch, **words)[0] for _ in range(REPEATS)] for code in (TRAINED, FITTED))
        found = ratio(ours, fits)
        print(f"{name}: {1000 * median(ours):.3g} ms of {1000 * median(fits):.3g} ms, 1/{1 / found:,.0f}", flush=True)
        row(
            f"a seed and epoch, {name}, of a Keras epoch, in 1/{must:,}",
            must * found,
            1,
            must / aim if aim else None,
            "x",
        )
    row("processor time of the compile job of the first", compiled[0], 3.5, 2.5, "s")


def measure_large(scratch: Path, row) -> None:
    """Measure a million rows of 20 features, against a tenth of them and against Keras."""
    tenth, whole = (projects.large_project(scratch / str(rows), rows) for rows in (100_000, 1_000_000))
    few, many = projects.run(tenth), projects.run(whole)
    ours = [on_one_core(LARGE_SEEDS, whole, "large")[0] for _ in range(REPEATS)]
    fits = [on_one_core(LARGE_FIT, whole, "large")[0] for _ in range(REPEATS)]
    print("a million rows x 20 features x 10 seeds x 1 epoch at batch 256, the peak of each job in MB:")
    print("  ".join(f"{name} {peak:.0f}" for name, peak in many.jobs.items()), flush=True)
    row("a million rows, from the file to the last figure", many.seconds, 300, 180, "s")
    row("10 seeds of one epoch, one core", median(ours), 3, 1.5, "s")
    row("the same, of 10 Keras fits, in 1/5", ratio(ours, fits) / 2, 1, None, "x")
    row("ten times the rows, in ten times the processor time", many.processor / few.processor / 10, 1.2, None, "x")
    row("the same of memory", many.memory / few.memory / 10, 1.2, None, "x")
    row("peak memory of a million rows", many.memory / 1024, 3, 2, "GiB")


def on_one_core(code: str, folder: Path, dataset: str = "banknote", **words) -> list[float]:
    """Run Python code on one core; return the numbers it prints."""
    code = code.format(scripts=str(ROOT / "scripts"), results=str(folder / "results" / dataset), **words)
    pin = "import os; os.sched_setaffinity(0, {0})\n"
    output = subprocess.run([sys.executable, "-c", pin + code], check=True, capture_output=True, text=True).stdout
    return [float(number) for number in output.split()]


def measure(scratch: Path) -> list[dict]:
    """Return the rows of the table: what, the figure, the bound it must keep and the one it aims at."""
    rows = []

    def row(what: str, value: float, must: float, aim: float | None, unit: str) -> None:
        rows.append({"what": what, "value": round(value, 3), "must": must, "aim": aim, "unit": unit})
        print(f"{what:76} {value:8.3g} {unit:9} must {must:g} {'met' if value <= must else 'NOT MET'}"
              + (f", aim {aim:g} {'met' if value <= aim else 'not met'}" if aim else ""), flush=True)  # fmt: skip

    lesson, default, many, hundred, job = [], [], [], [], []
    for repeat in range(REPEATS):
        (scratch / f"lesson{repeat}").mkdir()
        lesson.append(
            seconds([sys.executable, ROOT / "scripts/benchmarks/lesson.py", NOTES, "."], scratch / f"lesson{repeat}")
        )
        default.append(snakemake(projects.project(scratch / f"default{repeat}")))
        many.append(snakemake(projects.project(scratch / f"many{repeat}", seeds=1000)))
        took, spent = grid(scratch / f"hundred{repeat}", 100)
        _, less = grid(scratch / f"twenty{repeat}", 20)
        hundred.append(took)
        job.append((spent - less) / 80)
    done = scratch / "default0"
    ours = [on_one_core(ONE_SEED, scratch / "many0") for _ in range(REPEATS)]
    fits = [on_one_core(ONE_FIT, done)[0] for _ in range(REPEATS)]
    row("default run against the lesson as one script", ratio(default, lesson), 0.75, 0.6, "x")
    row("100 rates x 100 seeds, cold, against that script", ratio(hundred, lesson), 1.7, 1.4, "x")
    row("processor time of a training of 100 seeds, its share of Snakemake's with it", median(job), 0.35, 0.25, "s")
    row("nothing to do", median(snakemake(done) for _ in range(REPEATS)), 2.3, None, "s")
    row("one more seed at 1,000 seeds, one core", 1000 * median(one[0] for one in ours), 0.3, 0.12, "ms")
    row("the same, of one Keras fit, in 1/3,000", 3000 * ratio([one[0] for one in ours], fits), 1, None, "x")
    row("4 rates x 1,000 seeds against the default run", ratio(many, default), 1.5, 1.2, "x")
    for planned, must, aim in ((2000, 6, 4), (10_000, 30, 20)):
        rates(scratch / "hundred0", {"log": [0.000001, 1000, planned]})
        plan = [
            snakemake(scratch / "hundred0", "--dry-run", "--quiet", "all", "--", "learning_rates")
            for _ in range(REPEATS)
        ]
        row(f"planning {planned:,} trainings", median(plan), must, aim, "s")
    row(
        "everything, all shipped studies",
        median(snakemake(projects.project(scratch / f"everything{repeat}"), "everything") for repeat in range(REPEATS)),
        110,
        80,
        "s",
    )
    added = []
    for place in range(REPEATS):
        rates(scratch / f"default{place}", [0.01, 0.05, 0.1, 0.5, 1.0])
        added.append(snakemake(scratch / f"default{place}"))
    row("one rate added, end to end", median(added), 5.5, 4.5, "s")
    row("peak memory of a training, 1,000 seeds", max(one[1] for one in ours), 1, None, "GiB")
    measure_networks(scratch, row)
    measure_large(scratch, row)
    return rows


if __name__ == "__main__":
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder))
    io.write_json(ROOT / "results/bench.json", {"cores": os.cpu_count(), "machine": platform.machine(), "rows": found})
    print("written to results/bench.json")
