"""Pages of made histories: what they show is known, and their names are as bad as names can be."""

import numpy as np

from lrstudy.figures import vega
from lrstudy.figures.page import build
from lrstudy.statistics import descent, summary
from lrstudy.statistics.trainings import Training

HOSTILE = "</script><img src=x onerror=alert(1)> {{title}} `$x$` \"'&amp;"
RATES = [0.001, 0.01, 0.1, 1.0, 10.0]
EPOCHS = 4
NEW_ROWS = [0.03, 0.11]  # of every recommended rate
REFERENCE = {"train_loss": 0.0, "majority_share": 0.5, "entropy": 0.69, "train_rows": 70, "test_rows": 30}
OPTIONS = {"confidence": 0.95, "failure_limit": 0.05, "epsilon": 0.01, "target_loss": None, "resamples": 200}


def curves(place: int, seeds: int, epochs: int) -> Training:
    """Return the histories of the rate at `place`: the third is best, the last one fails in half its seeds."""
    factor = [0.95, 0.8, 0.5, 0.6, 1.05][place % len(RATES)]
    spread = np.random.default_rng(place).uniform(0.9, 1.1, (seeds, 1))
    loss = spread * np.hstack([np.ones((seeds, 1)), np.full((seeds, epochs), factor)]).cumprod(axis=1)
    accuracy = 1 - loss / 3
    return Training({}, loss, accuracy, loss * 1.01, accuracy)


def study(vary: dict, seeds: int = 12, epochs: int = EPOCHS) -> tuple[list[Training], dict]:
    """Return the trainings and settings of a study that varies `vary` (name: values), the last name fastest."""
    first, last = [(name, values) for name, values in {"": [None], **vary}.items()][-2:]
    points = [{first[0]: one, last[0]: other} for one in first[1] for other in last[1]]
    points = [{name: value for name, value in point.items() if name} for point in points]
    fixed = {
        "network": "logistic",
        "optimizer": "sgd",
        "initializer": "zeros",
        "epochs": epochs,
        "batch_size": 16,
        "split": "each",
    }
    found = []
    for place, point in enumerate(points):
        made = curves(place % len(last[1]), seeds, epochs)
        found.append(Training(point, made.loss, made.accuracy, made.val_loss, made.val_accuracy))
    settings = {
        **{"dataset": HOSTILE, "simulated": True, "study": "made", "title": "Made", "name": "made", "seeds": seeds},
        **{"vary": list(vary), "trainings": [{**fixed, "learning_rate": 0.01, **point} for point in points]},
        **{"statistics": OPTIONS, "folder": "results/made/studies/made", "command": HOSTILE},
        **{"definitions": {"network": {"logistic": {"hidden": []}}}, "words": {}, "split": {}, "scaling": {}},
    }
    return found, settings


def recommendation(others: list[str]) -> dict:
    """Return an answer with all that a page can show of one."""
    costs = [
        {"factor": factor, "learning_rate": 0.1 * factor, "loss_ratio": 2.5, "loss_ratio_interval": [2.0, 3.0],
         "accuracy_points": -4.0, "accuracy_points_interval": [-5.0, -3.0], "failed": None, "failed_interval": None}
        for factor in (0.1, 1 / 3, 3, 10)
    ]  # fmt: skip
    answer = {
        "sentence": f"Use 0.1. {HOSTILE}",
        "recommended": 0.1,
        "good_range": [0.1, 1.0],
        "costs": costs,
        "limit": 5.0,
        "new_rows": {"interval": NEW_ROWS},
    }
    return (
        {**answer, "by": dict.fromkeys(others, answer), "at": {"sure": 0.9, "optimizer": others[0]}}
        if others
        else answer
    )


def budget(others: list[str]) -> list[dict[str, str]]:
    """Return a budget whose best rates no chart would come upon by itself: the epoch's number, in hundredths."""
    names = ("best", "low", "high", "loss", "loss_low", "loss_high")
    rows = [{"epoch": str(epoch), **dict.fromkeys(names, str(epoch / 100))} for epoch in range(1, EPOCHS + 1)]
    return [{"optimizer": other, **row} for other in others for row in rows] or rows


def files(trainings: list[Training], settings: dict, **more) -> dict:
    """Return the contents of a study's files; `more` replaces some of them."""
    rows = summary.summarise(trainings, REFERENCE, settings)
    text = [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
    provenance = {"title": HOSTILE, "licence": "MIT", "citation": HOSTILE, "columns": [HOSTILE], "warnings": [HOSTILE]}
    nothing = dict.fromkeys(("recommendation", "budget", "descent", "paths", "overview"))
    made = {"made": [("command", HOSTILE)], "reference": [], "vega": vega.script()}
    return {"summary": text, "provenance": provenance, **made, **nothing, **more}


def path() -> dict:
    """Return the path of descent over two features of made rows, at three rates, as the page reads it."""
    features = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
    table = np.column_stack([features, features[:, 0] + features[:, 1] > 0.2]).astype(np.float32)
    most = descent.limit(table, descent.optimum(table))
    rates = [0.1 * most, 0.5 * most, 1.2 * most]
    paths = {rate: np.linspace([1, 1, 0], [share, 0.5, 0], 5) for share, rate in enumerate(rates)}
    names = ("first_weight", "second_weight", "loss")
    rows = [
        {"learning_rate": str(rate), **dict(zip(names, map(str, (*place[:2], 0.5)), strict=True))}
        for rate, places in paths.items()
        for place in places
    ]
    return {"descent": descent.describe(table, [HOSTILE, "b"], paths, of=60), "paths": rows}


def rates_page(others: tuple[str, ...] = (), **more) -> str:
    """Return the page of a study over rates and, if there are `others`, over optimizers of these names."""
    vary = {"optimizer": list(others)} if others else {}
    trainings, settings = study({**vary, "learning_rate": RATES})
    given = {"recommendation": recommendation(list(others)), "budget": budget(list(others)), **path(), **more}
    return build.page(trainings, files(trainings, settings, **given), settings)


def odd_page() -> str:
    """Return the page of one seed, at one rate not finite, at another without loss, and no answer."""
    trainings, settings = study({"learning_rate": RATES[:3]}, seeds=1)
    trainings[0].val_loss[:, 2:], trainings[1].val_loss[:, -1] = np.nan, 0.0
    return build.page(trainings, files(trainings, settings), settings)


def single_page() -> str:
    """Return the page of a study of one training."""
    trainings, settings = study({"learning_rate": RATES[:1]})
    return build.page(trainings, files(trainings, settings), settings)


def values_page(values: tuple[str, ...] = ("a", HOSTILE, "c")) -> str:
    """Return the page of a study over optimizers at one rate."""
    trainings, settings = study({"optimizer": list(values)})
    return build.page(trainings, files(trainings, settings), settings)
