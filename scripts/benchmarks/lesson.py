"""The lecture as one plain script with one seed: what the default run of the workflow is timed against.

python scripts/benchmarks/lesson.py FILE FOLDER
"""

import sys
from pathlib import Path

import keras
import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.preprocessing import scale

file, folder = sys.argv[1], Path(sys.argv[2])
notes = pd.read_csv(file, header=None, names=["variance", "skewness", "curtosis", "entropy", "class"])
print(notes.head(), notes.dtypes, notes.isna().sum(), notes["class"].value_counts(), notes.describe())
sns.pairplot(notes, hue="class").savefig(folder / "pairplot.png")

features, target = scale(notes.drop(columns="class")), notes["class"].to_numpy()
print("forest", cross_val_score(RandomForestClassifier(), features, target, cv=3).mean())
train, test, train_target, test_target = train_test_split(features, target, test_size=0.3, random_state=42)


def fit(learning_rate, batch_size):
    """Train the logistic regression for ten epochs and return its history."""
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(learning_rate), "binary_crossentropy", metrics=["accuracy"])
    data = {"validation_data": (test, test_target), "epochs": 10, "batch_size": batch_size, "verbose": 0}
    return pd.DataFrame(model.fit(train, train_target, **data).history)


first = fit(0.01, 32)
axes = first[["loss", "accuracy"]].plot(ylim=(0, 1), title=f"Test accuracy: {first.val_accuracy.iloc[-1]:.3f}")
axes.figure.savefig(folder / "first_model.png")

rates = [0.01, 0.05, 0.1, 0.5]
histories = pd.concat([fit(rate, 16) for rate in rates], axis=1, keys=rates, names=["learning_rate", "metric"])
histories.to_csv(folder / "history.csv")
figure, panels = plt.subplots(2, figsize=(8, 7))
for panel, metric in zip(panels, ["loss", "accuracy"], strict=True):
    histories.xs(metric, axis=1, level="metric").plot(ax=panel, ylim=(0, 1), ylabel=metric)
figure.savefig(folder / "curves.png")
