"""A table's features against each other, coloured by class."""

import math
from collections.abc import Iterable

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lrstudy import labels
from lrstudy.figures import style

MOST_FEATURES = 6  # a pair plot of more cannot be read
MOST_ROWS = 2000  # and of more rows shows only blots
LONGEST_LABEL = 40  # characters of a class in the legend
LONGEST_NAME = 28  # characters of a column beside its axis, of which 22 have room in the usual size


@style.applied()
def draw(table: pd.DataFrame, entry: dict, dropped: int = 0) -> Figure:
    """Return seaborn's pair plot coloured by class; of large tables a stated sample of rows and features.

    `dropped` rows, which had a missing cell, are no longer in the table; the caption says how many they were.
    """
    target = table.columns[-1]
    numeric = [name for name in table if name != target and pd.api.types.is_numeric_dtype(table[name])]
    if not numeric:
        return _draw_counts(table[target], entry, dropped)
    shown = table[[*numeric[:MOST_FEATURES], target]]
    short = _short_names(shown.columns)
    shown, target = shown.set_axis(short, axis="columns"), short[-1]
    if len(shown) > MOST_ROWS:
        shown = shown.sample(MOST_ROWS, random_state=0).sort_index()
    classes = sorted(table[table.columns[-1]].unique())
    colours = style.colours(len(classes), ordered=False)
    looks = {"hue": target, "hue_order": classes, "palette": colours}
    figure = _pairs(shown, looks) if len(short) > 2 else _one_histogram(shown, looks)
    _add_legend(figure, target, classes, colours)
    title = labels.named(entry["title"], entry.get("simulated", False))
    figure.suptitle(f"{title}: features by {target}")
    style.caption(figure, _sample_sentence(len(table), len(shown), numeric, dropped))
    return figure


def _pairs(shown: pd.DataFrame, looks: dict) -> Figure:
    """Return every feature against every other."""
    mpl.use("agg")  # seaborn makes its figure by pyplot, which may look for a display
    grid = sns.PairGrid(shown, height=2, **looks)
    grid.map_diag(sns.histplot, element="step", bins=20)
    grid.map_offdiag(sns.scatterplot, s=9, alpha=0.5, linewidth=0)
    if max(map(len, shown.columns)) > 22:
        for label in [axis.label for axes in grid.axes.flat for axis in (axes.xaxis, axes.yaxis)]:
            label.set_fontsize(9)
    return grid.figure


def _one_histogram(shown: pd.DataFrame, looks: dict) -> Figure:
    """Return the rows over the values of the only feature."""
    figure = Figure(figsize=(6, 4))
    axes = figure.subplots()
    sns.histplot(shown, x=shown.columns[0], element="step", bins=20, legend=False, ax=axes, **looks)
    axes.set_ylabel("rows")
    return figure


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


def _draw_counts(target: pd.Series, entry: dict, dropped: int) -> Figure:
    """Return the rows of each class as bars, for a table that has no numbers to draw against each other."""
    counts = target.value_counts().sort_index()
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    axes.barh(range(len(counts)), counts)
    axes.set_yticks(range(len(counts)), [_short(name) for name in counts.index])
    axes.set(xlabel="rows", ylabel=_short(target.name))
    figure.suptitle(f"{labels.named(entry['title'], entry.get('simulated', False))}: rows by {_short(target.name)}")
    style.caption(figure, f"All {_format_rows(len(target), dropped)}; none of the features is a number.")
    return figure


def _short_names(names: Iterable[str]) -> list[str]:
    """Return columns' names as axes show them, still all different."""
    short = [_short(name, LONGEST_NAME) for name in names]
    return [f"{place}: {name}" if short.count(name) > 1 else name for place, name in enumerate(short, start=1)]


def _short(name: object, longest: int = LONGEST_LABEL) -> str:
    """Return a class or a column's name as figures show it."""
    return str(name) if len(str(name)) <= longest else f"{str(name)[: longest - 1]}…"


def _format_rows(rows: int, dropped: int) -> str:
    return f"{rows:,} complete rows of {rows + dropped:,}" if dropped else f"{rows:,} rows"


def _sample_sentence(rows: int, shown: int, features: list[str], dropped: int) -> str:
    rest = _format_rows(rows, dropped)
    text = f"All {rest}." if rows == shown else f"A random sample of {shown:,} of {rest}."
    if len(features) > MOST_FEATURES:
        text += f" The first {MOST_FEATURES} of {len(features)} numeric features."
    return text
