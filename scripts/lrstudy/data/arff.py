"""The cells of an ARFF file."""

import csv
import re
from collections.abc import Iterator

import pyarrow as pa

from lrstudy.errors import StudyError

_ATTRIBUTE = re.compile(r"""@attribute\s+(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s{'"]+))\s*(.*)""", re.I)


def read(text: str) -> pa.Table:
    """Return the cells of the dense subset of ARFF: numeric, nominal and string attributes."""
    numbered = enumerate(text.splitlines(), start=1)
    lines = ((number, line.strip()) for number, line in numbered if line.strip() and not line.lstrip().startswith("%"))
    names: list[str] = []
    allowed: list[set[str] | None] = []
    for number, line in lines:
        if line.lower() == "@data":
            return _arff_rows(lines, names, allowed)
        if found := _ATTRIBUTE.fullmatch(line):
            names.append(re.sub(r"\\(.)", r"\1", next(name for name in found.groups()[:3] if name is not None)))
            allowed.append(_arff_values(found[4], number, names[-1]))
        elif not line.lower().startswith("@relation"):
            raise StudyError(f"line {number}: {line[:40]!r} is neither @relation, @attribute nor @data")
    raise StudyError("it is not an ARFF file: it has no line @data")


def _arff_values(kind: str, number: int, name: str) -> set[str] | None:
    """Return the values of a nominal attribute, or None where any value will do."""
    if kind.startswith("{") and kind.endswith("}"):
        return set(_arff_cells(kind[1:-1], number))
    if kind.lower() in ("numeric", "real", "integer", "string"):
        return None
    raise StudyError(f"line {number}, column {name!r}: {kind[:40]!r} is not numeric, string or a list of values")


def _arff_cells(line: str, number: int) -> list[str]:
    quote = min((mark for mark in "'\"" if mark in line), key=line.index, default="'")
    try:
        cells = next(csv.reader([line], quotechar=quote, escapechar="\\", skipinitialspace=True, strict=True))
    except (csv.Error, StopIteration):
        raise StudyError(f"line {number}: {line[:40]!r} has a quotation mark that is not closed") from None
    return [cell.strip() for cell in cells]


def _arff_rows(lines: Iterator[tuple[int, str]], names: list[str], allowed: list[set[str] | None]) -> pa.Table:
    rows = []
    for number, line in lines:
        cells = _arff_cells(line, number)
        if line.startswith("{") or len(cells) != len(names):
            raise StudyError(
                f"line {number} has {len(cells)} cells, but there are {len(names)} attributes; rows must be dense"
            )
        for cell, name, values in zip(cells, names, allowed, strict=True):
            if values is not None and cell not in values and cell != "?":
                raise StudyError(f"line {number}, column {name!r}: {cell!r} is not one of the attribute's values")
        rows.append(cells)
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return pa.Table.from_arrays([pa.array(column, pa.string()) for column in columns], names=names)
