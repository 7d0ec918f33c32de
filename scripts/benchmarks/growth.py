"""How time and memory grow with seeds, rates and rows: docs/performance.csv, its figure, and docs/performance.md.

Each size is one run of a project that has not run, on two cores, or one plan of it. A ladder of sizes is held against
the simplest law that no size misses by more than a tenth; `law` says which there are.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import growth_figure
import numpy as np
import projects

from lrstudy import io
from lrstudy.errors import StudyError
from lrstudy.figures import style

ROOT = Path(__file__).resolve().parents[2]
MARKS = ("<!-- growth -->", "<!-- end of growth -->")
DATASET = "banknote_standin"
NEAR = 0.1  # a law that misses a size by no more than this share of it tells all that one run of each size can
SLOPES = np.arange(0.1, 3.001, 0.01)
BUSY = 0.5  # processes that want a processor before we begin


def with_seeds(folder: Path, seeds: int) -> projects.Cost:
    """Run the lecture's first model with so many seeds."""
    return projects.run(projects.project(folder, dataset=DATASET, studies=["first_model"], seeds=seeds))


def with_rates(folder: Path, rates: int) -> projects.Cost:
    """Run a study of so many learning rates, 10 seeds each."""
    return projects.run(_of_rates(folder, rates))


def planned(folder: Path, rates: int) -> projects.Cost:
    """Plan that study and run nothing."""
    return projects.run(_of_rates(folder, rates), "--dry-run", "--quiet", "all")


def with_rows(folder: Path, rows: int) -> projects.Cost:
    """Run the first model for one epoch, 10 seeds, on a simulated table of so many rows and 20 features."""
    return projects.run(projects.large_project(folder, rows))


def _of_rates(folder: Path, rates: int) -> Path:
    made = projects.project(folder, dataset=DATASET, studies=["learning_rates"], seeds=10)
    vary = {"learning_rate": {"log": [0.000001, 1000, rates]}}
    projects.edit(made / "config/studies/learning_rates.yaml", lambda study: study.update(vary=vary))
    return made


@dataclass(frozen=True)
class Ladder:
    """What grows, what is measured at each size, and the sizes; those above `unasked` only where they are asked for."""

    title: str
    measure: Callable[[Path, int], projects.Cost]
    sizes: tuple[int, ...]
    unasked: int


LADDERS = {
    "seeds": Ladder(
        "seeds: the first model, one rate", with_seeds, (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000), 100_000
    ),
    "rates": Ladder("rates: 10 seeds each", with_rates, (10, 30, 100, 300, 1_000, 3_000, 10_000), 1_000),
    "planned": Ladder("rates, planned alone", planned, (10, 30, 100, 300, 1_000, 3_000, 10_000), 10_000),
    "rows": Ladder(
        "rows of 20 features: 10 seeds, one epoch", with_rows,
        (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 4_000_000), 4_000_000,
    ),
}  # fmt: skip


# The laws


@dataclass(frozen=True)
class Law:
    """Values over sizes: `fixed` · (1 + (size / bend) ** slope), see `law`.

    `slopes` and `bends` are the ranges in which a law of this kind is as near to the values.
    """

    fixed: float
    slope: float | None = None
    bend: float | None = None
    slopes: tuple[float, float] | None = None
    bends: tuple[float, float] | None = None

    def at(self, sizes: np.ndarray) -> np.ndarray:
        """Return the law's values."""
        if self.slope is None:
            return np.full(len(sizes), self.fixed)
        return self.fixed * (sizes**self.slope if self.bend is None else 1 + (sizes / self.bend) ** self.slope)


def law(sizes: np.ndarray, values: np.ndarray) -> Law:
    """Return the simplest law that misses no value by more than `NEAR`, or else the one that misses least.

    From simple to less so: `flat`; a straight line in logarithms, whose `bend` is None; a fixed part and one that grows
    with the power `slope`, equal to the fixed part at the `bend`. Fitted by least squares of logarithms over a grid of
    slopes and bends.
    """
    x, y = np.log(sizes), np.log(values)
    flat = Law(float(np.exp(y.mean())))
    bends = np.linspace(x[0], x[-1], 201)
    straight, straight_miss = _fitted(SLOPES[:, None] * x, y)
    bent, bent_miss = _fitted(np.logaddexp(0, SLOPES[:, None, None] * (x - bends[:, None])), y)
    if np.abs(y - y.mean()).max() <= np.log1p(NEAR):
        return flat
    if straight_miss.min() <= np.log1p(NEAR):
        place, near = _best(straight, straight_miss)
        fixed = float(np.exp((y - SLOPES[place] * x).mean()))
        return Law(fixed, float(SLOPES[place]), None, _range(SLOPES[near]))
    place, near = _best(bent, bent_miss)
    slope, bend = SLOPES[place[0]], bends[place[1]]
    fixed = float(np.exp((y - np.logaddexp(0, slope * (x - bend))).mean()))
    found = np.nonzero(near)
    return Law(fixed, float(slope), float(np.exp(bend)), _range(SLOPES[found[0]]), _range(np.exp(bends[found[1]])))


