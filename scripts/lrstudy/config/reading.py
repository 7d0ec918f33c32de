"""Reading YAML strictly, and holding it to a JSON schema: a slip ends in one line that says what would be right."""

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from lrstudy.errors import StudyError
from lrstudy.labels import plain


class _StrictLoader(yaml.SafeLoader):
    """YAML as `safe_load` reads it, but a key that stands twice is an error.

    It is parsed in Python: libyaml, which is faster, overflows the stack on deep nesting.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str | int | float | bool | None):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a plain word", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: str | Path) -> Any:
    """Return the content of a YAML file.

    Raises `StudyError` for a file that is missing, unreadable, not UTF-8, not YAML, or has a key twice.
    """
    try:
        with open(path, encoding="utf-8") as stream:
            return yaml.load(stream, Loader=_StrictLoader)
    except FileNotFoundError:
        raise StudyError(f"{path}: there is no such file") from None
    except UnicodeDecodeError:
        raise StudyError(f"{path}: not UTF-8 text") from None
    except OSError as error:
        raise StudyError(f"{path}: {error.strerror}") from None
    except yaml.MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 1}" if error.problem_mark else "somewhere"
        raise StudyError(f"{path}: {where}: not valid YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # as for control characters, or 30 February
        raise StudyError(f"{path}: not valid YAML: {' '.join(str(error).split())[:200]}") from None


def line_of(path: str | Path, *keys: str) -> int | None:
    """Return the line, counted from 1, in which the last of nested keys of a YAML file stands, None without it."""
    with open(path, encoding="utf-8") as stream:
        node, mark = yaml.compose(stream, Loader=_StrictLoader), None
    for key in keys:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        node, mark = next(((value, name.start_mark) for name, value in pairs if name.value == key), (None, None))
    return mark.line + 1 if mark else None


def read_mapping(path: str | Path) -> dict:
    """Return the content of a YAML file of keys and values; raises `StudyError` for any other."""
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise StudyError(f"{path}: is {kind(content)}; it should be a mapping of keys to values")
    return content


TEXTS = ("title", "description", "citation", "licence", "doi")  # what the report and the page print
COMMAND_LINE = "--config"  # what is blamed in place of a file for what was given there


def check(value: Any, schema: dict, path: str | Path, given: Mapping | None = None) -> Any:
    """Return the value with its whole numbers as integers, where the JSON `schema` asks for such: 20 for 20.0.

    Raises `StudyError` naming `path` and the key unless the value satisfies the schema; what stands in `given`, the
    command line's own part of the value, is blamed on the command line.
    """
    if keys := _first(value, lambda _, item: isinstance(item, float) and not math.isfinite(item)):
        raise StudyError(
            f"{blamed(keys, path, given)}: {_dotted(keys)}: not a number that can be used; write a finite one"
        )
    validator = jsonschema.Draft202012Validator(schema)
    error = jsonschema.exceptions.best_match(validator.iter_errors(_with_text_keys(value)))
    if error is not None:
        raise StudyError(f"{blamed(_keys(error), path, given)}: {_explain(error)}")
    if keys := _first(value, lambda key, item: key in TEXTS and isinstance(item, str) and not item.isprintable()):
        said = "has a line break or a character that cannot be printed; write it on one line"
        raise StudyError(f"{blamed(keys, path, given)}: {_dotted(keys)}: {said}")
    return _whole(value, schema, schema)


def blamed(keys: Sequence, path: str | Path, given: Mapping | None) -> str | Path:
    """Return where the value under these keys comes from: the command line, or the file `path`."""
    here = given
    for key in keys:
        if not isinstance(here, Mapping):
            break
        if key not in here:
            return path
        here = here[key]
    return COMMAND_LINE if given and keys else path


def _keys(error: jsonschema.ValidationError) -> list:
    """Return the keys that lead to an error, an unknown key among them."""
    keys = list(error.absolute_path)
    if error.validator == "additionalProperties":
        keys.append(next(name for name in error.instance if name not in error.schema.get("properties", {})))
    return keys


def _whole(value: Any, schema: dict | bool | None, root: dict) -> Any:
    """Return a value with the floats that are whole as integers, wherever the schema asks for an integer."""
    if not isinstance(schema, dict):
        return value
    if "$ref" in schema:
        target = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return _whole(value, target, root)
    for branch in schema.get("anyOf", ()):
        value = _whole(value, branch, root)
    if isinstance(value, dict):
        named, others = schema.get("properties", {}), schema.get("additionalProperties")
        return {key: _whole(item, named.get(key, others), root) for key, item in value.items()}
    if isinstance(value, list):
        first, rest = schema.get("prefixItems", []), schema.get("items")
        return [_whole(item, first[at] if at < len(first) else rest, root) for at, item in enumerate(value)]
    asked = schema.get("type") == "integer" and isinstance(value, float)
    return int(value) if asked else value


def _with_text_keys(value: Any) -> Any:
    """Return a value with the keys that JSON, and so a JSON schema, knows: YAML also has numbers and dates there."""
    if isinstance(value, dict):
        return {str(key): _with_text_keys(item) for key, item in value.items()}
    return [_with_text_keys(item) for item in value] if isinstance(value, list) else value


def _first(value: Any, odd: Callable, keys: tuple = ()) -> tuple | None:
    """Return the keys of the first value within `value` that is `odd`, a function of its key and itself, or None."""
    if odd(keys[-1] if keys else None, value):
        return keys
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return next(filter(None, (_first(item, odd, (*keys, key)) for key, item in items)), None)


def _dotted(keys: Sequence) -> str:
    return ".".join(map(named, keys)) or "the file"


def named(key: object) -> str:
    """Return a key as messages show it: on one line."""
    text = str(key)
    return text if text.isprintable() else repr(text)


def _explain(error: jsonschema.ValidationError) -> str:
    """Return one line for a schema error: where, what is wrong and what would be right."""
    key = _dotted(error.absolute_path)
    found, wanted = error.instance, error.validator_value
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        unknown = next(name for name in found if name not in known)
        where = f"{key}." if error.absolute_path else ""
        return f"{where}{named(unknown)}: unknown key; {nearest(str(unknown), known)}"
    if error.validator == "required":
        return f"{key}: the key {next(name for name in wanted if name not in found)!r} is missing"
    if error.validator == "type" and wanted in ("number", "integer") and (number := text_of_a_number(found)):
        return f"{key}: {found!r} is text to YAML; write {number}"
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
        "pattern": PATTERNS.get(_pattern_of(error), error.message),
    }
    shown = repr(found) if len(repr(found)) <= 60 else repr(found)[:57] + "…"
    return f"{key}: {shown} {messages.get(error.validator, error.message)}"


def _pattern_of(error: jsonschema.ValidationError) -> str:
    """Return the key whose pattern a text does not match; that of a network's `file` is a path's."""
    keys = list(error.absolute_path)
    return "path" if keys[:1] == ["networks"] else str(keys[-1]) if keys else ""


# What is wrong with a text that does not match a schema's pattern, by its key.
PATTERNS = {
    "title": "has a character that the report would take for markup; leave out < > ` * | \\ and _ at a word's end",
    "sha256": "is not a SHA-256; write its 64 hexadecimal digits in small letters",
    "table_sha256": "is not a SHA-256; write its 64 hexadecimal digits in small letters",
    "file": "is not the plain name of a file",
    "url": "is not an address; write https://…",
    "path": "has a brace, which Snakemake would take for a wildcard; rename the file",
}


def kind(value: Any) -> str:
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


def _kinds(wanted: str | list[str]) -> str:
    words = {
        "integer": "a whole number", "number": "a number", "string": "text", "array": "a list",
        "object": "a mapping", "boolean": "true or false", "null": "empty",
    }  # fmt: skip
    return " or ".join(words[name] for name in ([wanted] if isinstance(wanted, str) else wanted))


def text_of_a_number(value: Any) -> str | None:
    """Return how YAML wants a number that it takes for text, such as 0.001 for 1e-3, or None for anything else."""
    try:
        number = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return plain(int(number)) if number.is_integer() and abs(number) < 1e15 else plain(number)


def nearest(word: str, known: Iterable[object]) -> str:
    """Return 'did you mean …?' for a near miss, else the list of what is known."""
    names = [str(name) for name in known]
    close = difflib.get_close_matches(word, names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(sorted(names)) or 'none'}"


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def check_name(name: object, where: str) -> str:
    """Return `name` if it is safe as a folder's name; raises `StudyError` that starts with `where` if not."""
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    shown = repr(name) if len(repr(name)) <= 40 else repr(name)[:39] + "…"
    raise StudyError(
        f"{where}: {shown} cannot name a folder; use up to 64 letters, digits, '_' and '-', the first a letter or digit"
    )
