"""Networks of one's own, Keras's own fit and the comparison with it, in the real workflow."""

import pandas as pd
import pytest
import yaml

from project import RESULTS, small_project
from training_made import OWN, PARTS

STUDY = {"title": "Mine", "vary": {"learning_rate": [0.01, 0.5]}, "fixed": {"network": "mine"}}
STOPPED = {
    "title": "Stopped", "engine": "fit", "vary": {"learning_rate": [0.01, 0.5]}, "fixed": {"network": "dropout_20"},
    "callbacks": [{"class": "EarlyStopping", "patience": 0, "min_delta": 10}],
}  # fmt: skip


def project_with(folder, **studies):
    """Return a small project with these studies and a network `mine`, whose file imports another beside it."""
    project = small_project(folder)
    (project.folder / "models").mkdir()
    (project.folder / "models/mine.py").write_text(OWN)
    (project.folder / "models/parts.py").write_text(PARTS)
    for name, content in studies.items():
        (project.folder / f"config/studies/{name}.yaml").write_text(yaml.safe_dump(content))

    def change(config: dict) -> None:
        config.update(seeds=4, studies=list(studies))
        config["networks"]["mine"] = {"file": "models/mine.py"}

    project.edit("config/config.yaml", change)
    return project


def test_a_model_of_ones_own_trains_again_when_what_it_imports_changes(tmp_path):
    project = project_with(tmp_path / "project", mine=STUDY)
    histories = f"{RESULTS}/studies/mine/histories.parquet"
    result = project.run(histories)
    assert result.returncode == 0, result.stdout
    assert project.planned(histories) == {}
    parts = project.folder / "models/parts.py"
    parts.write_text(parts.read_text().replace("ops.tanh", "ops.relu"))
    planned = project.planned(histories)
    assert (planned["compile"], planned["train"]) == (1, 2)
    assert "prepare" not in planned
    parts.write_text(parts.read_text().replace("shape[-1], 6", "shape[-1], 5"))
    failed = project.run(histories).stdout.splitlines()
    said = [line for line in failed if line.startswith("error: networks.mine.file: models/mine.py: model(4, 1, 'sig")]
    assert said
    (project.folder / "models/mine.py").unlink()
    last = project.run("--dry-run", "mine").stdout.strip().splitlines()[-1]
    assert last.startswith("error: config/config.yaml: networks.mine.file: there is no file models/mine.py")


def test_the_convolution_is_for_the_digits(tmp_path):
    project = project_with(tmp_path / "project")
    result = project.run("convolution", "--until", "compile", "--config", "studies=[convolution]")
    assert "error: networks.convolution.file: config/models/digits.py: model(4, 1, 'sigmoid'): " in result.stdout
    assert "for the 61 pixels of the dataset digits, not 4 features" in result.stdout


@pytest.mark.faults
def test_keras_own_fit_trains_a_study_and_is_compared_with(tmp_path):
    project = project_with(tmp_path / "project", mine=STUDY, stopped=STOPPED)
    result = project.run("stopped", "reference", seconds=540)
    assert result.returncode == 0, result.stdout
    assert "gives the same histories for 3 seeds of mine with sgd: losses differ by at most " in result.stdout
    assert "Of dropout_20 with sgd, whose layers draw random numbers, 4 seeds trained by fit" in result.stdout
    results = project.folder / RESULTS
    reference = pd.read_csv(results / "reference.csv")
    assert reference.network.tolist() == ["mine", "dropout_20"]
    assert reference.loc[0, ["loss", "val_loss"]].max() < 1e-5
    assert reference.loc[1, "p_value"] > 0.01
    tidy = pd.read_parquet(results / "studies/stopped/histories.parquet")
    of_seed = tidy[(tidy.seed == 1) & (tidy.learning_rate == 0.5)].set_index("epoch")
    assert (of_seed.loc[1] == of_seed.loc[2]).all()  # it stopped after the second epoch, and stays as it is
    assert (of_seed.loc[0] != of_seed.loc[1]).any()
    again = project.run("mine", "stopped")
    assert again.returncode == 0, again.stdout
    assert "gives the same histories" in (results / "studies/mine/answer.html").read_text()
    assert project.planned("reference", "mine", "stopped") == {}
