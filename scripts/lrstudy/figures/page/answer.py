"""What the page takes from `recommendation.json` and `budget.csv`; the only place here that knows their keys.

A key that is not there, or null, is absent from the page.
"""

from collections.abc import Sequence

from lrstudy.io import jsonable

BESIDE = ("sure", "not_worse")  # what `at` says beside the best value of a second setting


def of(recommendation: dict | None) -> dict | None:
    """Return the answer of a study and, under `by`, that of each value of a second setting (one, "", without one)."""
    if recommendation is None or "reason" in recommendation:
        return None
    by = recommendation.get("by") or {"": recommendation}
    return {
        "sentence": recommendation["sentence"],
        "at": next((str(value) for name, value in (recommendation.get("at") or {}).items() if name not in BESIDE), ""),
        "by": {str(label): _one(each) for label, each in by.items()},
        "costs": [cost for cost in recommendation.get("costs") or [] if cost.get("learning_rate") is not None],
        "split": recommendation.get("split"),
    }


def _one(answer: dict) -> dict:
    return {
        "sentence": answer.get("sentence"),
        "recommended": answer.get("recommended"),
        "good_range": answer.get("good_range"),
        "limit": answer.get("limit"),
        "new_rows": (answer.get("new_rows") or {}).get("interval"),
    }


def budget(rows: Sequence[dict[str, str]] | None, other: str | None) -> dict[str, list]:
    """Return, for each value of the second setting (`other`), [epoch, best, low, high, loss, loss_low, loss_high]."""
    found: dict[str, list] = {}
    for row in rows or []:
        numbers = [_number(row.get(name)) for name in ("best", "low", "high", "loss", "loss_low", "loss_high")]
        found.setdefault(row[other] if other else "", []).append([int(row["epoch"]), *numbers])
    return found


def _number(text: str | None) -> float | None:
    return jsonable(float(text)) if text else None
