"""A first look at a table: what is in it."""

import json

import pandas as pd

from lrstudy.files import labels


def describe(table: pd.DataFrame, entry: dict) -> dict:
    """Return head, rows, types, missing cells, duplicates, class counts and statistics, ready for JSON."""
    target = table.columns[-1]
    return {
        "dataset": labels.named(entry["title"], entry.get("simulated", False)),
        "rows": len(table),
        "features": [name for name in table if name != target],
        "target": target,
        "head": json.loads(table.head().to_json(orient="records")),
        "dtypes": {name: str(kind) for name, kind in table.dtypes.items()},
        "missing": {name: int(count) for name, count in table.isna().sum().items()},
        "duplicates": int(table.duplicated().sum()),
        "class_counts": {str(name): int(count) for name, count in table[target].value_counts().sort_index().items()},
        "statistics": json.loads(table.drop(columns=target).describe(include="all").to_json()),
    }
