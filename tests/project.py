"""The real workflow, small, in a folder of its own: 16 seeds, 3 epochs, on the simulated stand-in."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path("results/banknote_standin")
TRAINING = "network~logistic/optimizer~sgd/initializer~glorot_uniform/epochs~3/batch_size~16/learning_rate~{}"

# Undoes what a shell does to a command that it runs in the background: it, and all it starts, ignore SIGINT.
HEARING_CTRL_C = [
    sys.executable,
    "-c",
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])",
]


class Project:
    """A copy of the project's own files, and Snakemake run in it."""

    def __init__(self, folder: Path):
        self.folder = folder
        for name in ("config", "scripts", "workflow"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))

    def start(self, *arguments: str, cores: int = 2, **environment: str) -> subprocess.Popen:
        """Start Snakemake, in a process group of its own and with DATA_MIRROR unset unless given."""
        clean = {key: value for key, value in os.environ.items() if key != "DATA_MIRROR"}
        return subprocess.Popen(
            [*HEARING_CTRL_C, sys.executable, "-m", "snakemake", "--cores", str(cores), *arguments],
            cwd=self.folder,
            env={**clean, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, seconds: float = 240, **more) -> subprocess.CompletedProcess:
        """Run Snakemake to its end; output and errors are one text, `stdout`."""
        process = self.start(*arguments, **more)
        output, _ = process.communicate(timeout=seconds)
        return subprocess.CompletedProcess(process.args, process.returncode, output)

    def planned(self, *arguments: str, **environment: str) -> dict[str, int]:
        """Return how many jobs of each rule a run would start now, beside the targets, which always run."""
        result = self.run("--dry-run", *arguments, **environment)
        assert result.returncode == 0, result.stdout
        table = re.search(r"^job +count\n[- ]+\n(.*?)\n\n", result.stdout, re.MULTILINE | re.DOTALL)
        if table is None:
            assert "Nothing to be done" in result.stdout, result.stdout
            return {}
        counts = dict(line.split() for line in table[1].splitlines())
        targets = {
            "all",
            "chapter",
            "everything",
            "reference",
            *(path.stem for path in self.folder.glob("config/studies/*.yaml")),
        }
        return {rule: int(count) for rule, count in counts.items() if rule not in targets | {"total"}}

    def edit(self, path: str, change) -> None:
        """Rewrite a YAML file of the copy with what `change` makes of its content."""
        file = self.folder / path
        content = yaml.safe_load(file.read_text())
        change(content)
        file.write_text(yaml.safe_dump(content, sort_keys=False))


def at(folder: Path) -> Project:
    """Return the project that is already in a folder."""
    project = object.__new__(Project)
    project.folder = folder
    return project


def tables(folder: Path) -> dict[str, bytes]:
    """Return every result that should be the same wherever and whenever it is made, by its path."""
    kept = [
        path for path in sorted((folder / "results").rglob("*")) if path.suffix in (".csv", ".json", ".parquet", ".png")
    ]
    return {str(path.relative_to(folder)): path.read_bytes() for path in kept}


def small_project(folder: Path) -> Project:
    """Return a project that has not run yet, whose config is that of config/test.yaml."""
    project = Project(folder)
    small = yaml.safe_load((folder / "config/test.yaml").read_text())
    project.edit("config/config.yaml", lambda config: config.update(small))
    for name in ("first_model", "learning_rates"):  # written as an edit writes them: no comments, so other lines
        project.edit(f"config/studies/{name}.yaml", lambda study: None)
    return project
