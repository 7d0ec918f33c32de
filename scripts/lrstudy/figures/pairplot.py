"""A table's features against each other, coloured by class."""

import math

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lrstudy.figures import style
from lrstudy.files import labels

MOST_FEATURES = 6  # a pair plot of more cannot be read
MOST_ROWS = 2000  # and of more rows shows only blots
LONGEST_LABEL = 40  # characters of a class in the legend


def draw(table: pd.DataFrame, entry: dict) -> Figure:
    """Return seaborn's pair plot coloured by class; of large tables a stated sample of rows and features."""
    target = table.columns[-1]
    numeric = [name for name in table if name != target and pd.api.types.is_numeric_dtype(table[name])]
    if not numeric:
        return _draw_counts(table[target], entry)
    shown = table[[*numeric[:MOST_FEATURES], target]]
    if len(shown) > MOST_ROWS:
        shown = shown.sample(MOST_ROWS, random_state=0).sort_index()
    classes = sorted(table[target].unique())
    colours = style.colours(len(classes), ordered=False)
    grid = sns.PairGrid(shown, hue=target, hue_order=classes, palette=colours, height=2)
    grid.map_diag(sns.histplot, element="step", bins=20)
    grid.map_offdiag(sns.scatterplot, s=9, alpha=0.5, linewidth=0)
    _add_legend(grid.figure, target, classes, colours)
    title = labels.named(entry["title"], entry.get("simulated", False))
    grid.figure.suptitle(f"{title}: features by {target}")
    style.caption(grid.figure, _sample_words(len(table), len(shown), numeric))
    return grid.figure


def _add_legend(figure: Figure, target: str, classes: list, colours: list) -> None:
    """Widen the figure by a legend of the classes, and set its margins, all in inches."""
    width, height = figure.get_size_inches()
    marks = [Line2D([], [], marker="o", linestyle="", color=colour) for colour in colours]
    columns = math.ceil(len(classes) / (4 * height))
    legend = figure.legend(marks, list(map(str, range(len(classes)))), title=target, loc="right", ncols=columns)
    for text, name in zip(legend.get_texts(), classes, strict=True):
        text.set_text(_short(name))  # set afterwards, since Matplotlib leaves out labels that start with an underscore
    wide = width + legend.get_window_extent().width / figure.dpi + 0.2
    figure.set_figwidth(wide)
    figure.subplots_adjust(left=0.8 / wide, right=width / wide, bottom=0.75 / height, top=1 - 0.5 / height)


def _draw_counts(target: pd.Series, entry: dict) -> Figure:
    """Return the rows of each class as bars, for a table that has no numbers to draw against each other."""
    counts = target.value_counts().sort_index()
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    axes.barh(range(len(counts)), counts)
    axes.set_yticks(range(len(counts)), [_short(name) for name in counts.index])
    axes.set(xlabel="rows", ylabel=target.name)
    figure.suptitle(f"{labels.named(entry['title'], entry.get('simulated', False))}: rows by {target.name}")
    style.caption(figure, f"All {len(target):,} rows; none of the features is a number.")
    return figure


def _short(name) -> str:
    """Return a class as legends show it."""
    return str(name) if len(str(name)) <= LONGEST_LABEL else f"{str(name)[: LONGEST_LABEL - 1]}…"


def _sample_words(rows: int, shown: int, features: list[str]) -> str:
    words = f"All {rows:,} rows." if rows == shown else f"A random sample of {shown:,} of {rows:,} rows."
    if len(features) > MOST_FEATURES:
        words += f" The first {MOST_FEATURES} of {len(features)} numeric features."
    return words
