"""From a verified table to scaled features, class indices and a split: what every training reads."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from lrstudy.data import overviews
from lrstudy.errors import StudyError


def prepare(table: pd.DataFrame, entry: dict, *, fit_on: str, test_size: float, random_state: int) -> pa.Table:
    """Return the scaled features, `target` (int32 class index) and `subset` (`train` or `test`), in the table's order.

    With `fit_on="train"`, where each seed fills gaps from its own training rows, a column of 0 and 1 for each feature
    that had some follows.

    `entry` is the dataset's entry in the registry. With `fit_on="train"` medians, categories, means and
    variances are those of the training rows alone; a category that these do not have is zero in all its columns.
    The split is that of seed 0. The schema's metadata `lrstudy` names features and classes, and says what the other
    seeds' splits and scales follow from. Raises `StudyError` for a table that cannot be split.
    """
    table = overviews.used(table, entry)
    classes, target = np.unique(table[entry["target"]].to_numpy(), return_inverse=True)
    features = table.drop(columns=entry["target"])
    train, test = _split(target, entry, test_size, random_state)
    encoder = _encoder(features, entry.get("missing_texts"))
    fitted = features if fit_on == "all" else features.iloc[train]
    if empty := [name for name in fitted if fitted[name].isna().all()]:
        raise StudyError(
            f"column {empty[0]!r} has no value in the training rows; add it to drop:, or scale on all rows"
        )
    encoder.fit(fitted)
    scaled = encoder.transform(features)
    names = [str(name) for name in encoder.get_feature_names_out()]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise StudyError(f"categorical: one_hot gives two columns the name {twice!r}; rename one of them in the file")
    # Texts are filled alike for all seeds: by a category of their own, or by the most frequent one of seed 0's rows.
    numeric = features.select_dtypes("number")
    gaps = [name for name in numeric if numeric[name].isna().any()] if fit_on == "train" else []
    subset = np.full(len(target), "train", dtype=object)
    subset[test] = "test"
    facts = {
        "features": list(names),
        "classes": [str(label) for label in classes],
        "scaling": fit_on,
        "gaps": [names.index(str(name)) for name in gaps],
        "split": {"random_state": random_state, "stratify": bool(entry.get("stratify"))},
    }
    columns = [*(pa.array(column) for column in scaled.T), pa.array(target.astype(np.int32)), pa.array(subset)]
    columns += [pa.array(features[name].isna().to_numpy(np.int8)) for name in gaps]
    names += ["target", "subset", *(f"{name} was missing" for name in gaps)]
    prepared = pa.table(columns, names=names)
    return prepared.replace_schema_metadata({"lrstudy": json.dumps(facts)})


def _split(target: np.ndarray, entry: dict, test_size: float, random_state: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the row numbers of training and test, both in the table's order."""
    stratify = target if entry.get("stratify") else None
    try:
        train, test = train_test_split(
            np.arange(len(target)), test_size=test_size, random_state=random_state, stratify=stratify
        )
    except ValueError as error:
        raise StudyError(f"config/config.yaml: split: {len(target)} rows cannot be split so: {error}") from None
    if len(np.unique(target[train])) < len(np.unique(target)):
        raise StudyError("config/config.yaml: split: a class has no training row; set `stratify: true` for the dataset")
    if len(test) < len(np.unique(target)):
        raise StudyError(
            f"config/config.yaml: split.test_size: {test_size} of {len(target):,} rows leaves {len(test)} to test on, "
            "fewer than there are classes; write a larger share"
        )
    return np.sort(train), np.sort(test)


def _encoder(features: pd.DataFrame, missing_texts: str | None) -> Pipeline:
    """Return the pipeline: medians for missing numbers, one column per category, zero mean and unit variance.

    Missing texts become the most frequent one, or a category of their own, which is an empty text.
    """
    numeric = [name for name in features if pd.api.types.is_numeric_dtype(features[name])]
    texts = [name for name in features if name not in numeric]
    steps = (
        [(SimpleImputer(strategy="median"), numeric)]
        if features[numeric].isna().any(axis=None)
        else [("passthrough", numeric)]
    )
    if texts:
        one_hot = OneHotEncoder(
            sparse_output=False, handle_unknown="ignore", drop="if_binary", feature_name_combiner="{}={}".format
        )
        if features[texts].isna().any(axis=None):
            own = {"strategy": "constant", "fill_value": ""}
            filled = SimpleImputer(**({"strategy": "most_frequent"} if missing_texts == "most_frequent" else own))
            one_hot = make_pipeline(filled, one_hot)
        steps.append((one_hot, texts))
    columns = make_column_transformer(*steps, verbose_feature_names_out="{feature_name}")
    return make_pipeline(columns, StandardScaler())
