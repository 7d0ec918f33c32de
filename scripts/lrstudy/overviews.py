"""A first look at a table: what is in it, and its features against each other."""

import json

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from lrstudy import style

MOST_FEATURES = 6  # a pair plot of more cannot be read
MOST_ROWS = 2000  # and of more rows shows only blots


def describe(table: pd.DataFrame, entry: dict) -> dict:
    """Return head, rows, types, missing cells, duplicates, class counts and statistics, ready for JSON."""
    target = entry["target"]
    return {
        "dataset": style.named(entry["title"], entry.get("simulated", False)),
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


def draw_pairs(table: pd.DataFrame, entry: dict) -> Figure:
    """Return seaborn's pair plot coloured by class; of large tables a stated sample of rows and features."""
    target = entry["target"]
    numeric = [name for name in table if name != target and pd.api.types.is_numeric_dtype(table[name])]
    shown = table[[*numeric[:MOST_FEATURES], target]]
    if len(shown) > MOST_ROWS:
        shown = shown.sample(MOST_ROWS, random_state=0).sort_index()
    classes = sorted(shown[target].unique())
    shown = shown.assign(**{target: shown[target].astype(str)})
    grid = sns.pairplot(
        shown,
        hue=target,
        hue_order=[str(name) for name in classes],
        palette=style.colours(len(classes), ordered=False),
        diag_kind="hist",
        height=2,
        plot_kws={"s": 9, "alpha": 0.5, "linewidth": 0},
        diag_kws={"element": "step", "bins": 20},
    )
    title = style.named(entry["title"], entry.get("simulated", False))
    grid.figure.suptitle(f"{title}: features by {target}", y=0.985)
    grid.figure.subplots_adjust(top=0.94, bottom=0.09)
    style.caption(grid.figure, _sample_words(len(table), len(shown), numeric))
    return grid.figure


def _sample_words(rows: int, shown: int, features: list[str]) -> str:
    words = f"All {rows:,} rows." if rows == shown else f"A random sample of {shown:,} of {rows:,} rows."
    if len(features) > MOST_FEATURES:
        words += f" The first {MOST_FEATURES} of {len(features)} numeric features."
    return words
