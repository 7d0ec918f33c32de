"""What `make archive` does: pack code, config, lock file, data and results into one file.

Unpacked elsewhere, `make study` makes the environment and finds nothing to do: Snakemake's own records of how each
file was made are packed too.
"""

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from lrstudy.io import replacing

ARCHIVE = Path("learning-rate-study.tar.gz")
COMPUTED = ["data", "results", ".snakemake/metadata"]
LEFT_OUT = {".git", ".venv", ".snakemake", "__pycache__", ARCHIVE.name}


def main() -> None:
    """Write the archive into the working folder."""
    if not list(Path("results").glob("**/manifest.json")):
        sys.exit("error: results/ has no manifest.json; run `make study` first")
    paths = sorted({*own_files(), *(path for name in COMPUTED for path in Path(name).rglob("*") if path.is_file())})
    with replacing(ARCHIVE) as temporary, tarfile.open(temporary, "w:gz", dereference=True) as archive:
        for path in paths:
            archive.add(path, Path(ARCHIVE.name.removesuffix(".tar.gz")) / path, filter=nobodys)
    print(f"{ARCHIVE}: {len(paths)} files, {ARCHIVE.stat().st_size / 1e6:.1f} MB")


def own_files() -> list[Path]:
    """Return the project's own files: all that Git does not ignore, or, outside of Git, all that is here."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if shutil.which("git"):
        listed = subprocess.run(command, capture_output=True, text=True)
        if listed.returncode == 0:
            return [path for path in map(Path, listed.stdout.split("\0")) if path.is_file()]
    return [path for path in Path().rglob("*") if path.is_file() and not LEFT_OUT & set(path.parts)]


def nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return an archive's member without its owner's name."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    main()
