"""The last words of a run: the answers and where the figures are, or what went wrong and how to go on."""

import json
from collections.abc import Iterable
from pathlib import Path

from lrstudy.plan import small_tables
from lrstudy.plan.run import Run

CLOCK_SET_BACK = (
    "error: the clock was set back: files here are dated in the future, and nothing made now can be newer; once it is "
    "right, date them now: `find config data results scripts workflow -newermt now -exec touch {} +`"
)
GO_ON = "What had finished is kept: mend it, and run the same command again to go on."


def words(made: Iterable[str], run: Run) -> str:
    """Return the last lines of a run that made these files: the answers, the figures, and how to make the report.

    In front of them stand what its tables are warned of, and the batches that they are too small for.
    """
    paths = [Path(path) for path in made]
    answers = [path for path in paths if path.name == "recommendation.json" and path.exists()]
    said = [f"{path.parts[1]}, {path.parts[3]}: {json.loads(path.read_text())['sentence']}" for path in answers]
    said = [*_cautions(paths), *_small(paths, run), *said]
    said += [f"Side by side: {path}" for path in paths if path.name == "recommendations.csv"]
    figures = [f"  {path}" for path in paths if path.suffix == ".png"]
    return "\n".join([*said, "Figures:", *figures, "Report: `make report` writes report.html"])


def _cautions(paths: list[Path]) -> list[str]:
    """Return the warnings of each dataset's provenance."""
    found = [path for path in paths if path.name == "provenance.json" and path.exists()]
    return [
        f"warning: {path.parts[1]}: {said}"
        for path in found
        for said in json.loads(path.read_text(encoding="utf-8")).get("warnings", [])
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


def mistakes(run_logs: Iterable[str]) -> str:
    """Return what went wrong, a line each, found at the end of the failed jobs' own logs; and how to go on."""
    texts = [Path(run_log).read_text(encoding="utf-8", errors="replace") for run_log in run_logs]
    if any("Terminating processes on user request" in text for text in texts):
        return "\nInterrupted. What had finished is kept: run the same command again to go on."
    found = {"clock": CLOCK_SET_BACK} if any("clock skew" in text for text in texts) else {}
    for line in "\n".join(texts).splitlines():
        if line.strip().startswith("log: ") and "check log file" in line:
            job_log = Path(line.split()[1])
            found[str(job_log)] = _mistake(job_log)
    return "\n".join(["", *found.values(), GO_ON])


def _mistake(job_log: Path) -> str:
    """Return the last `error:` of a job's log."""
    text = job_log.read_text(encoding="utf-8", errors="replace") if job_log.exists() else ""
    _, mark, message = f"\n{text}".rpartition("\nerror: ")
    unsaid = f"see {job_log}" if text else f"{job_log} is empty: the job was killed, or the disk is full"
    return f"error: {message.strip()}" if mark else f"error: {unsaid}"
