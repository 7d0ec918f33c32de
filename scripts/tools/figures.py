"""What `make figures` does: README's pictures, from results/banknote, and what each of them was made from.

The figures are copied; the page is opened in Debian's Chromium. docs/figures/made.json has each picture's SHA-256 and
that of the result that it shows; a test compares the pictures with it.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lrstudy import io, provenance

FIGURES = Path("docs/figures")
STUDIES = "results/banknote/studies"
# Each picture of README, and the result that it shows.
SHOWS = {
    "curves.png": f"{STUDIES}/learning_rates/curves.png",
    "descent.png": "results/banknote/descent/descent.png",
    "finder.png": f"{STUDIES}/learning_rate_range/finder.png",
    "map.png": f"{STUDIES}/stability_map/map.png",
    "page.png": f"{STUDIES}/learning_rate_range/answer.html",
    "rates.png": f"{STUDIES}/learning_rate_range/rates.png",
}
WINDOW = "1280,1000"  # the pixels of the page that its picture shows
FLAGS = ("headless", "no-sandbox", "disable-gpu", "hide-scrollbars", "no-first-run", "disable-background-networking")


def main() -> None:
    """Write the pictures and made.json; ends with one line where a result is missing or no browser is here."""
    if missing := [path for path in SHOWS.values() if not Path(path).exists()]:
        sys.exit(f"error: {missing[0]} is not there; run `.venv/bin/snakemake --cores 4 everything` first")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("error: the picture of the page needs Debian's package chromium")
    for name, path in SHOWS.items():
        if path.endswith(".html"):
            photograph(browser, Path(path), FIGURES / name)
        else:
            io.write_bytes(FIGURES / name, Path(path).read_bytes())
    io.write_json(FIGURES / "made.json", {name: made(name, path) for name, path in SHOWS.items()})
    print(f"{FIGURES}: {', '.join(SHOWS)}")


def photograph(browser: str, page: Path, picture: Path) -> None:
    """Write what the browser shows of a page."""
    with tempfile.TemporaryDirectory(prefix="figures-") as folder, io.replacing(picture) as temporary:
        flags = (*FLAGS, f"user-data-dir={folder}", f"window-size={WINDOW}", "virtual-time-budget=10000")
        command = [browser, *(f"--{flag}" for flag in flags), f"--screenshot={temporary.resolve()}"]
        run = subprocess.run([*command, page.resolve().as_uri()], capture_output=True, text=True, timeout=300)
        if run.returncode or not temporary.stat().st_size:
            sys.exit(f"error: {browser} made no picture of {page}: {run.stderr.strip()[-300:]}")


def made(name: str, path: str) -> dict[str, str]:
    """Return a picture's checksum, the result that it shows and that one's checksum."""
    return {"sha256": provenance.sha256(FIGURES / name), "shows": path, "result": provenance.sha256(path)}


if __name__ == "__main__":
    main()
