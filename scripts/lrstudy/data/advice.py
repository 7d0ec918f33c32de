"""What stands in the way of a table, and the keys of its entry that would settle it: all of it in one go."""

from collections.abc import Callable
from typing import Any, TypeVar

from lrstudy.errors import StudyError

T = TypeVar("T")

MOST_SHOWN = 20  # problems in one message
MOST_TRIES = 8  # an entry's problems come in layers: its delimiter, its numbers, its gaps, its categories

# Keys that say how a file is written; in an entry with several sources they stand with the source.
OF_THE_FILE = ("format", "delimiter", "comment", "decimal", "thousands", "units", "na_values", "columns")


class Problem(StudyError):
    """One thing wrong: `what` it is, words on what to do, and the `keys` of the entry that settle it, if any do."""

    def __init__(self, what: str, words: str = "", keys: dict | None = None):
        super().__init__(f"{what}; {words}" if words else what)
        self.what, self.keys = what, keys or {}


class Problems(StudyError):
    """Several things wrong at once."""

    def __init__(self, problems: list[StudyError]):
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def settle(attempt: Callable[[dict], T]) -> tuple[list[StudyError], dict, T | None]:
    """Return every problem of `attempt`, a function of keys to add to the entry, the keys that settle them, and what
    `attempt` returns with these.

    Each round's keys are tried at once, since a problem can hide others. Where a problem has no keys it stays.
    """
    found: dict[str, StudyError] = {}
    keys: dict = {}
    for _ in range(MOST_TRIES):
        try:
            return list(found.values()), keys, attempt(keys)
        except Problems as several:
            new = several.problems
        except StudyError as error:
            new = [error]
        found |= {getattr(error, "what", str(error)): error for error in new}
        better = keys
        for problem in new:
            better = merged(better, getattr(problem, "keys", {}))
        if better == keys:
            break
        keys = better
    return list(found.values()), keys, None


def merged(entry: dict, keys: dict) -> dict:
    """Return an entry with more keys; lists become longer, other values are replaced."""
    made = dict(entry)
    for key, value in keys.items():
        before: Any = made.get(key)
        both = isinstance(before, list) and isinstance(value, list)
        made[key] = [*before, *(item for item in value if item not in before)] if both else value
    return made


def told(problems: list[StudyError], keys: dict, cautions: list[str], name: str, entry: dict, source: dict) -> str:
    """Return one line for one problem; for several the list of them, and of cautions, and the entry to write."""
    if len(problems) == 1:
        return str(problems[0])
    shown = [f"  {getattr(problem, 'what', problem)}" for problem in problems[:MOST_SHOWN]]
    if len(problems) > MOST_SHOWN:
        shown.append(f"  … and {len(problems) - MOST_SHOWN} more")
    shown += [f"  to think of: {caution}" for caution in cautions[:MOST_SHOWN]]
    left = [problem for problem in problems if not getattr(problem, "keys", {})]
    rest = ", beside what only the file can mend" if left else ""
    lines = [f"{len(problems)} things to settle:", *shown]
    if keys:
        lines += [
            f"what settles them{rest}; write this entry into config/datasets.yaml in place of the old one:",
            _pasted(name, entry, keys, source),
        ]
    return "\n".join(lines)


def _pasted(name: str, entry: dict, keys: dict, source: dict) -> str:
    """Return the whole entry with the keys added, as YAML."""
    entry = {key: value for key, value in entry.items() if (key, value) != ("title", name.replace("_", " "))}
    if "sources" in entry:
        own = {key: value for key, value in keys.items() if key in OF_THE_FILE}
        keys = {key: value for key, value in keys.items() if key not in OF_THE_FILE}
        bare = {key: value for key, value in source.items() if key != "mirror"}
        entry["sources"] = [merged(each, own) if each == bare else each for each in entry["sources"]]
    lines = [f"{quoted(name)}:"]
    for key, value in merged(entry, keys).items():
        lines += [f"  {line}" for line in _line(key, value).splitlines()]
    return "\n".join(lines)


def _line(key: str, value: Any) -> str:
    if isinstance(value, str):
        return f"{key}: {quoted(value)}"
    of_texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return f"{key}: {listed(value)}" if of_texts else _yaml({key: value})


def _yaml(value: Any, **more: Any) -> str:
    import yaml  # here, for most tables need no advice

    more = {"default_flow_style": False, **more}
    return (
        yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=10_000, **more).removesuffix("...\n").strip()
    )


def listed(texts: list[str]) -> str:
    """Return texts as a list the way YAML has it on one line: `[Name, Ticket]`."""
    return f"[{', '.join(map(quoted, texts))}]"


def quoted(text: str) -> str:
    """Return a text the way YAML reads it back as one, in quotation marks where it must be: `";"`."""
    plain = _yaml([text], default_flow_style=True)[1:-1]
    return plain if plain == text and text[:1].isalnum() else _yaml(text, default_style='"')
