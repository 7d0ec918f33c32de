"""The last words of a run: its pages, their answers and the next step, or what went wrong and how to go on."""

import atexit
import re
import shlex
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from lrstudy.files import atomic, records
from lrstudy.plan import compared, last_run, small_tables
from lrstudy.plan.jobs import Job
from lrstudy.plan.run import Run

CLOCK_SET_BACK = (
    "error: the clock was set back: files here are dated in the future, and nothing made now can be newer; once it is "
    "right, date them now: `find config data results scripts workflow -newermt now -exec touch {} +`"
)
GO_ON = "What had finished is kept: mend it, and run the same command again to go on."
ENDS = {"lowest": "smallest", "highest": "largest"}


def say(text: str, failed: bool = False) -> None:
    """Print last words; where a bar of steps has the terminal, which breaks long lines, once that has gone."""
    taken = sys.stdout is not sys.__stdout__ or sys.stderr is not sys.__stderr__
    put = partial(print, text, file=sys.__stderr__ if failed else sys.__stdout__, flush=True)
    atexit.register(put) if taken else put()


def words(said: dict, checksums: records.Checksums) -> str:
    """Return the answers of the last run, which `said` notes: of each study its page, what it found, what to do next.

    Only of files that are there as they were made; the last line is how to make the report of them.
    """
    lines = []
    for dataset, study, page, found in answers(said, checksums):
        lines += [f"{dataset}, {study}: {page}", *(f"  {line}" for line in found)]
    if not lines:
        return ""
    lines += [f"Side by side: {path}" for path in last_run.fitting(said["together"], checksums) if path.endswith("csv")]
    asked = f"STUDY={shlex.quote(' '.join(said['targets']))} DATASET={shlex.quote(' '.join(said['datasets']))}"
    lines += [
        "Figures and tables lie beside each page; all of them in one file, report.html:",
        f"  make report {asked}",
    ]
    return "\n".join(lines)


def answers(said: dict, checksums: records.Checksums) -> list[tuple[str, str, str, list[str]]]:
    """Return (dataset, study, page, sentences) of each study of a run whose page is there as it was made."""
    found = []
    for each in said["studies"]:
        files = {Path(path).name: path for path in last_run.fitting(each["files"], checksums)}
        if page := files.get("answer.html"):
            found.append((each["dataset"], each["study"], page, _answer(said, each, files)))
    return found


def _answer(said: dict, each: dict, files: dict[str, str]) -> list[str]:
    """Return what a study found, a sentence or some a line, and the next step where there is one."""
    lines = []
    if path := files.get("recommendation.json"):
        recommendation = atomic.read_json(path)
        lines += [recommendation["sentence"], *_next(said, each, recommendation.get("edge"))]
    if path := files.get("comparisons.csv"):
        lines += compared.words(atomic.read_csv(path), each["varied"])
    if not lines and (path := files.get("summary.csv")):
        lines += [_spread(row) for row in atomic.read_csv(path)[:1]]
    return lines


def _next(said: dict, each: dict, edge: dict | None) -> list[str]:
    """Return the step to take where the recommended rate is at the edge of the grid."""
    if edge is None or edge["side"] not in ENDS:
        return []
    wider = each["wider"][edge["side"]]
    again = last_run.command(said, wider or each["study"], each["dataset"])
    how = "run a wider study" if wider else "write that, and run again"
    return [f"Next: the best rate is the {ENDS[edge['side']]} of the study, so {how}:", f"  {again}"]


def _spread(row: dict[str, str]) -> str:
    """Return what the seeds of a single training gave."""
    median, low, high = (_percent(row[f"val_accuracy_{name}"]) for name in ("median", "q05", "q95"))
    return (
        f"Of {row['seeds']} seeds the median is right on {median} of the test rows; nine in ten lie between {low} and "
        f"{high}."
    )


def _percent(share: str) -> str:
    return f"{100 * float(share):.1f} %" if share else "no known share"


def missing(said: dict, wanted: dict[str, list[Job]], found: Iterable[Job]) -> list[str]:
    """Return a line on each target and dataset of which a report would show no study: the command that makes it.

    `said` notes what is reported, `wanted` has the jobs of each target, `found` those whose files are there and fit.
    """
    there = {job for job in found if job.item}
    return [
        f"{target} on {dataset} is not made, or does not fit today's config; this makes it: "
        f"{last_run.command(said, target, dataset)}"
        for target, jobs in wanted.items()
        for dataset in said["datasets"]
        if there.isdisjoint(job for job in jobs if job.dataset == dataset)
    ]


def as_rst(text: str) -> str:
    """Return a text as reStructuredText that means nothing but itself."""
    return re.sub(r"([^A-Za-z0-9\s])", r"\\\1", text)


def cautions(made: Iterable[str], run: Run) -> str:
    """Return what the tables of these files are warned of, and the batches that they are too small for, a line each."""
    paths = [Path(path) for path in made]
    return "\n".join([*_warnings(paths), *_small(paths, run)])


def _warnings(paths: list[Path]) -> list[str]:
    """Return the warnings of each dataset's provenance."""
    found = [path for path in paths if path.name == "provenance.json" and path.exists()]
    return [
        f"warning: {path.parts[1]}: {said}" for path in found for said in atomic.read_json(path).get("warnings", [])
    ]


def _small(paths: list[Path], run: Run) -> list[str]:
    """Return a sentence on each study without an answer some of whose batches are beyond its table's rows."""
    folders = dict.fromkeys(path.parent for path in paths if path.name == "curves.png")
    answered = {path.parent for path in paths if path.name == "recommendation.json"}
    found = []
    for folder in folders:
        dataset, study = folder.parts[1], folder.parts[3]
        rows = small_tables.rows_of(dataset)
        said = small_tables.words(run, dataset, study, rows) if rows else ""
        if said and folder not in answered:
            found.append(f"{dataset}, {study}: {said}")
    return found


def mistakes(run_logs: Iterable[str], job_logs: Iterable[str] = ()) -> str:
    """Return what went wrong, a line each, found at the end of the failed jobs' own logs; and how to go on.

    Where `--quiet all` keeps the run's log from naming them, they are sought in `job_logs`, of what has not finished.
    """
    texts = [Path(run_log).read_text(encoding="utf-8", errors="replace") for run_log in run_logs]
    if any("Terminating processes on user request" in text for text in texts):
        return "\nInterrupted. What had finished is kept: run the same command again to go on."
    found = {"clock": CLOCK_SET_BACK} if any("clock skew" in text for text in texts) else {}
    for line in "\n".join(texts).splitlines():
        if line.strip().startswith("log: ") and "check log file" in line:
            job_log = Path(line.split()[1])
            found[str(job_log)] = _mistake(job_log)
    for job_log in map(Path, () if found else job_logs):
        if job_log.exists() and "\nerror: " in f"\n{job_log.read_text(encoding='utf-8', errors='replace')}":
            found[str(job_log)] = _mistake(job_log)
    return "\n".join(["", *found.values(), GO_ON])


def _mistake(job_log: Path) -> str:
    """Return the last `error:` of a job's log."""
    text = job_log.read_text(encoding="utf-8", errors="replace") if job_log.exists() else ""
    _, mark, message = f"\n{text}".rpartition("\nerror: ")
    unsaid = f"see {job_log}" if text else f"{job_log} is empty: the job was killed, or the disk is full"
    return f"error: {message.strip()}" if mark else f"error: {unsaid}"
