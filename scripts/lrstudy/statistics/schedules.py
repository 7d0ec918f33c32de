"""Whether a learning-rate schedule fits the length of the trainings: it may end long before them, or never."""

from lrstudy.labels import in_steps, plain

FITS = 0.75, 1.5  # a schedule is called short or long where it ends before or after these shares of a training


def sentences(optimizers: dict[str, dict], trainings: list[dict], rows: int) -> str:
    """Return a sentence for each schedule whose end is far from that of a training, "" without such.

    `optimizers` are definitions by name, `rows` the training rows.
    """
    found = []
    for name, definition in optimizers.items():
        if "schedule" in definition:
            ours = [training for training in trainings if training["optimizer"] == name]
            found += _of_schedule(name, definition["schedule"], ours, rows)
    return " ".join(dict.fromkeys(found))


def _of_schedule(name: str, schedule: dict, trainings: list[dict], rows: int) -> list[str]:
    said = []
    lengths = {(training["batch_size"], training["epochs"]) for training in trainings}
    several = len({batch for batch, _ in lengths}) > 1
    for batch, epochs in sorted(lengths):
        steps = -(-rows // min(batch, rows))
        end = _end(in_steps(schedule, steps))
        if end is None:
            continue
        where = f" with batch size {batch}" if several else ""
        after = plain(float(f"{end / steps:.2g}")).removesuffix(".0")
        if end < FITS[0] * steps * epochs:
            said.append(f"The schedule of {name} ends after {after} of {epochs} epochs{where}.")
        elif end > FITS[1] * steps * epochs:
            said.append(f"The schedule of {name} ends only after {after} epochs{where}, and {epochs} are trained.")
    return said


def _end(schedule: dict) -> int | None:
    """Return the step after which a schedule stays as it is, None for one that has no end."""
    if schedule["class"] == "CosineDecay":
        return schedule["decay_steps"] + schedule.get("warmup_steps", 0)
    if schedule["class"] == "PolynomialDecay" and not schedule.get("cycle"):
        return schedule["decay_steps"]
    return schedule["boundaries"][-1] if schedule["class"] == "PiecewiseConstantDecay" else None
