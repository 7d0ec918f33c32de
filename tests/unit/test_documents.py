"""Documents that must agree with the code."""

import json
import re
from pathlib import Path

import describe_config
import figures
import pytest
import yaml

from lrstudy import provenance

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]


def test_the_configs_manual_is_made_from_the_schemas():
    assert (ROOT / "config/README.md").read_text() == describe_config.text()


def locked(name: str) -> dict[str, str]:
    """Return the packages of a lock file, and their versions."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", (ROOT / name).read_text(), re.MULTILINE))


def test_conda_has_the_locks_versions():
    lock = locked("requirements.lock")
    environment = yaml.safe_load((ROOT / "workflow/envs/environment.yaml").read_text())
    versions = dict(package.split("=") for package in environment["dependencies"])
    assert versions.pop("python") == "3.11"
    assert {name: lock[name.removesuffix("-base")] for name in versions} == versions


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-cluster.lock"])
def test_the_locks_name_no_index_and_hash_everything(lock):
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=[a-z])", text.strip()))


def test_only_a_cluster_has_its_plugins():
    """Snakemake imports every plugin that it sees at each start; the cluster's takes half a second."""
    cluster, everybody = locked("requirements-cluster.lock"), locked("requirements.lock")
    assert cluster and not cluster.keys() & everybody.keys()
    named = re.findall(r"^[\w-]+", (ROOT / "requirements-cluster.in").read_text(), re.MULTILINE)
    assert cluster.keys() == set(named)  # so that pip needs to look for no others
    plugins = {name for name in everybody if name.startswith("snakemake-") and "-plugin-" in name}
    assert plugins == {"snakemake-logger-plugin-rich", "snakemake-storage-plugin-fs"}


def test_the_readmes_pictures_are_those_that_make_figures_made():
    linked = set(re.findall(r"\]\(docs/figures/([\w.-]+)\)", (ROOT / "README.md").read_text()))
    made = json.loads((ROOT / "docs/figures/made.json").read_text())
    assert linked == made.keys() == figures.SHOWS.keys()
    for name, said in made.items():
        assert said.keys() == {"sha256", "shows", "result"}
        assert said["sha256"] == provenance.sha256(ROOT / "docs/figures" / name), f"{name}: run `make figures`"
        assert said["shows"] == figures.SHOWS[name]
        if said["shows"].endswith(".png"):
            assert said["result"] == said["sha256"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_linked_files_exist(document):
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / document).read_text())
    assert [link for link in links if not (ROOT / document).parent.joinpath(link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_named_make_targets_exist(document):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)`", (ROOT / document).read_text())) <= targets


def test_every_subpackage_is_on_the_map():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    packages = [path.parent.name for path in (ROOT / "scripts/lrstudy").glob("*/__init__.py")]
    assert packages
    assert [name for name in packages if f"`lrstudy/{name}/`" not in text] == []


def rules() -> dict[str, str]:
    """Return the text of each rule of the workflow, by its name; targets, which a loop makes, are none of them."""
    workflow = "\n".join(path.read_text() for path in sorted((ROOT / "workflow").rglob("*.smk")))
    return dict(re.findall(r"^rule (\w+):\n((?: .*\n|\n)+)", workflow, re.MULTILINE))


def test_the_readmes_graph_has_every_rule():
    graph = re.search(r"```mermaid\nflowchart LR\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    targets = {"reference"}  # written out, because it has files of its own
    assert set(re.findall(r"\w+", graph[1])) == rules().keys() - targets


def test_the_slurm_profile_keeps_the_default_ones_settings():
    default, slurm = (
        yaml.safe_load((ROOT / f"workflow/profiles/{name}/profile.yaml").read_text()) for name in ("default", "slurm")
    )
    for name in ("default-resources", "set-resources"):  # what jobs ask for differs between a machine and a cluster
        default.pop(name)
    assert {name: slurm[name] for name in default} == default


def test_what_goes_to_slurm_asks_for_more_at_each_attempt():
    """The rules that do not run where Snakemake does: each has its line in docs/cluster.md and in the profile."""
    local = re.search(r"^localrules:\n((?: +\w+,\n)+)", (ROOT / "workflow/Snakefile").read_text(), re.MULTILINE)
    distant = rules().keys() - set(re.findall(r"\w+", local[1]))
    asks = yaml.safe_load((ROOT / "workflow/profiles/slurm/profile.yaml").read_text())["set-resources"]
    assert asks.keys() == distant
    assert all("* attempt" in rule[what] for rule in asks.values() for what in ("mem_mb", "runtime"))
    said = re.search(r"rules go to Slurm\*\*: (.*?)\. The", (ROOT / "docs/cluster.md").read_text(), re.DOTALL)
    assert set(re.findall(r"`(\w+)`", said[1])) == distant


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "docs/reruns.md"])
def test_named_paths_exist(document):
    """Paths of the project in code marks; `lrstudy/` lies in `scripts/`, and subpackages of it are named alone, too."""
    words = re.findall(r"`([\w./-]+)`", (ROOT / document).read_text())
    first = (
        {path.name for path in ROOT.iterdir()}
        | {"lrstudy"}
        | {path.name for path in (ROOT / "scripts/lrstudy").iterdir()}
    )
    paths = [
        word
        for word in words
        if "/" in word and word.split("/")[0] in first - {"data", "results"} and "NAME" not in word
    ]
    places = [ROOT, ROOT / "scripts", ROOT / "scripts/lrstudy"]
    assert paths
    assert [path for path in paths if not any((place / path).exists() for place in places)] == []
