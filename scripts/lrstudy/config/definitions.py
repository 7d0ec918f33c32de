"""What networks, optimizers and initializers are made of, held to Keras before the first job and without Keras.

Which classes and arguments there are stands in keras.json, which `scripts/tools/keras_arguments.py` makes from Keras;
which values make sense stands here. Each mistake raises `StudyError` with one line that names file, entry and key.
"""

import functools
import itertools
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lrstudy.config.reading import kind, named, nearest, text_of_a_number
from lrstudy.errors import StudyError
from lrstudy.labels import plain

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
    **dict.fromkeys(("momentum", "beta_1", "beta_2", "rho"), SHARE),
    **dict.fromkeys(("ema_momentum", "alpha"), PART),
    **dict.fromkeys(("epsilon", "clipvalue", "decay_rate", "power", "m_mul", "scale", "t_mul"), ABOVE_0),
    **dict.fromkeys(("weight_decay", "initial_accumulator_value", "beta", "stddev", "warmup_target"), AT_LEAST_0),
    **dict.fromkeys([f"{name}_regularization_strength" for name in ("l1", "l2", "l2_shrinkage")], AT_LEAST_0),
    "learning_rate_power": ((lambda value: value <= 0), "a number of at most 0"),
    "end_learning_rate": AT_LEAST_0,
    "gradient_accumulation_steps": WHOLE[2],
    **dict.fromkeys(("ema_overwrite_frequency", "decay_steps", "first_decay_steps"), WHOLE[1]),
    "warmup_steps": WHOLE[0],
}
WORDS = {
    "mode": ("fan_in", "fan_out", "fan_avg"),
    "distribution": ("truncated_normal", "untruncated_normal", "uniform"),
}
LISTS = ("boundaries", "values")


@functools.cache
def known() -> dict:
    """Return what keras.json holds."""
    return json.loads(Path(__file__).with_name("keras.json").read_text(encoding="utf-8"))


def check(section: str, name: str, definition: dict, where: str) -> dict:
    """Return the definition of a network, an optimizer or an initializer, its whole numbers as integers.

    `where` names the file; raises `StudyError` for what Keras does not know or what makes no sense.
    """
    here = f"{where}: {section}.{name}"
    if section == "networks":
        activation = definition.get("activation", "relu")
        if activation not in known()["activations"]:
            said = f"Keras has no activation {activation!r} for a layer; {nearest(activation, known()['activations'])}"
            raise StudyError(f"{here}.activation: {said}")
        return definition
    if section == "initializers":
        return _of_class(definition, "initializers", here)
    made = _of_class({key: value for key, value in definition.items() if key != "schedule"}, "optimizers", here)
    if "schedule" not in definition:
        return made
    return {**made, "schedule": _schedule(definition["schedule"], f"{here}.schedule")}


def _of_class(definition: dict, group: str, here: str) -> dict:
    """Return a definition whose class Keras has in `group`, and whose arguments that class takes."""
    classes = known()[group]
    if definition["class"] in known()["not elementwise"] and group == "optimizers":
        usable = ", ".join(classes)
        raise StudyError(f"{here}.class: {definition['class']} cannot train many seeds at once; use one of {usable}")
    if definition["class"] not in classes:
        near = nearest(definition["class"], [one for one in classes if one[:1].isupper()])
        raise StudyError(f"{here}.class: Keras has no {definition['class']!r} among its {group}; {near}")
    takes = classes[definition["class"]]
    for key in definition:
        if key != "class" and key not in takes:
            near = nearest(str(key), takes)
            raise StudyError(f"{here}.{named(key)}: {definition['class']} has no such argument; {near}")
        if key in known()["across seeds"] and definition[key] is not None:
            raise StudyError(f"{here}.{key}: takes a norm over all seeds; use clipvalue instead")
    if missing := [key for key, default in takes.items() if default == REQUIRED and key not in definition]:
        raise StudyError(f"{here}: {definition['class']} needs the key {missing[0]!r}, which is missing")
    made = {key: _value(key, value, takes.get(key), f"{here}.{key}") for key, value in definition.items()}
    if made.get("minval", 0) > made.get("maxval", math.inf):
        raise StudyError(f"{here}.minval: {made['minval']} is more than maxval, {made['maxval']}")
    return made


def _value(key: str, value: Any, default: Any, here: str) -> Any:
    """Return an argument's value; refuse one of another kind than its default, or beyond its limits."""
    if key == "class" or (value is None and default is None):
        return value
    if isinstance(default, bool):
        right, wanted = isinstance(value, bool), "true or false"
    elif key in WORDS:
        right, wanted = value in WORDS[key], f"one of {', '.join(WORDS[key])}"
    elif key in LISTS:
        right = isinstance(value, list) and bool(value) and all(map(_is_number, value))
        wanted = "a list of numbers"
    else:
        fits, wanted = LIMITS.get(key, (lambda _: True, "a number"))
        right = _is_number(value) and fits(value)
    if not right:
        shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "…"
        if number := text_of_a_number(value):
            raise StudyError(f"{here}: {shown} is text to YAML; write {number}")
        what = f"is {kind(value)}; it" if not _is_number(value) else ""
        usual = f", for example {plain(default)}" if _is_number(default) else ""
        raise StudyError(f"{here}: {shown} {what} should be {wanted}{usual}".replace("  ", " "))
    return int(value) if LIMITS.get(key) in WHOLE.values() else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _schedule(schedule: dict, here: str) -> dict:
    """Return a learning-rate schedule; a stepwise one must have ascending boundaries and a value for each step."""
    own = {key: value for key, value in schedule.items() if key != "initial_learning_rate"}
    made = _of_class(own, "schedules", here)
    if made["class"] == "PiecewiseConstantDecay":
        boundaries, values = made["boundaries"], made["values"]
        if any(second <= first for first, second in itertools.pairwise(boundaries)):
            raise StudyError(f"{here}.boundaries: {boundaries} should ascend; write {sorted(set(boundaries))}")
        if boundaries[0] <= 0 or not all(float(step).is_integer() for step in boundaries):
            raise StudyError(f"{here}.boundaries: {boundaries} should be numbers of steps, whole and greater than 0")
        if len(values) != len(boundaries) + 1:
            raise StudyError(
                f"{here}.values: {len(values)} values for {len(boundaries)} boundaries; write one more than boundaries"
            )
        if min(values) < 0:
            raise StudyError(f"{here}.values: {min(values)} should be at least 0")
        made["boundaries"] = [int(step) for step in boundaries]
    if "initial_learning_rate" in schedule:
        first = schedule["initial_learning_rate"]
        if made["class"] == "PiecewiseConstantDecay":
            raise StudyError(f"{here}.initial_learning_rate: {made['class']} has no such argument; see its values")
        if not _is_number(first) or first <= 0:
            raise StudyError(f"{here}.initial_learning_rate: {first!r} should be a number greater than 0, 1 if absent")
        made["initial_learning_rate"] = first
    return made
