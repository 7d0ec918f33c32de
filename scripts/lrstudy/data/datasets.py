"""Datasets by name: from an entry of config/datasets.yaml to a verified table."""

import hashlib
import json
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pyarrow as pa

from lrstudy.data import (
    advice,
    cautions,
    columns,
    formats,
    overviews,
    sources,
    standin,
    tables,
    verification,
    writing,
)
from lrstudy.data.sources import Unavailable
from lrstudy.errors import StudyError

OPENML = "https://www.openml.org/api/v1/json/data"


def fetch(name: str, entry: dict, cache: Path | None = None) -> tuple[bytes, dict]:
    """Return the dataset's table as CSV, and where it comes from.

    What is downloaded from a URL or from OpenML is kept in the folder `cache`, and the next fetch reads it from there.
    Sources are tried in order. Raises `StudyError` in one line for a table that does not hold what the entry
    says, and in a line per source with its reason if none can serve.
    """
    if "standin" in entry:
        if entry["target"] != entry["standin"]["target"]:
            raise StudyError(f"dataset {name!r}: target: the stand-in's is {entry['standin']['target']!r}")
        return _finished(standin.draw(entry["standin"]), {"source": "drawn", "sha256": None}, entry)
    refused = []
    listed = _sources(entry)
    for source in listed:
        try:
            return _finished(*_read(name, source, entry, cache), entry)
        except Unavailable as error:
            refused.append((_shown(source), error))
        except StudyError as error:
            raise StudyError(f"dataset {name!r}, {_shown(source)}: {error}") from None
    if len(listed) == 1 and not {"file", "url", "openml"} & set(listed[0]):
        raise StudyError(f"dataset {name!r}, {refused[0][0]}: {refused[0][1]}")
    raise StudyError(_no_source(name, entry, listed, refused))


def _finished(table: pd.DataFrame, served: dict, entry: dict) -> tuple[bytes, dict]:
    """Return the table as CSV, and where it comes from."""
    text = tables.to_csv(table)
    shape = {"columns": list(table.columns), **overviews.rows(table, entry)}
    checked = {"table_sha256": hashlib.sha256(text).hexdigest(), "warnings": cautions.of(table)}
    return text, {**served, **shape, **checked}


def _check_whole(cells: pa.Table, entry: dict) -> None:
    """Raise `Unavailable` unless the table, whatever columns are wanted, is the one that all sources should give."""
    if wanted := entry.get("table_sha256"):
        whole = verification.choose(cells, {"target": entry["target"]})
        found = hashlib.sha256(tables.to_csv(columns.typed(whole))).hexdigest()
        if found != wanted:
            raise Unavailable(f"its table is not the known one (SHA-256 {found[:12]}…, not {wanted[:12]}…)")


def _sources(entry: dict) -> list[dict]:
    """Return the entry's sources in order, in front of each downloadable file its mirror if there is one."""
    listed = []
    for source in entry.get("sources", [entry]):
        file = source.get("file") or urlsplit(source.get("url", "")).path.rpartition("/")[2]
        mirror = sources.mirrored(file)
        if mirror and ("file" in source or "url" in source):
            listed.append({**source, "mirror": mirror})
        if not mirror or "file" not in source:
            listed.append(source)
    return listed


def _shown(source: dict) -> str:
    """Return what messages call a source."""
    if "mirror" in source:
        return f"DATA_MIRROR ({source['mirror']})"
    words = {
        "file": "DATA_MIRROR (not set)",
        "path": "{}",
        "url": "{}",
        "openml": "OpenML data set {}",
        "sklearn": "scikit-learn's {}",
    }
    origin = next(key for key in words if key in source)
    return words[origin].format(source[origin])


