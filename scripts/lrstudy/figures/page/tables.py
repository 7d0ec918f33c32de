"""A study's tables on one page that opens in a report: no scripts, and every text from data or config escaped."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from html import escape
from itertools import islice

from lrstudy.figures.page import words
from lrstudy.statistics import answer, comparisons, summary

STYLE = (
    "body{font:1rem/1.4 system-ui,'DejaVu Sans',sans-serif;margin:1rem 2rem;color:#1b1b1b;background:#fff}"
    "table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums}"
    "div{overflow-x:auto;max-width:100%}th,td{padding:.15rem .6rem;text-align:left;border-bottom:1px solid #e4e4e4;"
    "vertical-align:top}td{overflow-wrap:anywhere}td:first-child{white-space:nowrap}p{max-width:48rem}"
)
MOST_ROWS = 600  # of one table; its file has the others

# The study's files by name, the heading of each table, and the text above it.
HEADINGS = {
    "recommendations": ("Side by side", "The recommended learning rate of each study on each dataset."),
    "recommendation": ("Recommendation", "Which learning rate to use, how sure that is and what others cost."),
    "summary": ("Statistics over seeds", "A row per training, after the last epoch."),
    "comparisons": ("Comparisons", "Every pair compared seed by seed; p values are Holm-corrected."),
    "budget": ("Budget", "The best learning rate after each number of epochs."),
    "finder": ("Learning-rate finders", "What each rule suggests, seed by seed; regret is the loss above the best's."),
    "variance": (
        "Sources of variance",
        "What split, weights, order and their interactions contribute to the variance.",
    ),
    "history": ("History of seed 0", "The lecture's table: a row per epoch."),
    "scores": ("Baselines", "Accuracy in each fold of a 3-fold cross-validation over all rows, or a sample of 20,000."),
    "overview": ("The table", "What is in the data."),
}
MEANT = {"summary": summary.COLUMNS, "comparisons": comparisons.COLUMNS}


def page(title: str, texts: Mapping[str, str]) -> str:
    """Return the page; `texts` holds the contents of CSV and JSON files by the names in `HEADINGS`."""
    parts = [_part(name, texts[name]) for name in HEADINGS if name in texts and not _empty(texts[name])]
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    body = f"<h1>{escape(title)}</h1>{''.join(parts)}"
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def _empty(text: str) -> bool:
    """Return whether a CSV file has a header alone, or a JSON file only the `reason` why it says no more."""
    return "reason" in json.loads(text) if text.startswith("{") else text.count("\n") < 2


def _part(name: str, text: str) -> str:
    heading, text_above = HEADINGS[name]
    if text.startswith("{"):
        head, rows = ["key", "value", "meaning"], list(_flat(json.loads(text, parse_float=_rounded)))
        meant, more = {}, 0
    else:
        head, rows, more = _csv(text, heads=2 if name == "history" else 1)
        meant = MEANT.get(name, {})
    text_above += f" The first {MOST_ROWS} of {len(rows) + more:,} rows; {name}.csv has them all." if more else ""
    return f"<h2>{heading}</h2><p>{text_above}</p>{_table(head, rows, meant)}"


def _csv(text: str, heads: int) -> tuple[list[str], list[list[str]], int]:
    """Return a table's head, its levels joined, its first rows, and how many more there are.

    Below two levels stands the name of the first column.
    """
    reader = csv.reader(io.StringIO(text, newline=""))
    head = next(reader)
    if heads == 2:
        head = [" ".join(each) for each in zip(head, next(reader), strict=True)]
        head[0] = next(reader)[0]
    return head, list(islice(reader, MOST_ROWS)), sum(1 for _ in reader)


def _flat(found: Mapping) -> list[list[str]]:
    """Return the keys and values of a JSON file, with what a recommendation's mean."""
    first = {"sentence": found["sentence"]} if "sentence" in found else {}
    known = {**first, **{key: value for key, value in found.items() if key != "by"}}  # whose answers the page has
    return [[key, _value(value), answer.KEYS.get(key, "")] for key, value in known.items()]


def _rounded(text: str) -> float:
    return float(f"{float(text):.4g}")


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], meant: Mapping[str, str]) -> str:
    heads = "".join(
        f'<th scope="col" title="{escape(meant.get(name, ""))}">{escape(words.readable_name(name))}</th>'
        for name in head
    )
    body = "".join(f"<tr>{''.join(f'<td>{escape(_shown(cell))}</td>' for cell in row)}</tr>" for row in rows)
    return f"<div><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"


def _shown(cell: str) -> str:
    """Return a number with four digits, any other text as it is."""
    try:
        number = float(cell)
    except ValueError:
        return cell
    return cell if len(cell) < 8 else f"{number:.4g}"
