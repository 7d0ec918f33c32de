"""What networks, optimizers and initializers are made of, checked before the first job and without Keras.

Which classes and arguments there are stands in keras.json, which `scripts/tools/keras_arguments.py` makes from Keras;
which values make sense stands here. Each mistake raises `StudyError` with one line that names file, entry and key.
"""

import ast
import functools
import itertools
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lrstudy.config.reading import kind, named, nearest, text_of_a_number
from lrstudy.errors import StudyError
from lrstudy.labels import IN_EPOCHS, plain

REQUIRED = "required"


SHARE = (lambda value: 0 <= value < 1), "a number of at least 0 and less than 1"
PART = (lambda value: 0 <= value <= 1), "a number from 0 to 1"
ABOVE_0 = (lambda value: value > 0), "a number greater than 0"
AT_LEAST_0 = (lambda value: value >= 0), "a number of at least 0"


def _whole_from(least: int) -> Callable:
    return lambda value: float(value).is_integer() and value >= least


WHOLE = {least: (_whole_from(least), f"a whole number of at least {least}") for least in range(3)}

# What an argument's number may be; any other may be any finite number.
LIMITS: dict[str, tuple[Callable, str]] = {
    **dict.fromkeys(("momentum", "beta_1", "beta_2", "rho", "renorm_momentum"), SHARE),
    **dict.fromkeys(("rate", "dropout", "recurrent_dropout"), SHARE),
    **dict.fromkeys(("ema_momentum", "alpha"), PART),
    **dict.fromkeys(("epsilon", "clipvalue", "clipnorm", "global_clipnorm", "loss_scale_factor"), ABOVE_0),
    **dict.fromkeys(("decay_rate", "power", "m_mul", "scale", "t_mul", "max_value"), ABOVE_0),
    **dict.fromkeys(("weight_decay", "initial_accumulator_value", "beta", "stddev", "warmup_target"), AT_LEAST_0),
    **dict.fromkeys(("l1", "l2", "negative_slope", "end_learning_rate", "min_value"), AT_LEAST_0),
    **dict.fromkeys([f"{name}_regularization_strength" for name in ("l1", "l2", "l2_shrinkage")], AT_LEAST_0),
    "learning_rate_power": ((lambda value: value <= 0), "a number of at most 0"),
    "gradient_accumulation_steps": WHOLE[2],
    **dict.fromkeys(("ema_overwrite_frequency", "decay_steps", "first_decay_steps"), WHOLE[1]),
    **dict.fromkeys(("units", "filters", "kernel_size", "pool_size", "strides", "groups", "dilation_rate"), WHOLE[1]),
    **dict.fromkeys(("input_dim", "output_dim", "depth_multiplier", "power_iterations"), WHOLE[1]),
    "warmup_steps": WHOLE[0],
    "patience": WHOLE[0],
}
OF_GROUPS = {  # where an argument of this name is another thing
    ("layers", "alpha"): ABOVE_0,
    ("layers", "scale"): ((lambda value: True), "a number"),
    ("layers", "groups"): ((lambda value: float(value).is_integer()), "a whole number"),
    ("constraints", "rate"): PART,
}
WORDS = {
    ("initializers", "mode"): ("fan_in", "fan_out", "fan_avg"),
    ("initializers", "distribution"): ("truncated_normal", "untruncated_normal", "uniform"),
    ("layers", "padding"): ("valid", "same", "causal"),
}
LISTS = ("boundaries", "values")

# Arguments that are a class of Keras, by what their name ends in, and the group of that class.
NESTED = {
    "regularizer": "regularizers",
    "constraint": "constraints",
    "initializer": "initializers",
    "optimizer": "optimizers",
    "layer": "layers",
    "cell": "layers",
    "cells": "layers",
}
KINDS_OF_NETWORKS = ("hidden", "layers", "file")


@functools.cache
def known() -> dict:
    """Return what keras.json holds."""
    return json.loads(Path(__file__).with_name("keras.json").read_text(encoding="utf-8"))


def check(section: str, name: str, definition: dict, where: str, folder: Path = Path()) -> dict:
    """Return the definition of a network, an optimizer or an initializer, its whole numbers as integers.

    `where` names the file, and paths in it start in `folder`. Raises `StudyError` for what Keras does not know or what
    makes no sense.
    """
    here = f"{where}: {section}.{name}"
    if section == "networks":
        return _network(definition, here, folder)
    if section == "initializers":
        return of_class(definition, "initializers", here)
    return _optimizer(definition, here)


