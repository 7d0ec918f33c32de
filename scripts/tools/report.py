"""What `make report` does: one HTML file, report.html, of what is there.

Of the targets and datasets of the last run, or of those that STUDY and DATASET name, with the last run's config.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from running import environment

from lrstudy.files import atomic
from lrstudy.plan import last_run

REPORT = Path("report.html")


def main(snakemake: list[str], named: Mapping[str, str]) -> int:
    """Return the exit status; `named` may have STUDY and DATASET, names with spaces or commas between."""
    studies, datasets = (named.get(name, "").replace(",", " ").split() for name in ("STUDY", "DATASET"))
    said = last_run.read() or listed()
    if not said["targets"] and not studies and not datasets:
        print("error: there is nothing to report yet; run `make study` first", file=sys.stderr)
        return 1
    targets = studies or said["targets"] or ["all"]
    config = last_run.config_words(said, datasets or said["datasets"])
    command = [*snakemake, "--quiet", "host", "--report", str(REPORT), *config, "--", *targets]
    run = subprocess.run(command, env=environment(), stderr=subprocess.PIPE, text=True, errors="replace")
    if run.returncode:
        _, mark, mistake = f"\n{run.stderr}".partition("\nerror: ")
        sys.stderr.write(f"error: {mistake}" if mark else run.stderr)
        return run.returncode
    sys.stderr.writelines(line for line in run.stderr.splitlines(keepends=True) if line.startswith("warning: "))
    shown = f"{', '.join(targets)} on {', '.join(datasets or said['datasets'])}"
    print(f"{REPORT}: {shown}, {REPORT.stat().st_size / 1e6:.1f} MB")
    return 0


def listed() -> dict:
    """Return the studies and datasets that the manifests list, as a note of a run."""
    manifests = {path.parent.name: atomic.read_json(path) for path in sorted(Path("results").glob("*/manifest.json"))}
    targets = list(dict.fromkeys(name for each in manifests.values() for name in each["config"]["studies"]))
    return {"targets": targets, "datasets": list(manifests), "config": {}, "configfiles": []}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
