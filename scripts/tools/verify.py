"""What `make verify` does: compute everything anew in a folder of its own, and compare it with the manifests.

The fetched tables are taken as they are. Ends with status 1 where a file differs, and says which.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from running import environment

from lrstudy.files import atomic, manifest
from lrstudy.files.errors import Damaged

ROOT = Path(__file__).resolve().parents[2]


def main(snakemake: list[str]) -> int:
    """Return 0 where every table of every manifest is computed to the same."""
    manifests = sorted(Path("results").glob("*/manifest.json"))
    if not manifests:
        sys.exit("error: results/ has no manifest.json; run `make study` first")
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        return max(verify(path, Path(folder), snakemake) for path in manifests)


def verify(path: Path, folder: Path, snakemake: list[str]) -> int:
    """Compute the tables of one manifest in `folder`; print what differs, and return 1 where something does."""
    said, dataset = atomic.read_json(path), path.parent.name
    again = f"run `snakemake --config dataset={dataset}` first"
    if others := manifest.disagreeing(said):
        sys.exit(f"error: {path}: the record of {others[0]} says that it was made otherwise, or later; {again}")
    edited = manifest.differences(said, Path())
    for name in edited:
        print(f"{name}: no longer what the manifest says; it was changed or removed after it was computed")
    take_along(said["config"]["dataset"], folder)
    recompute(dataset, folder, [*snakemake, "--", *made(said)])
    if atomic.read_json(folder / path)["config"] != said["config"]:
        sys.exit(f"error: {path}: made with another config than today's; {again}")
    differing = manifest.differences(said, folder)
    for name in differing:
        print(f"{name}: differs when computed anew")
    if not edited and not differing:
        print(f"{dataset}: {len(said['files'])} files, computed anew, are the same")
    return int(bool(edited or differing))


def made(said: dict) -> list[str]:
    """Return the targets that make what a manifest lists."""
    descents = [name for name in said["files"] if name.endswith("/descent/paths.csv")]
    return [*said["config"]["studies"], *descents]


def take_along(entry: dict, folder: Path) -> None:
    """Copy the user's own file that a dataset is read from, which decides whether the fetched table is today's."""
    for source in entry.get("sources", [entry]):
        own = Path(source.get("path", "/"))
        if not own.is_absolute() and own.is_file():
            (folder / own).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(own, folder / own)


def recompute(dataset: str, folder: Path, command: list[str]) -> None:
    """Run the same targets for one dataset in `folder`, on the table that is already there."""
    for name in ("config", f"data/{dataset}"):
        shutil.copytree(name, folder / name, copy_function=shutil.copyfile, dirs_exist_ok=True)
    where = ["--snakefile", str(ROOT / "workflow/Snakefile"), "--directory", str(folder)]
    profile = ["--workflow-profile", str(ROOT / "workflow/profiles/default")]
    config = ["--quiet", "all", "--config", f"dataset={dataset}"]
    place = command.index("--")
    if subprocess.run([*command[:place], *where, *profile, *config, *command[place:]], env=environment()).returncode:
        sys.exit(f"error: {dataset}: could not be computed anew; see above")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Damaged as error:
        Path(error.path).unlink(missing_ok=True)
        sys.exit(f"error: {error}")
