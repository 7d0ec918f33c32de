"""A run: what the config asks for, checked and spelled out into datasets, studies and trainings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lrstudy.files import labels
from lrstudy.files.errors import StudyError
from lrstudy.plan import settings
from lrstudy.plan.checking import blamed
from lrstudy.plan.settings import Study

CHAPTER = ("first_model", "learning_rates", "batch_sizes", "optimizers", "initializers")
TARGETS = ("all", "chapter", "everything")  # rules that are no study


@dataclass(frozen=True)
class Run:
    """All that the rules are made from.

    `config` is the checked config with its defaults filled in, `datasets` the registry's entries of its datasets by
    name, `studies` by dataset every study by name, since a dataset may ask for a network of its own.
    """

    config: dict
    datasets: dict[str, dict]
    studies: dict[str, dict[str, Study]]

    @cached_property
    def trainings(self) -> dict[str, dict]:
        """The settings of every training, by its path."""
        everyone = (study for studies in self.studies.values() for study in studies.values())
        return {labels.path_of(training): training for study in everyone for training in study.trainings}

    @property
    def names(self) -> list[str]:
        """The names of all studies."""
        return list(next(iter(self.studies.values())))

    def study(self, name: str) -> Study:
        """Return a study as it is for the first dataset: which files it has does not depend on the dataset."""
        return next(iter(self.studies.values()))[name]

    @property
    def recommending(self) -> list[tuple[str, str]]:
        """The (study, dataset) pairs of the config whose recommendations a table puts side by side."""
        answering = [name for name in self.config["studies"] if self.study(name).answers]
        return [(name, dataset) for name in answering for dataset in self.datasets]


def load(
    config: dict,
    folder: Path,
    schema: Callable[[str], dict],
    rules: Sequence[str],
    path: str = "config/config.yaml",
    given: Mapping | None = None,
) -> Run:
    """Return the run that a config asks for; `folder` holds datasets.yaml and studies/, `path` is what to blame,
    and the command line for `given`, its own part of the config.

    Raises `StudyError` in one line for a mistake in any of the files, and for a study named as one of `rules` is.
    """
    checked = settings.load_config(config, schema("config"), path, given)
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
    run = Run(checked, datasets, studies)
    for name in run.names:
        if name in (*TARGETS, *rules):
            raise StudyError(f"{folder}/studies/{name}.yaml: {name!r} is the name of a rule; rename the file")
    return run
