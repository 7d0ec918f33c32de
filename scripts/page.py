"""Put a study's answer and charts into one page, answer.html, and its tables into another, tables.html."""

import platform
from pathlib import Path

from lrstudy import io, labels, provenance
from lrstudy.figures.page import build, tables
from lrstudy.job import run
from lrstudy.statistics import trainings

PACKAGES = ("snakemake", "tensorflow", "keras", "jaxlib", "numpy", "scipy", "vl-convert-python")


def main(input, output, settings):
    """Write the page of one study."""
    more = {Path(path).stem: path for path in input.more}  # tables that not every study has
    files = {name: io.read_csv(getattr(input, name)) for name in ("summary", "budget")}
    files |= {name: io.read_json(getattr(input, name)) for name in ("recommendation", "overview", "provenance")}
    files["paths"] = io.read_csv(more["paths"]) if "paths" in more else None
    files["descent"] = io.read_json(more["surface"]) if "surface" in more else None
    files["vega"] = Path(input.vega).read_text(encoding="utf-8")
    files["made"] = made(settings["command"])
    found = trainings.read(input.histories, settings)
    io.write_text(output.page, build.page(found, files, trainings.with_fitting_batches(input.histories, settings)))

    title = f"{settings['title']}: {labels.named(settings['dataset'], settings['simulated'])}"
    paths = {**more, **{name: getattr(input, name) for name in tables.HEADINGS if hasattr(input, name)}}
    texts = {name: Path(paths[name]).read_text(encoding="utf-8") for name in tables.HEADINGS if name in paths}
    io.write_text(output.tables, tables.page(title, texts))


def made(command):
    """Return the command that makes this page, and with what it was made."""
    commit = provenance.commit(Path(__file__).resolve().parents[1])
    installed = {name: provenance.version(name) for name in PACKAGES}
    versions = ", ".join(f"{name} {version}" for name, version in installed.items() if version)
    return [
        ("command", command),
        ("commit", commit or "not known: the code is outside of Git"),
        ("versions", f"Python {platform.python_version()}, {versions}"),
    ]


if "snakemake" in globals():
    run(main, snakemake)
