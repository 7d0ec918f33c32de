"""What a config asks for, checked and spelled out: datasets, studies and trainings."""

import json
import math
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lrstudy import labels, provenance
from lrstudy.config import settings
from lrstudy.config.reading import blamed
from lrstudy.config.settings import Study
from lrstudy.errors import StudyError

CHAPTER = ("first_model", "learning_rates", "batch_sizes", "optimizers", "initializers")
TARGETS = ("all", "chapter", "everything", "reference")  # rules that are no study
SAME = ("network", "optimizer", "initializer", "epochs", "batch_size")  # two studies that share these ask the same
IN_ONE_SPELLING = ("split", "scaling", "networks", "optimizers", "initializers", "statistics")
LECTURE = {"network": "logistic", "optimizer": "sgd", "epochs": 10, "batch_size": 32, "learning_rate": 0.01}


@dataclass(frozen=True)
class Run:
    """All that the rules are made from.

    `config` is the checked config with its defaults filled in, `given` the part of it that is not in its file,
    `datasets` the registry's entries of its datasets by name, `studies` by dataset every study by name, since a
    dataset may ask for a network of its own, `folder` what holds the config's files.
    """

    config: dict
    given: dict
    datasets: dict[str, dict]
    studies: dict[str, dict[str, Study]]
    folder: Path = Path("config")

    @property
    def names(self) -> list[str]:
        """The names of all studies."""
        return list(next(iter(self.studies.values())))

    @property
    def named(self) -> str:
        """A regular expression for the network, optimizer and initializer of any training, as paths have them."""
        sections = settings.DEFINED_IN.items()
        return "/".join(f"{kind}~(?:{'|'.join(self.config[section])})" for kind, section in sections)

    @property
    def programs(self) -> str:
        """A regular expression for the path of any program that the config can name."""
        return rf"{self.named}/batch_size~\d+"

    @property
    def trainings(self) -> str:
        """A regular expression for the path of any training that the config can name."""
        return rf"{self.named}/epochs~\d+/batch_size~\d+/learning_rate~[\d.]+(?:/split~each)?"

    def study(self, name: str) -> Study:
        """Return a study as it is for the first dataset: which files it has does not depend on the dataset."""
        return next(iter(self.studies.values()))[name]

    def setting(self, name: str, dataset: str | None, study: str | None) -> Any:
        """Return a setting that several scripts read, of a job's dataset and study where it has them.

        `seeds`, `split`, `scaling` and `statistics` are the config's; `name`, `dataset` (its title) and `simulated` the
        dataset's; `study` is the study's name, and any other an attribute of `Study`.
        """
        if name in ("seeds", "split", "scaling", "statistics"):
            return self.config[name]
        entry = self.datasets[dataset or ""]
        known = {"name": dataset, "study": study, "dataset": entry["title"], "simulated": entry.get("simulated", False)}
        return known[name] if name in known else getattr(self.studies[dataset or ""][study or ""], name)

    def studies_of(self, target: str, dataset: str) -> list[str]:
        """Return the names of the studies that a target makes of a dataset."""
        named = {
            "all": self.config["studies"],
            "chapter": [name for name in CHAPTER if name in self.names],
            "everything": [name for name in self.names if self.studies[dataset][name].is_for(dataset)],
        }
        return named.get(target, [target])

    @property
    def recommending(self) -> list[tuple[str, str]]:
        """The (study, dataset) pairs of the config whose recommendations a table puts side by side."""
        answering = [name for name in self.config["studies"] if self.study(name).answers]
        return [(name, dataset) for name in answering for dataset in self.datasets]

    def definitions(self, names: Mapping[str, Collection[str]]) -> dict[str, dict]:
        """Return what the config defines for some names of networks, optimizers and initializers."""
        sections = {name: self.config[section] for name, section in settings.DEFINED_IN.items()}
        return {kind: {name: sections[kind][name] for name in wanted} for kind, wanted in names.items()}

    def program(self, names: Mapping[str, str]) -> dict:
        """Return what a program is made from, by the names in its path: three definitions and the batch size.

        A network of the user's own has the digests of its file and of those that this imports from beside it.
        """
        made: dict = {kind: self.config[section][names[kind]] for kind, section in settings.DEFINED_IN.items()}
        network = made["network"]
        if "file" in network:
            file = self.folder.parent / network["file"]
            code = {path.name: provenance.sha256(path) for path in provenance.files_of(file)}
            made["network"] = {"file": str(file), "code": code}
        made["network"] = {"name": names["network"], **made["network"]}
        return {**made, "batch_size": int(names["batch_size"])}

    def to_compare(self, dataset: str) -> list[dict]:
        """Return the trainings by which the engine is compared with Keras's own fit.

        Of each network and optimizer that the config's studies use it is that of the middle learning rate.
        """
        pairs: dict[tuple, list[dict]] = {}
        for name in self.config["studies"]:
            for training in self.studies[dataset][name].trainings:
                pairs.setdefault((training["network"], training["optimizer"]), []).append(training)
        ordered = [sorted(group, key=lambda each: float(each["learning_rate"])) for group in pairs.values()]
        return [group[(len(group) - 1) // 2] for group in ordered]

    def used(self, dataset: str, study: str) -> dict[str, list[str]]:
        """Return the names of the networks, optimizers and initializers that a study's trainings use."""
        trainings = self.studies[dataset][study].trainings
        return {kind: list(dict.fromkeys(each[kind] for each in trainings)) for kind in settings.DEFINED_IN}

    def config_of(self, dataset: str, studies: Collection[str]) -> dict:
        """Return all of the config that some studies of a dataset depend on, as a manifest shows it."""
        trainings = {study: self.studies[dataset][study].trainings for study in studies}
        return canonical({**self.config, "dataset": self.datasets[dataset], "studies": trainings})

    def facts(self, dataset: str, study: str) -> dict:
        """Return how a table of several datasets names one of its rows."""
        simulated = self.datasets[dataset].get("simulated", False)
        network = ", ".join(self.used(dataset, study)["network"])
        return {"study": study, "dataset": dataset, "simulated": simulated, "network": network}

    def is_lecture(self, dataset: str, study: str) -> bool:
        """Return whether a study is the lecture's single training on the lecture's data."""
        trainings = self.studies[dataset][study].trainings
        same = [{name: training[name] for name in LECTURE} for training in trainings] == [LECTURE]
        return same and dataset in ("banknote", "banknote_standin")

    def next_commands(self, dataset: str, study: str) -> dict[str, dict]:
        """Return the command to run next where the `lowest` or the `highest` rate of a study is its best one.

        It makes a study that asks the same of rates beyond that one, where there is such a `wider` one, else the study
        itself, whose file will have been extended.
        """
        ours, found = self.studies[dataset][study], {}
        alike = {name: other for name, other in self.studies[dataset].items() if _ask_the_same(ours, other)}
        for side, end in (("lowest", min), ("highest", max)):
            beyond = [name for name, other in alike.items() if end(*ours.rates, *other.rates) != end(ours.rates)]
            name = next(iter(beyond), study)
            found[side] = {"wider": bool(beyond), "command": self.command(dataset, name)}
        return found

    def command(self, dataset: str, study: str) -> str:
        """Return the command that makes a study of a dataset with this run's config."""
        words = {key: value if isinstance(value, str) else json.dumps(value) for key, value in self.given.items()}
        config = " ".join(shlex.quote(f"{key}={value}") for key, value in words.items() if key != "dataset")
        settings = [f"STUDY={study}", f"DATASET={dataset}", *([f"CONFIG={shlex.quote(config)}"] if config else [])]
        return " ".join(["make study", *settings])


def _ask_the_same(one: Study, other: Study) -> bool:
    """Return whether two studies vary the learning rate alone, and have all that it is judged by in common."""
    fixed = [[study.trainings[0][name] for name in SAME] for study in (one, other)]
    return one.vary == other.vary == ["learning_rate"] and fixed[0] == fixed[1]


def load(config: Mapping, folder: Path, schemas: Path, rules: Collection[str] = ()) -> Run:
    """Return the run that a config asks for; `folder` holds config.yaml, datasets.yaml and studies/.

    A mistake in what the config has beside its file is blamed on the command line. Raises `StudyError` in one line for
    a mistake in any of the files, and for a study named as one of `rules` is. `schemas` is the folder of our schemas.
    """
    path = str(folder / "config.yaml")

    def schema(name: str) -> dict:
        text = (schemas / f"{name}.schema.yaml").read_text(encoding="utf-8")
        return yaml.load(text, Loader=yaml.CSafeLoader)  # libyaml, ten times faster than `safe_load`

    given = _typed(overrides(config, settings.read_mapping(folder / "config.yaml")))
    checked = settings.load_config(merged(config, given), schema("config"), path, given)
    checked |= {key: canonical(checked[key]) for key in IN_ONE_SPELLING}
    asked_in = {key: blamed([key], path, given) for key in ("dataset", "studies")}
    datasets = settings.load_datasets(
        folder / "datasets.yaml", checked["dataset"], schema("datasets"), asked_in["dataset"]
    )
    studies = {
        name: settings.load_studies(
            folder / "studies", schema("study"), settings.for_dataset(checked, name, entry), asked_in["studies"]
        )
        for name, entry in datasets.items()
    }
    run = Run(checked, given, {name: canonical(entry) for name, entry in datasets.items()}, studies, folder)
    for name in run.names:
        if name in (*TARGETS, *rules):
            raise StudyError(f"{folder}/studies/{name}.yaml: {name!r} is the name of a rule; rename the file")
    return run


def overrides(config: Mapping, written: Mapping) -> dict:
    """Return the part of a config that its file, `written`, does not say."""
    return {
        key: overrides(value, written[key]) if isinstance(value, dict) and isinstance(written.get(key), dict) else value
        for key, value in config.items()
        if key not in written or value != written[key]
    }


def merged(config: Mapping, given: Mapping) -> dict:
    """Return a config with some of its values replaced, those of nested keys one by one."""
    return {**config, **{key: _replaced(config.get(key), value) for key, value in given.items()}}


def _replaced(old: Any, new: Any) -> Any:
    return merged(old, new) if isinstance(old, dict) and isinstance(new, dict) else new


def _typed(value: Any, nested: bool = False) -> Any:
    """Return a value with the numbers among its nested texts as numbers: `--config` gives nested values as text."""
    if isinstance(value, dict):
        return {key: _typed(item, nested=isinstance(item, dict | list) or nested) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item, nested=True) for item in value]
    if not (nested and isinstance(value, str)):
        return value
    for kind in (int, float):
        try:
            number = kind(value)
        except ValueError:
            continue
        return number if math.isfinite(number) else value
    return {"true": True, "false": False}.get(value.lower(), value)


def canonical(value: Any) -> Any:
    """Return a setting in one spelling: neither the order of keys nor `1.0` for `1` makes a difference to Snakemake."""
    if isinstance(value, dict):
        return {key: canonical(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def training_of(path: str) -> dict:
    """Return the settings of a training by its path, `network~logistic/…/learning_rate~0.1`; see `labels.path_of`."""
    named = dict(part.split("~", 1) for part in path.split("/"))
    return {
        **{name: named[name] for name in labels.SETTINGS},
        "epochs": int(named["epochs"]),
        "batch_size": int(named["batch_size"]),
        "learning_rate": float(named["learning_rate"]),
        "split": named.get("split", "one"),
    }
