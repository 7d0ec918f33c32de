"""What `make verify` does: compute everything anew in a folder of its own, and compare it with the manifests.

The fetched tables are taken as they are. Ends with status 1 where a file differs, and says which.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

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
    said = atomic.read_json(path)
    edited = manifest.differences(said, Path())
    for name in edited:
        print(f"{name}: no longer what the manifest says; it was changed or removed after it was computed")
    dataset = path.parent.name
    recompute(dataset, folder, snakemake)
    if atomic.read_json(folder / path)["config"] != said["config"]:
        sys.exit(
            f"error: {path}: made with another config than today's; run `snakemake --config dataset={dataset}` first"
        )
    differing = manifest.differences(said, folder)
    for name in differing:
        print(f"{name}: differs when computed anew")
    if not edited and not differing:
        print(f"{dataset}: {len(said['files'])} files, computed anew, are the same")
    return int(bool(edited or differing))


def recompute(dataset: str, folder: Path, snakemake: list[str]) -> None:
    """Run the default studies of one dataset in `folder`, on the table that is already there."""
    for name in ("config", f"data/{dataset}"):
        shutil.copytree(name, folder / name, copy_function=shutil.copyfile, dirs_exist_ok=True)
    where = ["--snakefile", str(ROOT / "workflow/Snakefile"), "--directory", str(folder)]
    profile = ["--workflow-profile", str(ROOT / "workflow/profiles/default")]
    config = ["--quiet", "all", "--config", f"dataset={dataset}"]
    if subprocess.run([*snakemake, *where, *profile, *config]).returncode:
        sys.exit(f"error: {dataset}: could not be computed anew; see above")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Damaged as error:
        Path(error.path).unlink(missing_ok=True)
        sys.exit(f"error: {error}")
