"""The page's tables and sentences as HTML: every text from data or config is escaped here, and nowhere else."""

import math
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from html import escape

from lrstudy import labels

PANDAS = """\
import pandas as pd

folder = {folder!r}

# A row per training: statistics over its seeds.
summary = pd.read_csv(folder + "/summary.csv")
print(summary[{shown!r}])

# A row per seed and epoch; epoch -1 is before training.
histories = pd.read_parquet(folder + "/histories.parquet")
last = histories.groupby({by!r}).last()
losses = last.groupby({vary!r})["val_loss"]
print(losses.agg(["mean", "median", "max"]))"""

# The columns of the table: those of `summary.csv`, and how they are called and explained.
COLUMNS = {
    "val_loss_mean": (
        "loss",
        "mean validation loss after the last epoch, each seed's capped at its own before training",
    ),
    "val_loss_mean_low": ("from", "lower bound of the mean loss"),
    "val_loss_mean_high": ("to", "upper bound of the mean loss"),
    "times_best": ("× best", "mean loss as a multiple of the lowest of the table"),
    "val_loss_new_rows_low": ("new rows, from", "lower bound of the loss on new rows from the same source"),
    "val_loss_new_rows_high": ("to", "upper bound of the loss on new rows from the same source"),
    "val_loss_median": ("median loss", "median validation loss, not capped"),
    "val_accuracy_median": ("accuracy", "median share of test rows that are right after the last epoch"),
    "val_accuracy_q05": ("5 %", "5 % of the seeds are at most this accurate"),
    "val_accuracy_q95": ("95 %", "95 % of the seeds are at most this accurate"),
    "failed": ("failed", "seeds whose loss was not finite, or whose training got nowhere or worse"),
    "epochs_to_target": ("epochs", "epochs until half the seeds have reached the target loss; empty if they do not"),
}


def readable_name(name: str) -> str:
    """Return the name of a setting or a column with spaces, as the page shows it."""
    return name.replace("_", " ")


def short(value: float | None) -> str:
    """Return a number with three digits, the way people write it; nothing for none."""
    if value is None or math.isnan(value):
        return ""
    if math.isinf(value):
        return "not finite"
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.3g}" if 1e-4 <= abs(value) < 1e6 else f"{value:.2e}"


def rows_of(summary: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Return the rows of the table: those of the summary, with `times_best` and `failed`, all as text."""
    losses = [float(row["val_loss_mean"] or "nan") for row in summary]
    best = min((loss for loss in losses if loss == loss and loss > 0), default=float("nan"))
    return [
        {
            **row,
            "times_best": str(loss / best),
            "failed": str(round(float(row["failed_share"]) * int(row["seeds"]))),
        }
        for row, loss in zip(summary, losses, strict=True)
    ]


def table(rows: Sequence[dict[str, str]], vary: Sequence[str], recommended: Sequence[int]) -> str:
    """Return the table of every training; a row's first cell is a button that the charts listen to.

    Each cell is a `<data>` element with the exact value, by which a script sorts and which the download has.
    `recommended` are the places of the recommended trainings.
    """
    columns = [name for name in COLUMNS if any(row.get(name) for row in rows)]
    heads = [(name, readable_name(name), "") for name in vary] + [(name, *COLUMNS[name]) for name in columns]
    head = "".join(
        f'<th scope="col" data-name="{escape(name)}" title="{escape(why)}">'
        f'<button type="button">{escape(heading)}</button></th>'
        for name, heading, why in heads
    )
    body = "".join(
        _row(place, row, [*vary, *columns], len(vary), place in recommended) for place, row in enumerate(rows)
    )
    return f'<table id="rates"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _row(place: int, row: dict[str, str], columns: Sequence[str], varied: int, recommended: bool) -> str:
    """Return the row of a training; the first `varied` columns are its settings."""
    cells = []
    for column, name in enumerate(columns):
        text = row.get(name, "")
        number = _as_number(text)
        shown = escape(text if column < varied or number is None else short(number))
        if name == "learning_rate" and number is not None:
            shown = escape(labels.plain(number).removesuffix(".0"))
        inside = f'<data value="{escape(text)}">{shown}</data>'
        if column == varied - 1:
            star = ' <span class="star" title="recommended">★<span class="unseen"> recommended</span></span>'
            inside = f'<button type="button" class="show">{inside}</button>{star if recommended else ""}'
        cells.append(f'<th scope="row">{inside}</th>' if column < varied else f"<td>{inside}</td>")
    mark = ' class="recommended"' if recommended else ""
    return f'<tr data-place="{place}"{mark}>{"".join(cells)}</tr>'


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def costs(found: Sequence[dict], confidence: float, second_setting: str = "") -> str:
    """Return the table of what a wrong rate costs, or nothing where that is not known.

    `second_setting` is the value of a second setting that the recommended rate belongs to, such as `batch size 16`.
    """
    if not found:
        return ""
    rows = []
    for cost in found:
        factor = Fraction(str(cost["factor"])).limit_denominator(100)
        times = f"÷ {round(1 / factor)}" if factor < 1 else f"× {round(factor)}"
        cells = [
            labels.plain(float(f"{cost['learning_rate']:.4g}")).removesuffix(".0"),
            _format_with_interval(cost.get("loss_ratio"), cost.get("loss_ratio_interval"), "× ", ""),
            _format_with_interval(
                cost.get("accuracy_points"), cost.get("accuracy_points_interval"), "", " points", points
            ),
            _format_with_interval(cost.get("failed"), cost.get("failed_interval"), "", " %", percent),
        ]
        rows.append(f'<tr><th scope="row">{times}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>')
    heads = ("the rate", "that is", "loss", "accuracy", "seeds that fail")
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    note = f"In brackets: {100 * confidence:g} % intervals." + (
        f" With {second_setting}, as above." if second_setting else ""
    )
    return (
        '<section aria-labelledby="costs"><h2 id="costs">What a wrong rate costs</h2><div class="scroll"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div><p>{escape(note)}</p></section>"
    )


def points(value: float) -> str:
    """Return percentage points with their sign."""
    return f"{value:+.1f}".replace("-", "−")


def percent(share: float) -> str:
    """Return a share of 1 as a percentage, without its sign."""
    return f"{100 * share:.3g}"


def _format_with_interval(
    value: float | None,
    interval: Sequence | None,
    before: str,
    after: str,
    format_number: Callable[[float], str] = short,
) -> str:
    if value is None:
        return "not measured"
    text = f"{before}{format_number(value)}{after}"
    return (
        f"{text} ({format_number(interval[0])} to {format_number(interval[1])})"
        if interval and None not in interval
        else text
    )


def definitions(pairs: Iterable[tuple[str, str]]) -> str:
    """Return names and their texts as a list."""
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in pairs) + "</dl>"


def paragraphs(texts: Iterable[str], kind: str = "") -> str:
    """Return each text as a paragraph."""
    mark = f' class="{kind}"' if kind else ""
    return "".join(f"<p{mark}>{escape(text)}</p>" for text in texts)


def pandas_lines(folder: str, vary: Sequence[str]) -> str:
    """Return lines that read a study's files, as they may be pasted into Python from the project's folder."""
    return PANDAS.format(
        folder=folder, vary=list(vary), by=[*vary, "seed"], shown=[*vary, "val_loss_mean", "failed_share"]
    )