def _network(definition: dict, here: str, folder: Path) -> dict:
    """Return a network: one of hidden layers, a list of layers, or a file of the user's own."""
    found = [key for key in KINDS_OF_NETWORKS if key in definition]
    if len(found) != 1:
        said = " and ".join(found) or "nothing"
        raise StudyError(f"{here}: {said} says what the network is; give one of {', '.join(KINDS_OF_NETWORKS)}")
    if "activation" in definition and "hidden" not in definition:
        raise StudyError(f"{here}.activation: is that of the layers of `hidden`; write it in the layers themselves")
    if "hidden" in definition:
        _activation(definition.get("activation", "relu"), f"{here}.activation")
    if "layers" in definition:
        layers = [of_class(layer, "layers", f"{here}.layers[{at}]") for at, layer in enumerate(definition["layers"])]
        return {**definition, "layers": layers}
    if "file" in definition:
        _check_own(definition["file"], folder, f"{here}.file")
    return definition


def _activation(value: Any, here: str) -> None:
    if value not in known()["activations"]:
        near = nearest(str(value), known()["activations"])
        raise StudyError(f"{here}: Keras has no activation {value!r} for a layer; {near}")


def _check_own(path: str, folder: Path, here: str) -> None:
    """Raise `StudyError` unless a Python file has a function `model` of three arguments; it is read, not run."""
    try:
        tree = ast.parse((folder / path).read_bytes(), path)
    except FileNotFoundError:
        raise StudyError(f"{here}: there is no file {path}; a path starts in the folder that holds config/") from None
    except OSError as error:
        raise StudyError(f"{here}: {path}: {error.strerror}") from None
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise StudyError(f"{here}: {path}{line}: not valid Python: {getattr(error, 'msg', error)}") from None
    wanted = "model(features, outputs, activation)"
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    assigned = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    named = {alias.asname or alias.name for node in imports for alias in node.names}
    named |= {target.id for target in assigned if isinstance(target, ast.Name)}
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "model"]
    if not functions and "model" not in named:
        raise StudyError(f"{here}: {path}: has no function {wanted}")
    for function in functions[-1:]:
        takes = function.args
        if len(takes.posonlyargs + takes.args) < 3 and not takes.vararg:
            raise StudyError(f"{here}: {path}, line {function.lineno}: should take three arguments: {wanted}")


def _optimizer(definition: dict, here: str) -> dict:
    made = of_class({key: value for key, value in definition.items() if key != "schedule"}, "optimizers", here)
    if "schedule" not in definition:
        return made
    return {**made, "schedule": _schedule(definition["schedule"], f"{here}.schedule")}


def of_class(definition: dict, group: str, here: str) -> dict:
    """Return a definition whose class Keras has in `group`, and whose arguments that class takes.

    Raises `StudyError`, naming `here`, for any other.
    """
    classes = known()[group]
    if not isinstance(definition, dict) or not isinstance(definition.get("class"), str):
        raise StudyError(f"{here}: {_shown(definition)} should be a class of Keras: {{class: NAME, ARGUMENT: VALUE}}")
    if definition["class"] not in classes:
        near = nearest(definition["class"], [one for one in classes if one[:1].isupper()])
        raise StudyError(f"{here}.class: Keras has no {definition['class']!r} among its {group}; {near}")
    takes = classes[definition["class"]]
    for key in definition:
        if key != "class" and key not in takes:
            near = nearest(str(key), takes)
            raise StudyError(f"{here}.{named(key)}: {definition['class']} has no such argument; {near}")
    if missing := [key for key, default in takes.items() if default == REQUIRED and key not in definition]:
        raise StudyError(f"{here}: {definition['class']} needs the key {missing[0]!r}, which is missing")
    made = {
        key: value if key == "class" else _value(key, value, takes[key], f"{here}.{key}", group)
        for key, value in definition.items()
    }
    if group == "initializers" and made.get("minval", 0) > made.get("maxval", math.inf):
        raise StudyError(f"{here}.minval: {made['minval']} is more than maxval, {made['maxval']}")
    return made


