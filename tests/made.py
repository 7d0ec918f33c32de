"""Made histories whose truth is known, the settings of their study, and what its script writes of them."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
from matplotlib.text import Text

import answer
from lrstudy import io
from lrstudy.data import parquet
from lrstudy.statistics import histories
from lrstudy.statistics.trainings import Training

SIMULATION_SEED = 20_260_102
OPTIONS = {"epsilon": 0.1, "failure_limit": 0.05, "confidence": 0.95, "resamples": 2_000, "target_loss": None}
REFERENCE = {
    **{"train_loss": 0.0, "majority_accuracy": 0.55, "majority_share": 0.55, "entropy": 0.688},
    **{"train_rows": 700, "test_rows": 300, "curvature": 0.5},
}
RATES = np.array([0.001, 0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0])
LEVELS = np.array([0.5, 0.3, 0.103, 0.1, 0.103, 0.15, 0.2, 0.4])
FAILING = np.array([0, 0, 0, 0, 0, 0, 0.2, 0.6])


def generator(*number):
    return np.random.Generator(np.random.PCG64([SIMULATION_SEED, *number]))


def trainings_of(final, **setting) -> list[Training]:
    """Return trainings, one for each row of final losses (trainings, seeds), all of which start at a loss of 1.

    `setting` gives each varied setting's values, one for each training.
    """
    made = []
    for place, losses in enumerate(np.asarray(final, np.float32)):
        curves = np.stack([np.ones_like(losses), losses], axis=1)
        values = {name: each[place] for name, each in setting.items()}
        made.append(Training(values, curves, np.full_like(curves, 0.9), curves, np.full_like(curves, 0.9)))
    return made


def simulated(number=0, seeds=100, levels=LEVELS, failing=FAILING, rates=RATES) -> list[Training]:
    """Return a study over rates whose seeds are paired: a common factor, a little noise, some that diverge."""
    random = generator(number)
    common, own = random.normal(0, 0.2, seeds), random.normal(0, 0.02, (len(rates), seeds))
    losses = np.asarray(levels)[:, None] * np.exp(common + own)
    losses[random.random(losses.shape) < np.asarray(failing)[:, None]] = 2
    return trainings_of(losses, learning_rate=rates.tolist())


def study_settings(trainings, split="one", network="logistic", **options):
    """Return the settings of the study that these trainings are."""
    fixed = {"network": network, "optimizer": "sgd", "learning_rate": 0.01, "split": split}
    rates = {one.setting.get("learning_rate", 0.01) for one in trainings}
    return {
        "name": "simulated",
        "study": "simulated",
        "title": "Simulated",
        "dataset": "simulated",
        "simulated": True,
        "vary": list(trainings[0].setting),
        "trainings": [{**fixed, "epochs": one.epochs, **one.setting} for one in trainings],
        "seeds": trainings[0].seeds,
        "statistics": OPTIONS | options,
        "answers": len(rates) > 1,
        "ranges": len(rates) >= 8,
        "left_out": "",
        "definitions": {
            "network": {"logistic": {"hidden": []}, "mlp": {"hidden": [8]}},
            "optimizer": {"sgd": {"class": "SGD"}, "adam": {"class": "Adam"}},
            "initializer": {},
        },
        "next": {side: {"wider": False, "command": "make study"} for side in ("lowest", "highest")},
    }


def texts_of(figure) -> list[str]:
    """Return every text of a figure."""
    return [text.get_text() for text in figure.findobj(Text)]


def write_histories(path, trainings):
    """Write trainings as `histories.parquet`."""
    parts = []
    for one in trainings:
        curves = np.stack([getattr(one, name) for name in histories.METRICS], axis=2)
        parts.append(histories.to_table(curves.astype(np.float32), REFERENCE["train_rows"]))
    expected = study_settings(trainings)
    parquet.write(path, histories.join(parts, expected["vary"], expected["trainings"]))


def run_answer(folder: Path, settings: dict, **values) -> Path:
    """Run the script answer.py on the `histories.parquet` of a folder, and return the folder with what it writes.

    `values` replace some of the reference values.
    """
    io.write_json(folder / "reference.json", REFERENCE | values)
    io.write_json(folder / "source.json", {"warnings": []})
    written = ("summary.csv", "recommendation.json", "comparisons.csv", "budget.csv", "answer.txt")
    answer.main(
        SimpleNamespace(
            histories=folder / "histories.parquet", reference=folder / "reference.json", source=folder / "source.json"
        ),
        SimpleNamespace(**{Path(name).stem: folder / name for name in written}),
        settings,
    )
    return folder
