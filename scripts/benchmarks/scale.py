"""What many trainings cost: the numbers of docs/cluster.md, measured and extrapolated to a million.

PYTHONPATH=scripts .venv/bin/python scripts/benchmarks/scale.py; some five minutes. Needs `make cluster`, but no Slurm:
plans are dry runs with its profile.
"""

import math
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

import projects
import yaml

ROOT = Path(__file__).resolve().parents[2]

MEASURED = [10, 100, 1_000, 10_000]
EXTRAPOLATED = [100_000, 1_000_000]
PROFILE = yaml.safe_load((ROOT / "workflow/profiles/slurm/profile.yaml").read_text())
GROUP, QUEUE = PROFILE["group-components"]["trainings"], PROFILE["jobs"]
SLURM = ["--workflow-profile", "workflow/profiles/slurm"]
CLUSTER = Path(sys.prefix, "cluster/snakemake")  # made by `make cluster`; the others see no plugin
PROGRAM = "network~logistic/optimizer~sgd/initializer~glorot_uniform"
TRAINING = f"{PROGRAM}/epochs~10/batch_size~16/learning_rate~10.0/split~each"
ONE = f"results/banknote_standin/trainings/{TRAINING}/history.parquet"


def project(folder: Path, trainings: int) -> Path:
    """Return a copy of the project with the study `many`, of so many trainings, on the simulated stand-in."""
    projects.project(folder, dataset="banknote_standin", studies=["many"])
    write_study(folder, trainings)
    return folder


def write_study(folder: Path, trainings: int) -> None:
    """Write the study `many`: up to 100 learning rates, and as many batch sizes as that takes."""
    rates = min(trainings, 100)
    vary = {"learning_rate": {"log": [0.001, 10, rates]}, "batch_size": list(range(16, 16 + trainings // rates))}
    study = {"title": "Many", "vary": vary, "fixed": {"optimizer": "sgd", "epochs": 10}}
    (folder / "config/studies/many.yaml").write_text(yaml.safe_dump(study))


def snakemake(folder: Path, *arguments: str) -> tuple[float, float]:
    """Return the processor time of a run, in seconds, and the most memory that a process of it has, in MB.

    Processor time, because a machine that is busy with other things would else measure those too.
    """
    program = [str(CLUSTER)] if SLURM[0] in arguments else ["-m", "snakemake"]
    cost = projects.run(folder, "--quiet", "all", *arguments, program=program)
    return cost.processor, cost.memory


def weigh(folder: Path) -> list[int]:
    """Return how many histories a folder holds, files, and folders, their bytes, and their bytes on the disk."""
    paths = list(folder.rglob("*"))
    sizes = [path.lstat() for path in paths]
    histories = sum(path.name == "history.parquet" for path in paths)
    files = sum(path.is_file() for path in paths)
    size, disk = sum(size.st_size for size in sizes), sum(512 * size.st_blocks for size in sizes)
    return [histories, files, len(paths) - files, size, disk]


def one_training(folder: Path) -> tuple[list[float], float]:
    """Return what one more training leaves on the disk, and its share of the processor time of a Slurm job's Snakemake.

    That one runs a group one after another, so its share is what each training beyond the first takes longer.
    """
    snakemake(project(folder, 10))
    there, before = set(folder.rglob("history.parquet")), weigh(folder)
    write_study(folder, 10 + GROUP)
    snakemake(folder)
    more, *added = [after - earlier for earlier, after in zip(before, weigh(folder), strict=True)]
    leaves = [amount / more for amount in added]
    group = sorted({*folder.rglob("history.parquet")} - there)
    shares = []
    for _ in range(3):
        alone, together = (train(folder, group[:number]) for number in (1, len(group)))
        shares.append((together - alone) / (len(group) - 1))
    return leaves, median(shares)


def train(folder: Path, histories: list[Path]) -> float:
    """Return the processor time of one Snakemake that makes these histories anew, one after another."""
    for path in histories:
        shutil.rmtree(path.parent)  # with its last good copy
    return snakemake(folder, "--cores", "1", "--", *(str(path.relative_to(folder)) for path in histories))[0]


def plan(folder: Path, trainings: int) -> list[float]:
    """Return time and memory of planning many trainings, and the time in which a Slurm job finds its own."""
    project(folder, trainings)
    return [*snakemake(folder, *SLURM, "--dry-run"), snakemake(folder, "--dry-run", "--", ONE)[0]]


def extrapolate(least: list[float], most: list[float], trainings: int) -> list[float]:
    """Return what a plan takes on the straight line through the smallest and the largest that were measured."""
    steps = (trainings - MEASURED[0]) / (MEASURED[-1] - MEASURED[0])
    return [first + (last - first) * steps for first, last in zip(least, most, strict=True)]


def main(scratch: Path) -> None:
    """Print the table."""
    if not CLUSTER.exists():
        sys.exit("error: run `make cluster` first")
    (files, folders, size, disk), share = one_training(scratch / "run")
    print(f"one training of 100 seeds and 10 epochs leaves {files:.1f} files and {folders:.1f} folders, "
          f"{size / 1000:.1f} kB, {disk / 1000:.1f} kB on the disk")  # fmt: skip
    print(f"as one of a group it takes {share:.2f} s of a processor, a group of {GROUP} some {GROUP * share:.0f} s, "
          "and its Snakemake's start once")  # fmt: skip
    print(f"\n| trainings | Slurm jobs | files | disk | plan | its memory | start of a job | {QUEUE} jobs at once |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    plans = {}
    for trainings in MEASURED + EXTRAPOLATED:
        if trainings in MEASURED:
            plans[trainings] = plan(scratch / str(trainings), trainings)
        ends = plans[MEASURED[0]], plans[max(plans)]
        seconds, memory, start = plans.get(trainings) or extrapolate(*ends, trainings)
        jobs = math.ceil(trainings / GROUP)
        minutes = math.ceil(jobs / QUEUE) * (start + min(GROUP, trainings) * share) / 60
        mark = "" if trainings in MEASURED else "≈ "
        print(f"| {trainings:,} | {jobs:,} | {trainings * files:,.0f} | {trainings * disk / 1e6:,.0f} MB "
              f"| {mark}{seconds:,.0f} s | {mark}{memory:,.0f} MB | {mark}{start:.1f} s "
              f"| ≈ {minutes:,.1f} min |", flush=True)  # fmt: skip


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(Path(scratch))
