"""What to run: the config and the study files, checked and spelled out into trainings.

Read by the Snakefile at every start, so it imports nothing heavy. Every mistake raises `StudyError` with one
line that names the file and the key.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lrstudy.config import definitions as definitions_of
from lrstudy.config.datasets import load_datasets
from lrstudy.config.reading import blamed, check, check_name, line_of, nearest, read_mapping, read_yaml
from lrstudy.errors import StudyError
from lrstudy.labels import METRICS, SETTINGS

__all__ = ["DEFINED_IN", "FIGURES", "Study", "for_dataset", "load_config", "load_datasets", "load_studies",
           "load_study", "read_mapping", "read_yaml", "spell_out"]  # fmt: skip

# Where each setting that is a name is defined in the config.
DEFINED_IN = {"network": "networks", "optimizer": "optimizers", "initializer": "initializers"}


@dataclass(frozen=True)
class Study:
    """A set of trainings: the names of the varied settings and, in the config's order, the trainings' settings.

    `file` is where it is described, `line` where its learning rates stand there. `datasets` are those that it is for,
    none where it is for all. `engine` is `fit` where Keras's own `fit` trains, with `callbacks`.
    """

    name: str
    title: str
    vary: list[str]
    trainings: list[dict]
    file: str = ""
    line: int | None = None
    datasets: Sequence[str] = ()
    engine: str = "all_seeds"
    callbacks: Sequence[dict] = ()

    def is_for(self, dataset: str) -> bool:
        """Return whether a dataset is one that it was written for."""
        return not self.datasets or dataset in self.datasets

    @property
    def rates(self) -> set[float]:
        """The learning rates of its trainings."""
        return {float(training["learning_rate"]) for training in self.trainings}

    @property
    def others(self) -> list[str]:
        """What it varies beside the learning rate."""
        return [name for name in self.vary if name != "learning_rate"]

    @property
    def answers(self) -> bool:
        """Whether it varies the learning rate, so that it can recommend one."""
        return len(self.rates) > 1

    @property
    def ranges(self) -> bool:
        """Whether it varies the learning rate over so many values that curves over it can be drawn."""
        return len(self.rates) >= 8

    @property
    def audits(self) -> bool:
        """Whether learning-rate finders are held against it."""
        return self.ranges and not self.others and self.engine != "fit"

    @property
    def crosses(self) -> bool:
        """Whether it says how much of the variance comes from split, initial weights and order of rows."""
        return self.audits and self.trainings[0]["split"] == "each"

    @property
    def figures(self) -> list[str]:
        """The names of its figures; `scripts/plot_NAME.py` draws each."""
        return [name for name, has in FIGURES.items() if has(self)]


# Figures by name, and which studies have them.
FIGURES: dict[str, Callable[[Study], bool]] = {
    "curves": lambda study: True,
    "rates": lambda study: study.answers,
    "times": lambda study: study.ranges,
    "few_seeds": lambda study: study.ranges,
    "budget": lambda study: study.ranges,
    "map": lambda study: study.ranges and study.others == ["batch_size"],
}


def spell_out(rates: list | dict) -> list[int | float]:
    """Return learning rates as a list; `{log: [a, b, n]}` is n rates from a to b, rounded to four digits."""
    if isinstance(rates, list):
        return rates
    first, last, count = rates["log"]
    step = (math.log(last) - math.log(first)) / (count - 1)
    return [float(f"{first * math.exp(step * place):.4g}") for place in range(count)]


def load_config(config: dict, schema: dict, path: str = "config/config.yaml", given: Mapping | None = None) -> dict:
    """Return the config with the schema's defaults filled in; raises `StudyError` for what does not fit.

    `given` is the part of it that stands on the command line, which is blamed for its own mistakes.
    """
    config = check(config, schema, path, given)
    config = {"max_trainings": schema["properties"]["max_trainings"]["default"], **config}
    names = [config["dataset"]] if isinstance(config["dataset"], str) else config["dataset"]
    for section in ("networks", "optimizers", "initializers"):
        for name in config[section]:
            check_name(name, f"{blamed((section, name), path, given)}: {section}")
        config[section] = {
            name: definitions_of.check(
                section, name, definition, str(blamed((section, name), path, given)), Path(path).parents[1]
            )
            for name, definition in config[section].items()
        }
    _check_defined(config["defaults"], config, f"{blamed(('defaults',), path, given)}: defaults")
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
    content = check(content, schema, path)
    vary, fixed = content["vary"], content.get("fixed", {})
    if both := set(vary) & set(fixed):
        raise StudyError(f"{path}: {both.pop()}: both varied and fixed; keep one of the two")
    values = [spell_out(vary[name]) for name in vary]
    for name, options in zip(vary, values, strict=True):
        if len(set(options)) < len(options):
            twice = "has a value twice; write each once"
            if isinstance(vary[name], dict):
                twice = f"{vary[name]['log']} gives a rate twice, rounded to four digits; write fewer, or further apart"
            raise StudyError(f"{path}: vary.{name}: {twice}")
    if math.prod(map(len, values)) > config["max_trainings"]:
        raise StudyError(
            f"{path}: vary: {math.prod(map(len, values)):,} trainings are more than max_trainings allows "
            f"({config['max_trainings']:,}); vary less, or raise max_trainings in config/config.yaml"
        )
    _check_defined(fixed, config, f"{path}: fixed")
    trainings = {}  # each once, by its values: `max_epochs` may make several alike
    for combination in itertools.product(*values):
        settings = {"split": "each", **config["defaults"], **fixed, **dict(zip(vary, combination, strict=True))}
        settings["epochs"] = min(settings["epochs"], config.get("max_epochs", settings["epochs"]))
        _check_defined({name: settings[name] for name in vary}, config, f"{path}: vary")
        training = {name: settings[name] for name in (*SETTINGS, "split")}
        trainings[tuple(training.values())] = training
    line = line_of(path, "vary", "learning_rate") if "learning_rate" in vary else None
    return Study(
        path.stem, content["title"], list(vary), list(trainings.values()), str(path), line,
        content.get("datasets", ()), content.get("engine", "all_seeds"),
        _callbacks(content, path, list(trainings.values()), config),
    )  # fmt: skip


def _callbacks(content: dict, path: Path, trainings: Sequence[dict], config: dict) -> list[dict]:
    """Return the Keras callbacks of a study, checked.

    Raises `StudyError` where all seeds train at once, or where Keras would watch or change what is not there.
    """
    if "callbacks" in content and content.get("engine") != "fit":
        raise StudyError(f"{path}: callbacks: Keras's own fit takes them; write engine: fit too, or leave them out")
    scheduled = [one["optimizer"] for one in trainings if _has_schedule(config["optimizers"][one["optimizer"]])]
    found = []
    for place, definition in enumerate(content.get("callbacks", [])):
        where = f"{path}: callbacks[{place}]"
        found.append(definitions_of.of_class(definition, "callbacks", where))
        watched = definition.get("monitor")
        if watched is not None and watched not in METRICS:
            raise StudyError(f"{where}.monitor: a training has no {watched!r}; {nearest(watched, METRICS)}")
        if definition["class"] == "ReduceLROnPlateau" and scheduled:
            raise StudyError(
                f"{where}: ReduceLROnPlateau changes the learning rate, and so does the schedule of "
                f"optimizers.{scheduled[0]}; keep one of the two"
            )
    return found


def _has_schedule(optimizer: dict) -> bool:
    return "schedule" in optimizer.get("inner_optimizer", optimizer)


def load_studies(
    folder: Path, schema: dict, config: dict, asked_in: str | Path = "config/config.yaml"
) -> dict[str, Study]:
    """Return every study of a folder by its file's name; `asked_in` says who asks for the config's own.

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
            raise StudyError(f"{asked_in}: studies: there is no {folder}/{name}.yaml; {nearest(name, known)}")
    return {path.stem: load_study(path, schema, config) for path in paths}
