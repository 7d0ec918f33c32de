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
    result = project.run("everything", seconds=3600)
    assert result.returncode == 0, result.stdout
    return project


def test_all_studies_open_quietly_within_the_size_and_in_time(browser, everything):
    pages = sorted((everything.folder / "results").glob("*/studies/*/answer.html"))
    studies = [path.stem for path in (everything.folder / "config/studies").iterdir() if path.stem != "convolution"]
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


REPORTED = ["learning_rate_range", "optimizers"]
CLICK = (
    "const one = [...document.querySelectorAll('a')].find((each) => each.textContent.trim() === arguments[0]);"
    "if (one) one.click(); return Boolean(one);"
)
OPENED = "return [...document.querySelectorAll('iframe, img[src*=\"image/png\"]')].map((each) => each.tagName)[0]"


@pytest.fixture(scope="session")
def report(everything):
    """The report of two studies on one of the datasets that were made together."""
    asked = [*REPORTED, "--report", "report.html", "--config", "dataset=banknote_standin"]
    result = everything.run(*asked, seconds=300)
    assert result.returncode == 0, result.stdout
    return everything.folder / "report.html"


def test_the_front_page_begins_within_a_low_window(browser, report):
    browser.tell("Emulation.setDeviceMetricsOverride", width=1600, height=300, deviceScaleFactor=1, mobile=False)
    browser.driver.get(report.as_uri())
    browser.until("return document.body.innerText.includes('Which learning rate to use')")
    first = "[...document.querySelectorAll('p')].find((each) => each.textContent.startsWith('Which learning rate'))"
    assert browser.run(f"return {first}.getBoundingClientRect().top") >= 0
    browser.tell("Emulation.setDeviceMetricsOverride", width=1600, height=1000, deviceScaleFactor=1, mobile=False)


@pytest.mark.parametrize("study", REPORTED)
def test_every_entry_of_the_report_opens(browser, everything, report, study):
    browser.driver.get(report.as_uri())
    for word in ("Studies", study):
        browser.until(CLICK, word)
    browser.until("return document.querySelector('a[iconname=eye]') !== null")
    names = browser.run("return [...document.querySelectorAll('tr td:nth-child(2)')].map((each) => each.textContent)")
    assert {"the answer, as a page", "all tables", "curves"} <= set(names)
    assert browser.run("return document.querySelectorAll('a[iconname=eye]').length") == len(
        names
    )  # none only downloads
    for place, name in enumerate(names):
        browser.run("document.querySelectorAll('a[iconname=eye]')[arguments[0]].click()", place)
        page = name in ("the answer, as a page", "all tables")
        browser.until(f"return (() => {{ {OPENED} }})() === arguments[0]", "IFRAME" if page else "IMG")
        if page:
            browser.driver.switch_to.frame(browser.driver.find_element("css selector", "iframe"))
            browser.until("return document.querySelectorAll('tbody tr').length > 3")
            headings = browser.run("return [...document.querySelectorAll('h2')].map((each) => each.textContent)")
            said = browser.run("return document.body.innerText")
            browser.driver.switch_to.default_content()
        else:
            browser.until("return document.querySelector('img[src*=\"image/png\"]').naturalWidth > 300")
        if name == "the answer, as a page" and study == "learning_rate_range":
            assert "se a learning rate of" in said
        if name == "all tables":
            with_rates = ["Recommendation", "Learning-rate finders", "Budget", "Sources of variance"]
            wanted = with_rates if study == "learning_rate_range" else ["Comparisons"]
            assert {*wanted, "Statistics over seeds", "History of seed 0", "Baselines", "The table"} == set(headings)
