"""Reading YAML strictly: what a slip of the pen makes of it is an error in one line."""

from pathlib import Path
from typing import Any

import yaml

from lrstudy.files.errors import StudyError
from lrstudy.plan.checking import kind


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
