"""Put a study's answer and charts into one page, answer.html, and its tables into another, tables.html."""

import importlib.metadata
import platform
from pathlib import Path

from lrstudy.evidence import trainings
from lrstudy.figures.page import build, tables
from lrstudy.files import atomic, labels, manifest
from lrstudy.files.job import job

PACKAGES = ("snakemake", "tensorflow", "keras", "jaxlib", "numpy", "scipy", "vl-convert-python")
TABLES = {"budget": "budget", "paths": "paths"}  # inputs that not every study has, by what the page calls them
JSONS = {"recommendation": "recommendation", "overview": "overview", "descent": "surface"}


def main(input, output, study):
    """Write the page of one study."""
    files = {"summary": atomic.read_csv(input.summary), "provenance": atomic.read_json(input.provenance)}
    files["vega"] = Path(input.vega).read_text(encoding="utf-8")
    files |= {name: atomic.read_csv(path) if (path := given(input, key)) else None for name, key in TABLES.items()}
    files |= {name: atomic.read_json(path) if (path := given(input, key)) else None for name, key in JSONS.items()}
    page = build.page(trainings.read(input.histories, study), {**files, "made": made(study)}, study)
    atomic.write_text(output.page, page)
    title = f"{study['title']}: {labels.named(study['dataset'], study['simulated'])}"
    atomic.write_text(output.tables, tables.page(title, shown(input)))


def shown(input):
    """Return the contents of the files that the tables show."""
    paths = {name: path for name in tables.HEADINGS if (path := given(input, name))}
    return {name: Path(path).read_text(encoding="utf-8") for name, path in paths.items()}


def given(input, key):
    """Return the path of an input that may be none."""
    paths = getattr(input, key, [])
    return paths if isinstance(paths, str) else next(iter(paths), None)


def made(study):
    """Return the command that makes this page, and with what it was made."""
    commit = manifest.commit(Path(__file__).resolve().parents[1])
    installed = {name: each.version for name in PACKAGES for each in importlib.metadata.distributions(name=name)}
    versions = ", ".join(f"{name} {installed[name]}" for name in PACKAGES if name in installed)
    return [
        ("command", study["command"]),
        ("commit", commit or "not known: the code is outside of Git"),
        ("versions", f"Python {platform.python_version()}, {versions}"),
    ]


if "snakemake" in globals():
    with job(snakemake):
        main(snakemake.input, snakemake.output, snakemake.params.settings)
