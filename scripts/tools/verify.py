"""What `make verify` does: say whether results are what today's config, data and code make.

First it looks at the config, the manifests and Snakemake's records, which takes seconds. Where these agree it computes
everything anew in a folder of its own, from the fetched tables as they are, and compares. It ends with status 1 where
something differs.
"""

import csv
import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from lrstudy import io, provenance
from lrstudy.config import run as runs
from lrstudy.errors import Damaged, StudyError

ROOT = Path(__file__).resolve().parents[2]


def main(snakemake: list[str], config: list[str]) -> int:
    """Return 0 where every table of every manifest is what today's config makes; `config` are words like `seeds=3`."""
    datasets = sorted({path.parts[1] for path in Path("results").glob("**/manifest.json")})
    if not datasets:
        sys.exit("error: results/ has no manifest.json; run `make study` first")
    if sum([looked_at(dataset, snakemake, config) for dataset in datasets]):
        return 1
    return max(recomputed(dataset, snakemake, config) for dataset in datasets)


def manifests(dataset: str) -> dict[str, dict]:
    """Return the manifests of a dataset by the target that makes each: `all`, or the name of a study."""
    paths = sorted(Path(f"results/{dataset}").glob("**/manifest.json"))
    return {path.parent.name if "studies" in path.parts else "all": io.read_json(path) for path in paths}


def looked_at(dataset: str, snakemake: list[str], config: list[str]) -> int:
    """Print what in a dataset's results does not fit today's config, and the command that makes it right; count it."""
    found = manifests(dataset)
    problems = [f"{name}: its config differs from today's in {keys}" for name, keys in _config(dataset, found, config)]
    edited = sorted({path for said in found.values() for path in provenance.differences(said, Path())})
    problems += [f"{path}: not what the manifest says; it was changed or removed since" for path in edited]
    if not any(Path(".snakemake").glob("metadata/*")):
        problems.append(f"{dataset}: Snakemake's records are gone; add --forceall where the code may have changed")
    elif pending := _pending(dataset, snakemake, list(found), config):
        problems.append(f"{dataset}: {len(pending)} files are not today's, {pending[0]} among them")
    for problem in problems:
        print(problem)
    if problems:
        print(f"this makes it right: {_command(dataset, list(found), edited, config)}")
    return len(problems)


def _command(dataset: str, targets: list[str], edited: list[str], config: list[str]) -> str:
    """Return the command that makes targets anew, and first removes the files that were edited."""
    remove = f"rm -f {shlex.join(edited)} && " if edited else ""
    study = f"make study STUDY={shlex.quote(' '.join(targets))} DATASET={dataset}"
    return f"{remove}{study} CONFIG={shlex.quote(' '.join(config))}" if config else f"{remove}{study}"


def _config(dataset: str, found: dict[str, dict], config: list[str]) -> list[tuple[str, str]]:
    """Return the manifests whose config is not today's, with the keys that differ."""
    given = {key: yaml.safe_load(value) for key, _, value in (word.partition("=") for word in config)}
    content = yaml.safe_load(Path("config/config.yaml").read_text(encoding="utf-8")) | given | {"dataset": dataset}
    today = runs.load(content, Path("config"), ROOT / "workflow/schemas")
    differing = []
    for target, said in found.items():
        expected = _plain(today.config_of(dataset, today.studies_of(target, dataset)))
        keys = [key for key in expected if said["config"].get(key) != expected[key]]
        differing += [(f"results/{dataset}: the manifest of {target}", ", ".join(keys))] if keys else []
    return differing


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _pending(dataset: str, snakemake: list[str], targets: list[str], config: list[str]) -> list[str]:
    """Return the files that Snakemake would make anew."""
    command = [*snakemake, *targets, "--summary", "--config", f"dataset={dataset}", *config]
    told = subprocess.run(command, capture_output=True, text=True)
    if told.returncode:
        sys.exit(told.stderr.strip() or told.stdout.strip())
    rows = csv.DictReader(told.stdout.splitlines(), delimiter="\t")
    return [row["output_file"] for row in rows if row["plan"] == "update pending"]


def recomputed(dataset: str, snakemake: list[str], config: list[str]) -> int:
    """Compute a dataset's tables anew; print what differs, and return 1 where something does."""
    found = manifests(dataset)
    files = {path for said in found.values() for path in said["files"]}
    trainings = [Path(path) for path in files if path.endswith("history.parquet")]
    print(f"{dataset}: {len(files)} files, {len(trainings)} trainings anew, {_about(trainings)}", flush=True)
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        for name in ("config", f"data/{dataset}"):
            shutil.copytree(name, Path(folder) / name, copy_function=shutil.copyfile)
        where = ["--snakefile", str(ROOT / "workflow/Snakefile"), "--directory", folder]
        profile = ["--workflow-profile", str(ROOT / "workflow/profiles/default")]
        quiet = ["--quiet", "rules", "host"]
        command = [*snakemake, *found, *where, *profile, *quiet, "--config", f"dataset={dataset}", *config]
        if subprocess.run(command).returncode:
            sys.exit(f"error: {dataset}: could not be computed anew; see above")
        differing = {path for said in found.values() for path in provenance.differences(said, Path(folder))}
    for path in sorted(differing):
        print(f"{path}: differs when computed anew")
    if not differing:
        print(f"{dataset}: {len(files)} files, computed anew, are the same")
    return int(bool(differing))


def _about(trainings: list[Path]) -> str:
    """Return how long the trainings took the first time, by the dates of their logs and files, in words."""
    logs = [Path(str(path.parent).replace("/trainings/", "/logs/train/", 1) + ".log") for path in trainings]
    dates = [
        (log.stat().st_mtime, path.stat().st_mtime) for log, path in zip(logs, trainings, strict=True) if log.exists()
    ]
    seconds = 20 + sum(max(end - begin, 0.3) for begin, end in dates)
    return f"about {seconds / 60:.0f} minutes" if seconds > 90 else f"about {10 * round(seconds / 10)} seconds"


if __name__ == "__main__":
    words = sys.argv[1:]
    place = words.index("--settings")
    try:
        sys.exit(main(words[:place], words[place + 1 :]))
    except Damaged as error:
        Path(error.path).unlink(missing_ok=True)
        sys.exit(f"error: {error}")
    except StudyError as error:
        sys.exit(f"error: {error}")