def _fitted(shapes: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the squared and the largest miss of each of `shapes` (..., sizes), moved up or down to fit `y` best."""
    left = y - shapes
    left = left - left.mean(axis=-1, keepdims=True)
    return (left**2).sum(axis=-1), np.abs(left).max(axis=-1)


def _best(squares: np.ndarray, misses: np.ndarray) -> tuple[tuple, np.ndarray]:
    """Return the place of the least squares, and which places miss by no more than `NEAR` or hardly more than that."""
    place = np.unravel_index(squares.argmin(), squares.shape)
    return place, misses <= max(np.log1p(NEAR), 1.1 * misses[place])


def _range(values: np.ndarray) -> tuple[float, float]:
    return float(values.min()), float(values.max())


# What is published


QUANTITIES = {"seconds": "time", "memory": "memory"}


def laws(rows: Sequence[dict]) -> Iterator[tuple[str, str, np.ndarray, np.ndarray, Law]]:
    """Yield the ladder, the quantity, the sizes, the values and their law for the rows of docs/performance.csv."""
    for name in LADDERS:
        own = [row for row in rows if row["ladder"] == name]
        sizes = np.array([float(row["size"]) for row in own])
        for quantity in QUANTITIES if own else ():
            values = np.array([float(row[quantity]) for row in own])
            yield name, quantity, sizes, values, law(sizes, values)


def table(rows: Sequence[dict]) -> str:
    """Return the rows of docs/performance.csv as a Markdown table: a line for each ladder's time, and its memory."""
    lines = [
        "| what grows | from, to | measured | at the smallest | at the largest | slope | bends at |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: |",
    ]
    largest = {name: [next(iter(_jobs(row))) for row in rows if row["ladder"] == name] for name in LADDERS}
    for name, quantity, sizes, values, found in laws(rows):
        first, last = (_value(quantity, values[end], largest[name][end]) for end in (0, -1))
        ends = f"{sizes[0]:,.0f}, {sizes[-1]:,.0f}"
        cells = LADDERS[name].title, ends, QUANTITIES[quantity], first, last, _slope(found), _bend(found)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def jobs_table(rows: Sequence[dict]) -> str:
    """Return the memory of each kind of job in the largest run of each ladder as a Markdown table."""
    last = {row["ladder"]: row for row in rows if row["ladder"] != "planned"}
    peaks = {name: _jobs(row) for name, row in last.items()}
    lines = [
        "| memory of job | " + " | ".join(f"{int(row['size']):,} {name}" for name, row in last.items()) + " |",
        f"| --- |{' ---: |' * len(last)}",
    ]
    for job in dict.fromkeys(job for each in peaks.values() for job in each):
        cells = [f"{each[job] / 1000:.2f} GB" if job in each else "" for each in peaks.values()]
        lines.append(f"| {job} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _jobs(row: dict) -> dict[str, float]:
    return {name: float(peak) for name, peak in (each.split(":") for each in row["jobs"].split())}


def _value(quantity: str, value: float, largest: str) -> str:
    if quantity == "seconds":
        return f"{value:,.0f} s" if value >= 10 else f"{value:.1f} s"
    return f"{value / 1000:.2f} GB ({largest})"


def _slope(found: Law) -> str:
    if found.slope is None or found.slopes is None:
        return "flat"
    low, high = found.slopes
    return f"{found.slope:.2f} ({low:.1f}–{high:.1f})"


def _bend(found: Law) -> str:
    if found.bend is None or found.bends is None:
        return "nowhere"
    return "{} ({}–{})".format(*(f"{float(f'{each:.2g}'):,.0f}" for each in (found.bend, *found.bends)))


def publish(rows: list[dict]) -> None:
    """Write docs/performance.csv, its figure, and its table between the marks of docs/performance.md."""
    io.write_text(ROOT / "docs/performance.csv", io.as_csv(rows, list(rows[0])))
    redraw(rows)


def redraw(rows: Sequence[dict]) -> None:
    """Write the figure and the table of the rows of docs/performance.csv."""
    style.save(growth_figure.draw(list(laws(rows))), ROOT / "docs/figures/performance.png")
    path = ROOT / "docs/performance.md"
    before, _, rest = path.read_text(encoding="utf-8").partition(MARKS[0])
    made = f"{table(rows)}\n\n{jobs_table(rows)}"
    io.write_text(path, f"{before}{MARKS[0]}\n{made}\n{MARKS[1]}{rest.partition(MARKS[1])[2]}")


def measure(most: dict[str, int]) -> list[dict]:
    """Return a row for each size of each ladder up to its `most`, smallest first; print each."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    rows = []
    for name, ladder in LADDERS.items():
        for size in (each for each in ladder.sizes if each <= most[name]):
            with tempfile.TemporaryDirectory() as folder:
                cost = ladder.measure(Path(folder) / "project", size)
            rows.append({
                "ladder": name, "size": size, "seconds": round(cost.seconds, 2),
                "processor_seconds": round(cost.processor, 2), "memory": round(cost.memory),
                "jobs": " ".join(f"{job}:{peak:.0f}" for job, peak in cost.jobs.items()),
            })  # fmt: skip
            print(f"{size:9,} {name:8} {cost.seconds:7.1f} s, of the processors {cost.processor:7.1f} s; "
                  f"{cost.memory:6.0f} MB ({next(iter(cost.jobs))})", flush=True)  # fmt: skip
    return rows


def main() -> None:
    """Measure, print and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, ladder in LADDERS.items():
        parser.add_argument(f"--{name}", type=int, default=ladder.unasked, help=f"the most; {ladder.unasked:,}")
    parser.add_argument("--try", action="store_true", dest="trial", help="print the table and write nothing")
    parser.add_argument("--redraw", action="store_true", help="measure nothing: the figure and table of the CSV")
    asked = parser.parse_args()
    if asked.redraw:
        return redraw(io.read_csv(ROOT / "docs/performance.csv"))
    if os.getloadavg()[0] > BUSY:
        print("warning: the machine is busy; times will be too long", file=sys.stderr)
    rows = measure(vars(asked))
    print(f"{table(rows)}\n\n{jobs_table(rows)}")
    if not asked.trial:
        publish(rows)


if __name__ == "__main__":
    try:
        main()
    except StudyError as error:
        sys.exit(f"error: {error}")
