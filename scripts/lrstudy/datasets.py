"""Datasets by name: from an entry of config/datasets.yaml to a verified table."""

import csv
import hashlib
import io
import json
import re

import numpy as np
import pandas as pd

from lrstudy import sources
from lrstudy.errors import StudyError
from lrstudy.sources import Unavailable


def fetch(name: str, entry: dict) -> tuple[str, dict]:
    """Return the dataset's table as CSV text, and where it came from.

    Sources are tried in order. Raises `StudyError` listing each with its reason if none can serve, and for a
    table that does not hold what the entry says.
    """
    if "standin" in entry:
        return to_csv(verify(draw_standin(entry["standin"]), entry, name)), _provenance(entry, "drawn", None)
    refused = []
    for source in _sources(entry):
        try:
            content, where = _content(source)
            table = verify(_parse(sources.unpack(content, source.get("member")), source), entry, name)
            text = to_csv(table)
            _check_same(text, entry)
            return text, _provenance(entry, where, hashlib.sha256(content).hexdigest())
        except Unavailable as error:
            refused.append(f"  {_shown(source)}: {error}")
    raise StudyError(_no_source(name, entry, refused))


def _sources(entry: dict) -> list[dict]:
    """Return the entry's sources in order, in front of each downloadable file its mirror."""
    listed = []
    for source in entry["sources"]:
        if "file" in source:
            mirror = sources.mirrored(source["file"])
            listed += [{**source, "url": mirror, "mirror": True}] if mirror else [{**source, "mirror": True}]
        else:
            listed.append(source)
    return listed


def _shown(source: dict) -> str:
    if source.get("mirror"):
        return f"DATA_MIRROR ({source.get('url', 'not set')})"
    return source.get("url") or f"OpenML data set {source['openml']}"


def _content(source: dict) -> tuple[bytes, str]:
    """Return a source's bytes, checksum verified, and its address."""
    if "openml" in source:
        address = f"https://www.openml.org/api/v1/json/data/{int(source['openml'])}"
        try:
            url = json.loads(sources.read(address, None))["data_set_description"]["url"]
        except (ValueError, KeyError, TypeError):
            raise Unavailable("OpenML's answer names no file") from None
        return sources.read(str(url), source.get("sha256")), str(url)
    if "url" not in source:
        raise Unavailable("the environment variable is not set")
    where = f"DATA_MIRROR: {source['file']}" if source.get("mirror") else source["url"]
    return sources.read(source["url"], source.get("sha256")), where


def _parse(content: bytes, source: dict) -> pd.DataFrame:
    """Return a source's table with our column names and class values."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unavailable("it is not UTF-8 text") from None
    if not text.strip():
        raise Unavailable("it is empty")
    if source["format"] == "arff":
        names, text = _arff(text)
    else:
        names = None
    try:
        table = pd.read_csv(
            io.StringIO(text),
            header=None if "columns" in source or names else 0,
            names=source.get("columns", names),
            index_col=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise Unavailable(f"it cannot be read as {source['format']}: {' '.join(str(error).split())}") from None
    for column, values in source.get("values", {}).items():
        table[column] = table[column].map({type(key)(key): value for key, value in values.items()})
    return table


def _arff(text: str) -> tuple[list[str], str]:
    """Return the attribute names and the rows of a dense ARFF file."""
    head, mark, rows = (
        re.split(r"(?im)^(@data)\s*$", text, maxsplit=1) if re.search(r"(?im)^@data\s*$", text) else ("", "", "")
    )
    names = re.findall(r"(?im)^@attribute\s+(?:'([^']+)'|(\S+))", head)
    if not mark or not names:
        raise Unavailable("it is not an ARFF file")
    kept = [line for line in rows.splitlines() if line.strip() and not line.startswith("%")]
    return [quoted or bare for quoted, bare in names], "\n".join(kept)


def _check_same(text: str, entry: dict) -> None:
    """Refuse a source whose table is not the one that all sources of this dataset should give."""
    wanted, found = entry.get("table_sha256"), hashlib.sha256(text.encode()).hexdigest()
    if wanted and found != wanted:
        raise Unavailable(f"its table is not the known one (SHA-256 {found[:12]}…, not {wanted[:12]}…)")


def verify(table: pd.DataFrame, entry: dict, name: str) -> pd.DataFrame:
    """Return the table with its target last, after checking that it can be studied.

    Raises `Unavailable` naming the column and, where there is one, the row.
    """
    target = entry["target"]
    if target not in table:
        raise Unavailable(f"it has no column {target!r}; its columns are {', '.join(map(str, table.columns))}")
    table = table[[*(column for column in table if column != target), target]]
    for column in table.columns[:-1]:
        numbers = pd.to_numeric(table[column], errors="coerce").to_numpy(float)
        wrong = ~np.isfinite(numbers)
        if wrong.any():
            row = int(wrong.argmax())
            raise Unavailable(
                f"row {row + 1}, column {column!r}: {str(table[column].iloc[row])!r} is not a finite number"
            )
    counts = table[target].value_counts()
    if table[target].isna().any() or len(counts) < 2 or counts.min() < 3:
        raise Unavailable(f"column {target!r}: at least two classes of three rows each are needed, none missing")
    return table


def to_csv(table: pd.DataFrame) -> str:
    """Return the table as CSV: comma, LF, floats in their shortest form that reads back the same."""
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(table.columns)
    rows.writerows(table.itertuples(index=False, name=None))
    return stream.getvalue()


def load_table(path, entry: dict) -> pd.DataFrame:
    """Return `table.csv` as `fetch` verified it: features as float64, the target last, as it was read."""
    table = pd.read_csv(path)
    return table.astype({name: float for name in table.columns if name != entry["target"]})


def _provenance(entry: dict, where: str, sha256: str | None) -> dict:
    kept = {key: entry[key] for key in ("title", "licence", "citation", "doi") if key in entry}
    return {**kept, "simulated": entry.get("simulated", False), "source": where, "sha256": sha256}


def _no_source(name: str, entry: dict, refused: list[str]) -> str:
    ways = ["  1. connect this machine to the internet"]
    files = [source["file"] for source in entry["sources"] if "file" in source]
    if files:
        ways.append(f"  2. set DATA_MIRROR to a folder or an address that holds {files[0]}")
    if "fallback" in entry:
        ways.append(f"  3. use the simulated stand-in: snakemake --cores 4 --config dataset={entry['fallback']}")
    return "\n".join([f"no source of the dataset {name!r} could serve:", *refused, "what to do, one of:", *ways])


def draw_standin(parameters: dict) -> pd.DataFrame:
    """Return a table drawn from a Gaussian mixture per class.

    `parameters` holds `columns`, `target`, `decimals`, `seed` and `classes`: for each label the number of `rows`
    and the mixture's `weights` (k), `means` (k, features) and Cholesky `factors` (k, features, features).
    """
    random = np.random.Generator(np.random.Philox(key=parameters["seed"]))
    parts = []
    for label, mixture in parameters["classes"].items():
        rows, means = mixture["rows"], np.array(mixture["means"])
        component = np.searchsorted(np.cumsum(mixture["weights"]), random.random(rows)).clip(max=len(means) - 1)
        noise = random.standard_normal((rows, means.shape[1]))
        factors = np.array(mixture["factors"])[component]
        values = means[component] + np.sum(factors * noise[:, None, :], axis=2)
        part = pd.DataFrame(values.round(parameters["decimals"]), columns=parameters["columns"])
        parts.append(part.assign(**{parameters["target"]: int(label)}))
    return pd.concat(parts, ignore_index=True)