def _value(key: str, value: Any, default: Any, here: str, group: str) -> Any:
    """Return an argument's value; refuse one of another kind than its default, or beyond its limits."""
    ends = NESTED.get(key.rpartition("_")[2])
    if value is None and default is None:
        return value
    if ends and not isinstance(value, str):
        return _nested(value, ends, here)
    if ends and value not in known()[ends]:
        raise StudyError(f"{here}: Keras has no {value!r} among its {ends}; {nearest(value, known()[ends])}")
    if ends:
        return value
    if key.endswith("activation"):
        _activation(value, here)
        return value
    limit = OF_GROUPS.get((group, key)) or LIMITS.get(key)
    numbers = [*value] if isinstance(value, list) and group == "layers" else [value]
    if isinstance(default, bool):
        right, wanted = isinstance(value, bool), "true or false"
    elif words := WORDS.get((group, key)) if isinstance(value, str) or isinstance(default, str) else None:
        right, wanted = value in words, f"one of {', '.join(words)}"
    elif key in LISTS:
        right = isinstance(value, list) and bool(value) and all(map(_is_number, value))
        wanted = "a list of numbers"
    elif limit or _is_number(default):
        fits, wanted = limit or ((lambda _: True), "a number")
        right = bool(numbers) and all(_is_number(one) and fits(one) for one in numbers)
    elif isinstance(default, str) and default != REQUIRED:
        right, wanted = isinstance(value, str), "text"
    elif group != "layers":
        right, wanted = _is_number(value) or isinstance(value, list), "a number"
    else:
        return value
    if not right:
        shown = _shown(value)
        if number := text_of_a_number(value):
            raise StudyError(f"{here}: {shown} is text to YAML; write {number}")
        what = f"is {kind(value)}; it" if not all(map(_is_number, numbers)) else ""
        usual = f", for example {plain(default)}" if _is_number(default) else ""
        raise StudyError(f"{here}: {shown} {what} should be {wanted}{usual}".replace("  ", " "))
    whole = limit in WHOLE.values()
    return ([int(one) for one in value] if isinstance(value, list) else int(value)) if whole else value


def _nested(value: Any, group: str, here: str) -> Any:
    """Return an argument that is a class of Keras, or a list of such."""
    if isinstance(value, list):
        return [of_class(item, group, f"{here}[{at}]") for at, item in enumerate(value)]
    return (
        _optimizer(value, here) if group == "optimizers" and isinstance(value, dict) else of_class(value, group, here)
    )


def _shown(value: Any) -> str:
    return repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "…"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _schedule(schedule: dict, here: str) -> dict:
    """Return a learning-rate schedule; a stepwise one must have ascending boundaries and a value for each step.

    Lengths in epochs stay so: how many steps they are depends on the rows and the batch size.
    """
    in_epochs = {key: value for key, value in schedule.items() if key in IN_EPOCHS}
    for key, value in in_epochs.items():
        if IN_EPOCHS[key] in schedule:
            raise StudyError(f"{here}.{key}: {IN_EPOCHS[key]} says the same in steps; keep one of the two")
        numbers = value if isinstance(value, list) else [value]
        if not all(_is_number(one) and (one > 0 or (one == 0 and key == "warmup_epochs")) for one in numbers):
            raise StudyError(f"{here}.{key}: {_shown(value)} should be a number of epochs greater than 0")
    own = {IN_EPOCHS.get(key, key): value for key, value in schedule.items() if key != "initial_learning_rate"}
    counted = {IN_EPOCHS[key] for key in in_epochs}
    made = of_class({key: 1 if key in counted and key != "boundaries" else own[key] for key in own}, "schedules", here)
    if made["class"] == "PiecewiseConstantDecay":
        _check_steps(made["boundaries"], made["values"], here, whole="boundaries" not in counted)
    if "initial_learning_rate" in schedule:
        first = schedule["initial_learning_rate"]
        if made["class"] == "PiecewiseConstantDecay":
            raise StudyError(f"{here}.initial_learning_rate: {made['class']} has no such argument; see its values")
        if not _is_number(first) or first < 0:
            raise StudyError(f"{here}.initial_learning_rate: {first!r} should be a number of at least 0, 1 if absent")
        if first == 0 and not made.get("warmup_target"):
            raise StudyError(f"{here}.initial_learning_rate: 0 without a warmup_target never trains; write one, or 1")
        made["initial_learning_rate"] = first
    return {key: value for key, value in made.items() if key not in counted} | in_epochs


def _check_steps(boundaries: list, values: list, here: str, whole: bool) -> None:
    """Raise `StudyError` unless a stepwise schedule's boundaries ascend and there is a value for each step."""
    if any(second <= first for first, second in itertools.pairwise(boundaries)):
        raise StudyError(f"{here}.boundaries: {boundaries} should ascend; write {sorted(set(boundaries))}")
    if boundaries[0] <= 0 or (whole and not all(float(step).is_integer() for step in boundaries)):
        raise StudyError(f"{here}.boundaries: {boundaries} should be numbers of steps, whole and greater than 0")
    if len(values) != len(boundaries) + 1:
        raise StudyError(
            f"{here}.values: {len(values)} values for {len(boundaries)} boundaries; write one more than boundaries"
        )
    if min(values) < 0:
        raise StudyError(f"{here}.values: {min(values)} should be at least 0")
