"""What to run: the config and the study files, checked and spelled out into trainings.

Read by the Snakefile at every start, so it imports nothing heavy. Every mistake raises `StudyError` with one
line that names the file and the key.
"""

import difflib
import itertools
import math
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import yaml

from lrstudy.files.errors import StudyError
from lrstudy.files.labels import SETTINGS, plain
from lrstudy.plan.names import check_name

# Where each setting that is a name is defined in the config.
DEFINED_IN = {"network": "networks", "optimizer": "optimizers", "initializer": "initializers"}

ORIGINS = ("file", "path", "url", "openml", "sklearn")  # where a dataset comes from; a source has one of these keys


@dataclass(frozen=True)
class Study:
    """A set of trainings: the names of the varied settings and, in the config's order, the trainings' settings."""

    name: str
    title: str
    vary: tuple[str, ...]
    trainings: tuple[dict, ...]


class _StrictLoader(yaml.SafeLoader):
    """YAML as `safe_load` reads it, but a key that stands twice is an error.

    It is parsed in Python: libyaml, which is faster, overflows the stack on deep nesting.
    """

    def construct_mapping(self, node, deep=False):
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


def read_yaml(path: str | Path):
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


def read_mapping(path: str | Path) -> dict:
    """Return the content of a YAML file of keys and values; raises `StudyError` for any other."""
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise StudyError(f"{path}: is {_kind(content)}; it should be a mapping of keys to values")
    return content


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
        "type": f"is {_kind(found)}; it should be {_kinds(wanted)}" if error.validator == "type" else "",
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


def _kind(value) -> str:
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


def spell_out(rates: list | dict) -> list[int | float]:
    """Return learning rates as a list; `{log: [a, b, n]}` is n rates from a to b, rounded to four digits."""
    if isinstance(rates, list):
        return rates
    first, last, count = rates["log"]
    step = (math.log(last) - math.log(first)) / (count - 1)
    return [float(f"{first * math.exp(step * place):.4g}") for place in range(count)]


def load_config(config: dict, schema: dict, path: str = "config/config.yaml") -> dict:
    """Return the config with the schema's defaults filled in; raises `StudyError` for what does not fit."""
    check(config, schema, path)
    config = {"max_trainings": schema["properties"]["max_trainings"]["default"], **config}
    names = [config["dataset"]] if isinstance(config["dataset"], str) else config["dataset"]
    for section in ("networks", "optimizers", "initializers"):
        for name in config[section]:
            check_name(name, f"{path}: {section}")
    _check_defined(config["defaults"], config, f"{path}: defaults")
    return {**config, "dataset": names}


def _check_defined(settings: dict, config: dict, where: str) -> None:
    for setting, section in DEFINED_IN.items():
        if setting in settings and settings[setting] not in config[section]:
            known = nearest(settings[setting], config[section])
            raise StudyError(f"{where}.{setting}: {settings[setting]!r} is not in {section} of the config; {known}")


def for_dataset(config: dict, name: str, entry: dict) -> dict:
    """Return the config with the network that a dataset's entry names, if it does, as the default one."""
    chosen = {"network": entry["network"]} if "network" in entry else {}
    _check_defined(chosen, config, f"config/datasets.yaml: {name}")
    return {**config, "defaults": {**config["defaults"], **chosen}}


def load_study(path: Path, schema: dict, config: dict) -> Study:
    """Return the study that a file describes; raises `StudyError` for what does not fit."""
    content = read_yaml(path)
    check(content, schema, path)
    vary, fixed = content["vary"], content.get("fixed", {})
    if both := set(vary) & set(fixed):
        raise StudyError(f"{path}: {both.pop()}: both varied and fixed; keep one of the two")
    values = [spell_out(vary[name]) for name in vary]
    for name, options in zip(vary, values, strict=True):
        if len(set(options)) < len(options):
            raise StudyError(f"{path}: vary.{name}: has a value twice; write each once")
    if math.prod(map(len, values)) > config["max_trainings"]:
        raise StudyError(
            f"{path}: vary: {math.prod(map(len, values)):,} trainings are more than max_trainings allows "
            f"({config['max_trainings']:,}); vary less, or raise max_trainings in config/config.yaml"
        )
    _check_defined(fixed, config, f"{path}: fixed")
    trainings = []
    for combination in itertools.product(*values):
        settings = {**config["defaults"], **fixed, **dict(zip(vary, combination, strict=True))}
        _check_defined({name: settings[name] for name in vary}, config, f"{path}: vary")
        trainings.append({name: settings[name] for name in SETTINGS})
    return Study(path.stem, content["title"], tuple(vary), tuple(trainings))


def load_studies(folder: Path, schema: dict, config: dict) -> dict[str, Study]:
    """Return every study of a folder by its file's name.

    Raises `StudyError` for a study that the config names and nobody wrote, and for too many trainings.
    """
    if other := sorted(folder.glob("*.yml")):
        raise StudyError(f"{other[0]}: a study's file ends in .yaml; rename it")
    paths = sorted(folder.glob("*.yaml"))
    for path in paths:
        check_name(path.stem, str(path))
    known = [path.stem for path in paths]
    for name in config["studies"]:
        if name not in known:
            raise StudyError(f"config/config.yaml: studies: there is no {folder}/{name}.yaml; {nearest(name, known)}")
    return {path.stem: load_study(path, schema, config) for path in paths}


def definitions(settings: dict, config: dict) -> dict:
    """Return a training's settings with its names replaced by what the config defines for them."""
    defined = {name: config[section][settings[name]] for name, section in DEFINED_IN.items()}
    return {**settings, **defined}


def load_datasets(path: Path, wanted: list[str], schema: dict) -> dict[str, dict]:
    """Return the registry's entries of the wanted datasets, each with a title.

    Raises `StudyError` for an unknown one, and for an entry that does not fit.
    """
    registry = read_yaml(path)
    check(registry, schema, path)
    for name in registry:
        check_name(name, str(path))
    for name in wanted:
        check_name(name, "config/config.yaml: dataset")
        if name not in registry:
            raise StudyError(f"config/config.yaml: dataset: {name!r} is not in {path}; {nearest(name, registry)}")
        _check_origins(registry[name], f"{path}: {name}")
        fallback = registry[name].get("fallback", name)
        if fallback not in registry:
            raise StudyError(f"{path}: {name}.fallback: {fallback!r} is no dataset; {nearest(fallback, registry)}")
    return {name: {"title": name.replace("_", " "), **registry[name]} for name in wanted}


def _check_origins(entry: dict, where: str) -> None:
    """Refuse an entry, or one of its sources, that does not say once where it comes from."""
    places = [(where, entry, (*ORIGINS, "standin", "sources"))]
    places += [(f"{where}.sources.{place}", source, ORIGINS) for place, source in enumerate(entry.get("sources", []))]
    for place, source, keys in places:
        found = [key for key in keys if key in source]
        if len(found) != 1:
            said = " and ".join(found) or "nothing"
            raise StudyError(f"{place}: {said} says where the data come from; give one of {', '.join(keys)}")
