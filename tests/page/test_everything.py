"""Every page that the workflow makes, of the simulated banknotes and of wine, opened in a real browser."""

import pytest
from conftest import quiet

from project import Project

DATASETS = ["banknote_standin", "wine"]
LARGEST = 1_500_000  # bytes


@pytest.fixture(scope="session")
def everything(tmp_path_factory) -> Project:
    """A project in which every study has run, on both tables."""
    project = Project(tmp_path_factory.mktemp("everything"))
    project.edit("config/config.yaml", lambda config: config.update(dataset=DATASETS))
    result = project.run("everything", seconds=1800)
    assert result.returncode == 0, result.stdout
    return project


def test_all_studies_open_quietly_within_the_size_and_in_time(browser, everything):
    pages = sorted((everything.folder / "results").glob("*/studies/*/answer.html"))
    studies = [path.stem for path in (everything.folder / "config/studies").iterdir()]
    assert len(pages) == len(DATASETS) * len(studies)
    sizes = {str(page.relative_to(everything.folder)): page.stat().st_size for page in pages}
    assert [path for path, size in sizes.items() if size > LARGEST] == []
    for page in pages:
        seconds = browser.open(page)
        quiet(browser)
        assert browser.run("return document.querySelectorAll('#over svg path').length") > 0
        assert browser.run("return document.querySelectorAll('#rates tbody tr').length") > 0
        print(f"{page.relative_to(everything.folder)}: {page.stat().st_size:,} bytes, {seconds:.2f} s")


def test_the_slider_agrees_with_budget_csv(browser, everything):
    studies = everything.folder / "results/banknote_standin/studies"
    budget = studies / "learning_rate_range/budget.csv"
    rows = [line.split(",") for line in budget.read_text().splitlines()]
    browser.open(studies / "learning_rate_range/answer.html")
    for place, row in enumerate(rows[1:], start=1):
        numbers = dict(zip(rows[0], row, strict=True))
        browser.set("#epoch", place)
        assert f"After {numbers['epoch']} epoch" in browser.text("#budget")
        assert f": {float(numbers['best']):g}" in browser.text("#budget")
