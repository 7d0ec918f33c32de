"""The simulated stand-in: rows drawn from a Gaussian mixture per class, whose parameters are a file of the project."""

import numpy as np
import pandas as pd


def draw(parameters: dict) -> pd.DataFrame:
    """Return the table that `parameters` describe, the same on every machine.

    `parameters` holds `columns`, `target`, `decimals`, `seed` and `classes`: for each label the number of `rows`
    and the mixture's `weights` (k), `means` (k, features) and Cholesky `factors` (k, features, features).
    """
    random = np.random.Generator(np.random.Philox(key=parameters["seed"]))
    parts = []
    for label, mixture in parameters["classes"].items():
        rows = mixed(mixture, random).round(parameters["decimals"])
        part = pd.DataFrame(rows, columns=parameters["columns"])
        parts.append(part.assign(**{parameters["target"]: int(label)}))
    return pd.concat(parts, ignore_index=True)


def mixed(mixture: dict, random: np.random.Generator) -> np.ndarray:
    """Return the rows of one class, (rows, features): a component's mean plus its factor times normal noise."""
    means, factors = np.array(mixture["means"]), np.array(mixture["factors"])
    limits = np.cumsum(mixture["weights"])
    component = np.searchsorted(limits, random.random(mixture["rows"])).clip(max=len(means) - 1)
    noise = random.standard_normal((mixture["rows"], means.shape[1]))
    # A sum instead of a matrix product, whose last bits depend on the machine's BLAS.
    return means[component] + np.sum(factors[component] * noise[:, None, :], axis=2)