def _read(name: str, source: dict, entry: dict, cache: Path | None) -> tuple[pd.DataFrame, dict]:
    """Return a source's verified table, and where it comes from."""
    if "sklearn" in source:
        cells, served = _bundled(source["sklearn"])
        _check_whole(cells, entry)
        return verification.verify(cells, entry), served
    content, address, named = _content(source, cache)
    served = {"source": address, "sha256": hashlib.sha256(content).hexdigest()}
    format = source.get("format") or formats.format_of(source.get("member") or named)

    def attempt(keys: dict) -> pd.DataFrame:
        cells = parsed(unpacked, format, {**source, **keys})
        _check_whole(cells, entry)
        return verification.verify(cells, advice.merged(entry, keys))

    try:
        unpacked = sources.unpack(content, source.get("member"))
        return attempt({}), served
    except Unavailable:  # a damaged archive, or another table than the known one
        if cache is not None:
            sources.forget(address, cache)
        raise
    except StudyError:
        problems, keys, table = advice.settle(attempt)
        warnings = [] if table is None else cautions.of(table)
        raise StudyError(advice.told(problems, keys, warnings, name, entry, source)) from None


def parsed(content: bytes, format: str, source: dict) -> pa.Table:
    """Return the cells of a file under our names, with our values, its numbers plain and null for missing ones."""
    cells = formats.read(content, format, source)
    return writing.plain(verification.translate(cells, source.get("values", {})), source)


def _content(source: dict, cache: Path | None) -> tuple[bytes, str, str]:
    """Return a source's bytes, checksum verified, its address as provenance tells it, and its file's name."""
    sha256 = source.get("sha256")
    if "mirror" in source:
        file = source["mirror"].rpartition("/")[2]
        return sources.read(source["mirror"], sha256), f"DATA_MIRROR: {file}", file
    if "file" in source:
        raise Unavailable("the environment variable is not set")
    if "openml" in source:
        url = _openml_address(source["openml"], cache)
        return sources.read(url, sha256, cache), url, "data.arff"
    if "path" in source:
        return sources.read(source["path"], sha256), source["path"], source["path"]
    return sources.read(source["url"], sha256, cache), source["url"], urlsplit(source["url"]).path


def _openml_address(number: int, cache: Path | None) -> str:
    """Return where OpenML keeps the ARFF file of a data set."""
    description = f"{OPENML}/{int(number)}"
    try:
        url = json.loads(sources.read(description, None, cache))["data_set_description"]["url"]
    except (ValueError, KeyError, TypeError):
        if cache is not None:
            sources.forget(description, cache)
        raise Unavailable("OpenML's answer names no file") from None
    return str(url)


def _bundled(name: str) -> tuple[pa.Table, dict]:
    """Return one of the tables that come with scikit-learn, its classes by name, in a last column `target`."""
    import sklearn
    import sklearn.datasets

    bunch = getattr(sklearn.datasets, f"load_{name}")(as_frame=True)
    frame = bunch.data.assign(target=[str(bunch.target_names[place]) for place in bunch.target])
    cells = formats.as_text(pa.Table.from_pandas(frame, preserve_index=False))
    return cells, {"source": f"scikit-learn {sklearn.__version__}: {name}", "sha256": None}


def _no_source(name: str, entry: dict, listed: list[dict], refused: list[tuple[str, Unavailable]]) -> str:
    """Return the message for a dataset that none of its sources can serve: each one's reason, and the ways on."""
    ways = ["connect this machine to the internet"]
    file = next((source.get("file") or source["url"] for source in listed if "file" in source or "url" in source), None)
    if file:
        file = urlsplit(file).path.rpartition("/")[2]
        ways.append(f"set DATA_MIRROR to a folder or an address that holds {file}")
    if "fallback" in entry:
        ways.append(f"use the simulated stand-in: snakemake --cores 4 --config dataset={entry['fallback']}")
    return "\n".join(
        [
            f"no source of the dataset {name!r} could serve:",
            *(f"  {shown}: {error}" for shown, error in refused),
            "what to do, one of:",
            *(f"  {number}. {way}" for number, way in enumerate(ways, start=1)),
        ]
    )
