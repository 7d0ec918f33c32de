"""Fit the Gaussian mixtures of the simulated stand-in to the genuine banknotes, and write their parameters.

Run by hand, from the project's root, when the stand-in should be made anew:
    .venv/bin/python scripts/fit_standin.py data/banknote/table.csv config/standin/banknote.json
"""

import sys

import numpy as np
import pandas as pd
from sklearn.mixture import GaussianMixture

from lrstudy import files

COMPONENTS = 12  # per class; fewer make the classes overlap more than the genuine ones do
TARGET = "class"


def fit(table: pd.DataFrame, components: int = COMPONENTS) -> dict:
    """Return the parameters that `lrstudy.datasets.draw_standin` draws from."""
    classes = {}
    for label, rows in table.groupby(TARGET):
        mixture = GaussianMixture(components, n_init=5, reg_covar=1e-3, random_state=0).fit(rows.drop(columns=TARGET))
        classes[str(label)] = {
            "rows": len(rows),
            "weights": mixture.weights_.round(6).tolist(),
            "means": mixture.means_.round(5).tolist(),
            "factors": np.linalg.cholesky(mixture.covariances_).round(5).tolist(),
        }
    columns = [name for name in table if name != TARGET]
    return {"columns": columns, "target": TARGET, "decimals": 4, "seed": 20121, "classes": classes}


if __name__ == "__main__":
    files.write_json(sys.argv[2], fit(pd.read_csv(sys.argv[1])))
