"""How settings are written: in paths, in table headers and in legends."""

from decimal import Decimal

# The settings of a training, in the order in which paths and tables show them.
SETTINGS = ("network", "optimizer", "initializer", "epochs", "batch_size", "learning_rate")

# What is measured before training and after each epoch, in the order of histories.
METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")


# A schedule's lengths in epochs, and the arguments of Keras that have them in steps.
IN_EPOCHS = {
    "decay_epochs": "decay_steps",
    "first_decay_epochs": "first_decay_steps",
    "warmup_epochs": "warmup_steps",
    "boundary_epochs": "boundaries",
}


def in_steps(schedule: dict, steps: int) -> dict:
    """Return a schedule with its lengths in steps, of which an epoch has `steps`."""
    return {
        IN_EPOCHS.get(key, key): _steps(value, steps) if key in IN_EPOCHS else value for key, value in schedule.items()
    }


def _steps(epochs: float | list, steps: int) -> int | list[int]:
    return [round(one * steps) for one in epochs] if isinstance(epochs, list) else round(epochs * steps)


def plain(value: str | int | float) -> str:
    """Return a value as the config writes it, a number without an exponent: 0.00001 and not 1e-05."""
    return format(Decimal(repr(value)), "f") if isinstance(value, float) else str(value)


def path_of(training: dict) -> str:
    """Return a training's path, Snakemake's Paramspace pattern: `network~logistic/optimizer~sgd/…`.

    Where each seed has a split of its own, `/split~each` is its end.
    """
    names = SETTINGS if training["split"] == "one" else (*SETTINGS, "split")
    return "/".join(f"{name}~{plain(training[name])}" for name in names)


def of(training: dict, vary: list[str]) -> str:
    """Return the values of the varied settings, the way headers and legends show them: `0.1`, or `adam, 0.1`."""
    return ", ".join(plain(training[name]) for name in vary)


def program_of(path: str) -> str:
    """Return the part of a training's path that names its program: network, optimizer, initializer and batch size."""
    parts = path.split("/")
    return "/".join([*parts[:3], parts[4]])


def named(dataset: str, simulated: bool) -> str:
    """Return the dataset's title as figures show it; simulated data say so."""
    return f"{dataset} (simulated data)" if simulated else dataset


def held_fixed(study: dict) -> str:
    """Return a sentence on the settings that all trainings of a study share, so that a figure says what it compares."""
    training = study["trainings"][0]
    fixed = [name for name in SETTINGS if name not in study["vary"] and name in training]
    said = [f"{name.replace('_', ' ')} {plain(training[name])}" for name in fixed]
    said += ["one split for all seeds"] if training.get("split") == "one" else []
    return f"Held fixed: {', '.join(said)}." if said else ""
