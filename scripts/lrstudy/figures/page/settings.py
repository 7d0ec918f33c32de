"""The page's texts: the answer, what varied and what was held fixed, the data, and warnings."""

from collections.abc import Sequence

import yaml

from lrstudy import labels
from lrstudy.figures.page import words


def lede(answer: dict | None, summary: Sequence[dict[str, str]], study: dict) -> str:
    """Return the answer's sentences as HTML or, of a study without a rate to choose, what came out of it."""
    if answer:
        return words.paragraphs([answer["sentence"]], "answer")
    if len(summary) == 1:
        return words.paragraphs([_single_training_sentences(summary[0], study)], "answer")
    best = min(summary, key=lambda row: float(row["val_loss_mean"] or "inf"))
    name = ", ".join(f"{words.readable_name(each)} {best[each]}" for each in study["vary"])
    text = (
        f"Of {len(summary)} trainings the one with {name} ended with the lowest mean validation loss, "
        f"{_format_loss(best, study)}, over {study['seeds']} seeds. {labels.held_fixed(study)}"
    )
    caution = "Each value may have its own best learning rate: this compares them at one, and says so no further."
    return words.paragraphs([text], "answer") + words.paragraphs([caution])


def _single_training_sentences(row: dict[str, str], study: dict) -> str:
    middle, low, high = (f"{100 * float(row[f'val_accuracy_{name}']):.1f} %" for name in ("median", "q05", "q95"))
    return (
        f"Half of the {study['seeds']} seeds end with {middle} or more of the test rows right, and 90 % of them with "
        f"{low} to {high}. The mean validation loss is {_format_loss(row, study)}. {labels.held_fixed(study)}"
    )


def _format_loss(row: dict[str, str], study: dict) -> str:
    """Return the mean loss with its interval."""
    mean = words.short(float(row["val_loss_mean"] or "nan"))
    if not row["val_loss_mean_low"]:
        return mean
    low, high = (words.short(float(row[f"val_loss_mean_{end}"])) for end in ("low", "high"))
    return f"{mean} ({100 * study['statistics']['confidence']:g} % interval {low} to {high})"


def of(study: dict) -> list[tuple[str, str]]:
    """Return each setting with its values: what varied first, then what was held fixed."""
    found = []
    for name in study["vary"]:
        values = list(dict.fromkeys(labels.plain(training[name]) for training in study["trainings"]))
        varied = " (varied)" if len(values) > 1 else ""
        found.append((f"{words.readable_name(name)}{varied}", _format_values(values)))
    training = study["trainings"][0]
    fixed = [name for name in labels.SETTINGS if name not in study["vary"]]
    found += [(words.readable_name(name), labels.plain(training[name])) for name in fixed]
    found += [(f"{words.readable_name(name)} {each}", text) for (name, each), text in _format_definitions(study)]
    splits = {"one": ", all with one split", "each": ", each with a split of its own"}
    found.append(("seeds", f"{study['seeds']} for each training{splits.get(training.get('split'), '')}"))
    for name in ("split", "scaling"):
        found.append((name, ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in study[name].items())))
    return found


def _format_values(values: list[str]) -> str:
    return ", ".join(values) if len(values) <= 40 else f"{', '.join(values[:20])}, … ({len(values)} values)"


def _format_definitions(study: dict) -> list[tuple[tuple[str, str], str]]:
    """Return the config's definition of each network, optimizer and initializer that the study uses."""
    return [
        ((name, each), ", ".join(f"{key}: {_written(value)}" for key, value in content.items()))
        for name, defined in study["definitions"].items()
        for each, content in defined.items()
    ]


def _written(value: object) -> str:
    """Return a value of the config as YAML has it on one line."""
    return yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10**6).removesuffix("\n...\n").strip()


def data(study: dict, provenance: dict) -> list[tuple[str, str]]:
    """Return where the data come from, what may be done with them, and how to cite them."""
    provenance = {**provenance, **study["words"], "simulated": study["simulated"]}
    names = ("title", "description", "source", "licence", "citation", "doi", "rows", "table_sha256")
    headings = {"table_sha256": "SHA-256 of the table", "doi": "DOI"}
    pairs = [(headings.get(name, name), str(provenance[name])) for name in names if provenance.get(name)]
    columns = provenance.get("columns") or []
    return [*pairs, ("columns", _format_values(columns)), ("simulated", "yes")][
        : None if provenance.get("simulated") else -1
    ]


def warnings(files: dict) -> list[str]:
    """Return what was found suspicious in the data."""
    found = [each for name in ("provenance", "overview") for each in (files[name] or {}).get("warnings") or []]
    return list(dict.fromkeys(found))
