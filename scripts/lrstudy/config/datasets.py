"""The registry of datasets: the entries of config/datasets.yaml, checked."""

import unicodedata
from pathlib import Path
from typing import Any

from lrstudy.config.reading import check, check_name, nearest, read_yaml
from lrstudy.errors import StudyError

# What names columns and cells, compared in Unicode's composed form; a file's name stays as it is on disk.
OF_THE_TABLE = ("target", "features", "drop", "columns", "values", "units", "na_values")

ORIGINS = ("file", "path", "url", "openml", "sklearn")  # where a dataset comes from; a source has one of these keys


def load_datasets(
    path: Path, wanted: list[str], schema: dict, asked_in: str | Path = "config/config.yaml"
) -> dict[str, dict]:
    """Return the registry's entries of the wanted datasets, each with a title; `asked_in` says who wants them.

    Raises `StudyError` for an unknown one, and for an entry that does not fit.
    """
    registry = read_yaml(path)
    registry = check(registry, schema, path)
    for name in registry:
        check_name(name, str(path))
    for name in wanted:
        check_name(name, f"{asked_in}: dataset")
        if name not in registry:
            raise StudyError(f"{asked_in}: dataset: {name!r} is not in {path}; {nearest(name, registry)}")
        _check_origins(registry[name], f"{path}: {name}")
        _check_together(registry[name], f"{path}: {name}")
        fallback = registry[name].get("fallback", name)
        if fallback not in registry:
            raise StudyError(f"{path}: {name}.fallback: {fallback!r} is no dataset; {nearest(fallback, registry)}")
    return {name: {"title": name.replace("_", " "), **_composed(registry[name])} for name in wanted}


def _composed(entry: dict) -> dict:
    """Return an entry, or one of its sources, with what it says of the table in Unicode's composed form."""
    made = {key: _nfc(value) if key in OF_THE_TABLE else value for key, value in entry.items()}
    return {**made, "sources": [_composed(source) for source in made["sources"]]} if "sources" in made else made


def _nfc(value: Any) -> Any:
    if isinstance(value, dict):
        return {_nfc(key): _nfc(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_nfc(item) for item in value]
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _check_together(entry: dict, where: str) -> None:
    """Refuse keys that contradict each other."""
    if "missing_texts" in entry and entry.get("missing") != "median":
        raise StudyError(f"{where}.missing_texts: says what missing: median does to texts; write missing: median too")
    for source in [entry, *entry.get("sources", [])]:
        decimal, thousands = source.get("decimal", "."), source.get("thousands")
        if decimal == thousands:
            other = "," if decimal == "." else "."
            said = f"{where}.thousands: {thousands!r} stands before the decimals already"
            raise StudyError(f"{said}; write decimal: {other!r} too")


def _check_origins(entry: dict, where: str) -> None:
    """Refuse an entry, or one of its sources, that does not say once where it comes from."""
    places: list[tuple[str, dict, tuple[str, ...]]] = [(where, entry, (*ORIGINS, "standin", "sources"))]
    places += [(f"{where}.sources.{place}", source, ORIGINS) for place, source in enumerate(entry.get("sources", []))]
    for place, source, keys in places:
        found = [key for key in keys if key in source]
        if len(found) != 1:
            said = " and ".join(found) or "nothing"
            raise StudyError(f"{place}: {said} says where the data come from; give one of {', '.join(keys)}")
