"""The page: texts, numbers and scripts, put into one file that needs nothing else."""

import base64
import hashlib
import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

from lrstudy import labels
from lrstudy.figures.page import answer, numbers, settings, words
from lrstudy.io import jsonable
from lrstudy.labels import METRICS
from lrstudy.statistics import reference
from lrstudy.statistics.trainings import Training

HERE = Path(__file__).parent
SCRIPTS = ("state.js", "charts.js", "overview.js", "descent.js", "table.js", "page.js")
LARGEST = 1_480_000  # bytes: Chromium opens no larger page in Snakemake's report than some 1.57 MB
MOST_TRAININGS = 500  # that a page shows


def page(trainings: Sequence[Training], files: dict, study: dict) -> str:
    """Return the page of a study as HTML.

    `files` holds the contents of the study's files: `summary` (rows as text), `provenance`, and, or None,
    `recommendation`, `budget` (rows as text), `descent` (what `statistics.descent.describe` returns), `paths` (rows as
    text) and `overview`; `vega` is what `vega.script` returns, `made` lists command, commit and versions, and
    `reference` has the rows of reference.csv, none where nobody asked for it.
    """
    kept = _shown(trainings, study["vary"])
    summary = words.rows_of([files["summary"][place] for place in kept])
    trainings = [trainings[place] for place in kept]
    found = answer.of(files["recommendation"])
    over, other = axes(study["vary"], trainings)
    facts = {
        "over": over,
        "other": other,
        "values": [_value(training, over) for training in trainings],
        "groups": [str(training.setting.get(other, "")) for training in trainings],
        "failed": [float(row["failed_share"]) for row in summary],
        "failedLow": [float(row["failed_share_low"]) for row in summary],
        "failedHigh": [float(row["failed_share_high"]) for row in summary],
        "seeds": study["seeds"],
        "confidence": study["statistics"]["confidence"],
        "answers": found["by"] if found else {},
        "at": found["at"] if found else "",
        "budget": answer.budget(files["budget"], other if other else None),
        "metrics": METRICS,
        "fields": numbers.FIELDS,
        "descent": _descent(files["descent"], files["paths"]),
    }
    texts = {
        "title": escape(f"{study['title']}: {labels.named(study['dataset'], study['simulated'])}"),
        "lede": settings.lede(found, summary, study),
        "warnings": words.paragraphs(settings.warnings(files), "warning"),
        "costs": words.costs(found["costs"], study["statistics"]["confidence"], _format_second_setting(found, other))
        if found
        else "",
        "table": words.table(summary, study["vary"], _recommended(facts)),
        "cut": words.paragraphs(_shortened_sentence(len(files["summary"]), len(summary))),
        "settings": words.definitions(settings.of(study)),
        "data_words": words.definitions(settings.data(study, files["provenance"])),
        "made": words.definitions(files["made"]),
        "reference": words.paragraphs([reference.sentence(files["reference"])] if files["reference"] else []),
        "pandas": escape(words.pandas_lines(f"results/{study['name']}/studies/{study['study']}", study["vary"])),
        "file": escape(f"{study['name']}_{study['study']}.csv"),
        "reason": words.paragraphs([files["descent"]["reason"]] if (files["descent"] or {}).get("reason") else []),
    }
    return _filled(texts, facts, files["vega"], trainings, study["statistics"])


def _shown(trainings: Sequence[Training], vary: Sequence[str]) -> list[int]:
    """Return the places of the trainings that the page has room for: all, or evenly some."""
    step = -(-len(trainings) // MOST_TRAININGS)
    return list(range(0, len(trainings), step))


def _shortened_sentence(all_of_them: int, shown: int) -> list[str]:
    if shown == all_of_them:
        return []
    return [f"{shown:,} of {all_of_them:,} trainings, evenly chosen; summary.csv has them all."]


def _format_second_setting(found: dict, other: str | None) -> str:
    """Return the value of the second setting whose rate the answer recommends, with that one's name."""
    return f"{words.readable_name(other)} {found['at']}" if other and found["at"] else ""


def axes(vary: Sequence[str], trainings: Sequence[Training]) -> tuple[str, str | None]:
    """Return over which varied setting the charts are drawn, and which has a line for each of its values."""
    over = "learning_rate" if "learning_rate" in vary else vary[-1]
    return over, next((name for name in vary if name != over), None)


def _value(training: Training, over: str) -> float | str:
    value = training.setting[over]
    return value if over == "learning_rate" else str(value)


def _recommended(facts: dict) -> list[int]:
    """Return the places of the recommended trainings, one for each value of a second setting."""
    places = enumerate(zip(facts["values"], facts["groups"], strict=True))
    wanted = {group: each["recommended"] for group, each in facts["answers"].items()}
    return [place for place, (value, group) in places if wanted.get(group) == value]


def _descent(facts: dict | None, paths: list[dict[str, str]] | None) -> dict | None:
    """Return what the picture of descent needs: its facts, and for each rate its path as [first, second, loss]."""
    if not facts or "reason" in facts:
        return None
    rates: dict[float, list] = {}
    for row in paths or []:
        point = [float(f"{float(row[name]):.4g}") for name in ("first_weight", "second_weight", "loss")]
        rates.setdefault(float(row["learning_rate"]), []).append(point)
    return {**facts, "rates": list(rates), "paths": list(rates.values())}


def _filled(texts: dict, facts: dict, library: str, trainings: Sequence[Training], options: dict) -> str:
    """Return the template with everything in its place, the seeds' curves as far as there is room for them."""
    scripts = [library, "".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)]
    scripts = [script.replace("</script", "<\\/script").replace("<!--", "<\\!--") for script in scripts]
    parts = {
        **texts,
        "policy": " ".join(f"'sha256-{_digest(script)}'" for script in scripts),
        "style": (HERE / "page.css").read_text(encoding="utf-8"),
        "library": scripts[0],
        "scripts": scripts[1],
    }
    template = (HERE / "page.html").read_text(encoding="utf-8")
    room = LARGEST - sum(len(text.encode()) for text in (template, *parts.values(), _data(facts)))
    epochs = numbers.epochs_shown(max(training.epochs for training in trainings), len(trainings), room)
    values = numbers.packed(numbers.statistics_of(trainings, epochs, options))
    seeds = numbers.seeds_of(trainings, epochs, room - len(values))
    numbered = {"epochs": epochs, "statistics": values, "curves": numbers.packed(seeds), "shown": seeds.shape[-1]}
    return fill(template, {**parts, "data": _data({**facts, **numbered})})


def fill(template: str, parts: dict[str, str]) -> str:
    """Return `template` with each `{{name}}` replaced by its part; what stands in a part stays as it is."""
    pieces = template.split("{{")
    return pieces[0] + "".join(parts[name] + rest for name, _, rest in (piece.partition("}}") for piece in pieces[1:]))


def _data(facts: dict) -> str:
    """Return JSON that no text within can end: < is written as a number."""
    return json.dumps(jsonable(facts), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
