"""Put a study's answer and charts into one page, answer.html, and its tables into another, tables.html."""

import platform
from pathlib import Path

from lrstudy import io, labels, provenance
from lrstudy.figures.page import build, tables
from lrstudy.job import run
from lrstudy.statistics import trainings

PACKAGES = ("snakemake", "tensorflow", "keras", "jax", "jaxlib", "numpy", "scipy", "vl-convert-python")


def main(input, output, settings):
    """Write the page of one study."""
    paths = {Path(path).stem: path for path in [*input.collected, *input.answered, *input.more]}
    paths |= {name: getattr(input, name) for name in ("scores", "overview", "provenance")}
    files = {name: io.read_csv(paths[name]) if name in paths else None for name in ("summary", "budget", "paths")}
    files |= {name: io.read_json(paths[name]) for name in ("recommendation", "overview", "provenance")}
    files["descent"] = io.read_json(paths["surface"]) if "surface" in paths else None
    files["vega"] = Path(input.vega).read_text(encoding="utf-8")
    files["made"] = made(settings["command"])
    files["reference"] = [row for path in input.reference for row in io.read_csv(path)]
    histories = paths["histories"]
    page = build.page(trainings.read(histories, settings), files, trainings.with_fitting_batches(histories, settings))
    io.write_text(output.page, page)

    title = f"{settings['title']}: {labels.named(settings['dataset'], settings['simulated'])}"
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
