"""What `make study` does around Snakemake: a quiet console, and the stand-in where the banknotes cannot be had.

Only this command falls back; `snakemake` itself never does. On a terminal the logger plugin `rich` shows a bar of
steps and what runs now; in a pipe or a file each finished step is a line, and what Snakemake tells of itself is left
out. Every other line is passed on, so that failures are told in full.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from running import environment

LOG = Path("results/banknote/logs/fetch.log")

BANNER = """
**********************************************************************
 The banknotes could not be had: no internet, and no DATA_MIRROR.
 The same studies now run on SIMULATED data, the dataset
 banknote_standin; its results lie in results/banknote_standin/.
**********************************************************************
"""

QUIET = ["--quiet", "host"]  # less, and the log lacks what tells which jobs failed
SAYS_NOTHING = re.compile(
    r"Using workflow specific profile|Config file .* is extended|Assuming unrestricted shared|Building DAG of jobs"
    r"|Using shell:|Provided (cores|resources):|Rules claiming more threads|Conda environments: ignored"
    r"|Select jobs to execute|Execute \d+ jobs|\[\w{3} \w{3} +\d+ [\d:]{8} \d{4}\]$|Nothing to be done|Complete log"
    r"|Elapsed time|Shutting down, this might|Exiting because a job execution failed"
)
BLOCK = re.compile(r"Job stats:|(local)?(rule|checkpoint) \w+:")
FINISHED = re.compile(r"Finished jobid: \d+ \(Rule: (\w+)\)")
STEPS = re.compile(r"(\d+) of (\d+) steps \(\d+%\) done")


def main(snakemake: list[str]) -> int:
    """Return the exit status of the run that counted."""
    LOG.unlink(missing_ok=True)
    status = run(snakemake)
    could_not_fetch = LOG.exists() and "error: no source of the dataset" in LOG.read_text(encoding="utf-8")
    if status == 0 or not could_not_fetch:
        return status
    print(BANNER, flush=True)
    return run([*snakemake, "--config", "dataset=banknote_standin"])


def run(command: list[str]) -> int:
    """Run Snakemake, on a terminal with a bar of its steps, else with a line for each; return its exit status."""
    if sys.stdout.isatty() and sys.stderr.isatty():
        return subprocess.run([*command, "--logger", "rich"], env=environment()).returncode
    with subprocess.Popen(
        [*command, *QUIET],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in told(process.stdout or ()):
            print(line, end="", flush=True)
    return process.returncode


def told(lines: Iterable[str]) -> Iterator[str]:
    """Yield those lines of Snakemake's that say something: a finished step as one, nothing of steps to come."""
    rule, block = "", ""
    for line in lines:
        if block and not (line.startswith("    ") or (block == "Job stats:" and line.strip())):
            block = ""
        if begun := BLOCK.match(line):
            block = begun[0]
        if found := FINISHED.match(line):
            rule = found[1]
        elif found := STEPS.match(line):
            yield f"{found[1]:>{len(found[2])}} of {found[2]}: {rule}\n"
        elif not block and line.strip() and not SAYS_NOTHING.match(line):
            yield line


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)  # Snakemake, which was interrupted too, has said so
