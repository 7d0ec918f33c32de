"""What `make study` does around Snakemake: a quiet console, and the stand-in where the banknotes cannot be had.

Only this command falls back; `snakemake` itself never does. On a terminal the logger plugin `rich` shows a bar of
steps and what runs now; in a pipe or a file Snakemake prints a line for each step.
"""

import subprocess
import sys
from pathlib import Path

LOG = Path("results/banknote/logs/fetch.log")
BANNER = """
**********************************************************************
 The banknotes could not be had: no internet, and no DATA_MIRROR.
 The same studies now run on SIMULATED data, the dataset
 banknote_standin; its results lie in results/banknote_standin/.
 Later commands about them take DATASET=banknote_standin.
**********************************************************************
"""


def main(snakemake: list[str], targets: list[str], config: list[str]) -> int:
    """Run Snakemake for `targets` with `config`, words such as `seeds=3`; return the exit status that counts."""
    LOG.unlink(missing_ok=True)
    status = run(snakemake, targets, config)
    could_not_fetch = LOG.exists() and "error: no source of the dataset" in LOG.read_text(encoding="utf-8")
    if status == 0 or not could_not_fetch:
        return status
    print(BANNER, flush=True)
    others = [word for word in config if not word.startswith("dataset=")]
    return run(snakemake, targets, ["dataset=banknote_standin", *others])


def run(snakemake: list[str], targets: list[str], config: list[str]) -> int:
    """Run Snakemake quietly: on a terminal with a bar of its steps, else with a line for each."""
    terminal = sys.stdout.isatty() and sys.stderr.isatty()
    quiet = ["--logger", "rich"] if terminal else ["--quiet", "rules", "host"]
    status = subprocess.run([*snakemake, *targets, *quiet, *(["--config", *config] if config else [])]).returncode
    if terminal and status == 0:  # the bar covers what the targets have printed
        for log in (Path(f"results/logs/{target}.log") for target in targets or ["all"]):
            print(log.read_text(encoding="utf-8") if log.exists() else "", end="")
    return status


if __name__ == "__main__":
    words = sys.argv[1:]
    first, second = words.index("--targets"), words.index("--settings")
    try:
        sys.exit(main(words[:first], words[first + 1 : second], words[second + 1 :]))
    except KeyboardInterrupt:
        sys.exit(130)  # Snakemake, which was interrupted too, has said so
