"""A first look at a table: what is in it."""

import json

import pandas as pd

from lrstudy import labels
from lrstudy.data import cautions


def used(table: pd.DataFrame, entry: dict) -> pd.DataFrame:
    """Return the rows that are studied: without the incomplete ones, where the entry drops them."""
    return table.dropna(ignore_index=True) if entry.get("missing") == "drop" else table


def rows(table: pd.DataFrame, entry: dict) -> dict[str, int]:
    """Return how many rows were read, dropped for a missing cell, and are left to study."""
    left = len(used(table, entry))
    return {"rows_read": len(table), "rows_dropped": len(table) - left, "rows": left}


def describe(table: pd.DataFrame, entry: dict) -> dict:
    """Return head, rows, types, missing cells, duplicates, class counts and statistics, ready for JSON.

    `missing` counts the cells of all rows that were read, everything else those of the rows that are studied.
    """
    read, table = table, used(table, entry)
    target = table.columns[-1]
    return {
        "dataset": labels.named(entry["title"], entry.get("simulated", False)),
        **rows(read, entry),
        "features": [name for name in table if name != target],
        "target": target,
        "head": json.loads(table.head().to_json(orient="records")),
        "dtypes": {name: str(kind) for name, kind in table.dtypes.items()},
        "missing": {name: int(count) for name, count in read.isna().sum().items()},
        "duplicates": int(table.duplicated().sum()),
        "class_counts": {str(name): int(count) for name, count in table[target].value_counts().sort_index().items()},
        "warnings": cautions.of(read),
        "statistics": json.loads(table.drop(columns=target).describe(include="all").to_json()),
    }
