"""Whether a value satisfies a JSON schema; where it does not, one line that names the key and what would be right."""

import difflib
import math
from pathlib import Path

import jsonschema

from lrstudy.files.errors import StudyError
from lrstudy.files.labels import plain


def check(value, schema: dict, path: str | Path) -> None:
    """Raise `StudyError` naming `path` and the key unless `value` satisfies the JSON `schema`."""
    if key := _not_finite(value):
        raise StudyError(f"{path}: {key}: not a number that can be used; write a finite one")
    validator = jsonschema.Draft202012Validator(schema)
    error = jsonschema.exceptions.best_match(validator.iter_errors(_with_text_keys(value)))
    if error is not None:
        raise StudyError(f"{path}: {_explain(error)}")


def _with_text_keys(value):
    """Return a value with the keys that JSON, and so a JSON schema, knows: YAML also has numbers and dates there."""
    if isinstance(value, dict):
        return {str(key): _with_text_keys(item) for key, item in value.items()}
    return [_with_text_keys(item) for item in value] if isinstance(value, list) else value


def _not_finite(value, key: str = "") -> str | None:
    """Return the key of a NaN or infinity, which JSON schemas let pass, or None."""
    if isinstance(value, float):
        return None if math.isfinite(value) else key
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = (_not_finite(item, f"{key}.{name}".lstrip(".")) for name, item in items)
    return next((key for key in found if key is not None), None)


def _explain(error: jsonschema.ValidationError) -> str:
    """Return one line for a schema error: where, what is wrong and what would be right."""
    key = ".".join(map(str, error.absolute_path)) or "the file"
    found, wanted = error.instance, error.validator_value
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        unknown = next(name for name in found if name not in known)
        where = f"{key}." if error.absolute_path else ""
        return f"{where}{unknown}: unknown key; {nearest(str(unknown), known)}"
    if error.validator == "required":
        return f"{key}: the key {next(name for name in wanted if name not in found)!r} is missing"
    if error.validator == "type" and isinstance(found, str) and wanted in ("number", "integer") and _is_number(found):
        return f"{key}: {found!r} is text to YAML; write {plain(float(found))}"
    messages = {
        "type": f"is {kind(found)}; it should be {_kinds(wanted)}" if error.validator == "type" else "",
        "anyOf": f"is not what is wanted here: {error.schema.get('description', 'see config/README.md')}",
        "enum": f"should be one of {', '.join(map(str, wanted))}" if error.validator == "enum" else "",
        "minItems": "is an empty list; give at least one value" if not found else f"should have {wanted} values",
        "maxItems": f"has too many values; at most {wanted}",
        "minProperties": "is empty; give at least one key",
        "maxProperties": f"has too many keys; at most {wanted}",
        "uniqueItems": "has a value twice; write each once",
        "exclusiveMinimum": f"should be greater than {wanted}",
        "minimum": f"should be at least {wanted}",
        "exclusiveMaximum": f"should be less than {wanted}",
        "maximum": f"should be at most {wanted}",
        "not": "does not belong here; leave it out",
        "minLength": "is empty; write something",
        "maxLength": f"is too long; at most {wanted} characters",
        "pattern": PATTERNS.get(error.absolute_path[-1] if error.absolute_path else "", error.message),
    }
    shown = repr(found) if len(repr(found)) <= 60 else repr(found)[:57] + "…"
    return f"{key}: {shown} {messages.get(error.validator, error.message)}"


# What is wrong with a text that does not match a schema's pattern, by its key.
PATTERNS = {
    "title": "has a character that the report would take for markup; leave out < > ` * | \\ and _ at a word's end",
    "sha256": "is not a SHA-256; write its 64 hexadecimal digits in small letters",
    "table_sha256": "is not a SHA-256; write its 64 hexadecimal digits in small letters",
    "file": "is not the plain name of a file",
    "url": "is not an address; write https://…",
    "path": "has a brace, which Snakemake would take for a wildcard; rename the file",
}


def kind(value) -> str:
    """Return what a value is, in words."""
    kinds = {
        bool: "true or false",
        int: "a whole number",
        float: "a number",
        str: "text",
        list: "a list",
        dict: "a mapping",
    }
    return kinds.get(type(value), "empty")


def _kinds(wanted) -> str:
    words = {
        "integer": "a whole number", "number": "a number", "string": "text", "array": "a list",
        "object": "a mapping", "boolean": "true or false", "null": "empty",
    }  # fmt: skip
    return " or ".join(words[name] for name in ([wanted] if isinstance(wanted, str) else wanted))


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def nearest(word: str, known) -> str:
    """Return 'did you mean …?' for a near miss, else the list of what is known."""
    known = [str(name) for name in known]
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(sorted(known)) or 'none'}"
