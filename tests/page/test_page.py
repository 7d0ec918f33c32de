"""What a reader does on a page, done in a real browser."""

import csv
import io
import subprocess
import sys
import time

import pandas as pd
import pytest
from conftest import quiet
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import made

LINE = "return [...document.querySelectorAll('#curves path')].map((each) => each.getAttribute('d')).join()"


def test_a_request_would_be_seen(browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text("<body data-ready='yes'><img src='http://192.0.2.1/picture.png'>")
    browser.open(path)
    _, asked = browser.logs()
    assert asked == ["http://192.0.2.1/picture.png"]


@pytest.mark.parametrize("name", ["rates", "two", "four", "values", "odd", "single"])
@pytest.mark.parametrize("width", [400, 1600])
def test_a_page_opens_quietly_and_fits_the_window(browser, pages, name, width):
    for scheme in ("light", "dark"):
        browser.open(pages[name], width=width, scheme=scheme)
        quiet(browser)
        assert browser.run("return document.documentElement.scrollWidth") <= width
        assert browser.run("return document.querySelectorAll('#over svg path').length") > 3


@pytest.mark.parametrize("name", ["rates", "two", "values"])
def test_hostile_names_are_text(browser, pages, name):
    browser.open(pages[name])
    assert browser.run("return document.querySelectorAll('img').length") == 0
    assert browser.text("h1") == f"Made: {made.HOSTILE} (simulated data)"
    assert browser.text(".warning") == made.HOSTILE
    if name == "rates":
        titles = browser.run("return [...document.querySelectorAll('#path text')].map((each) => each.textContent)")
        assert any(made.HOSTILE[:12] in title for title in titles)
    else:
        cells = browser.run("return [...document.querySelectorAll('#rates th data')].map((each) => each.value)")
        assert made.HOSTILE in cells
    quiet(browser)


def test_pointing_at_a_rate_shows_its_seeds_and_its_numbers(browser, pages):
    browser.open(pages["rates"])
    before = browser.run(LINE)
    assert browser.text("#numbers").startswith("learning rate 0.1:")
    chart = browser.driver.find_element(By.CSS_SELECTOR, "#over svg")
    ActionChains(browser.driver).move_to_element_with_offset(chart, -chart.size["width"] // 2 + 75, 0).perform()
    browser.until("return document.getElementById('numbers').textContent.startsWith('learning rate 0.001:')")
    assert "learning rate 0.001" in browser.text("#tip")
    assert not browser.run("return document.getElementById('tip').hidden")
    browser.until(f"return (() => {{ {LINE} }})() !== arguments[0]", before)
    assert "learning rate 0.001" in browser.run("return document.getElementById('curves').getAttribute('aria-label')")
    quiet(browser)


def test_the_keyboard_reaches_every_rate(browser, pages):
    browser.open(pages["rates"])
    slider = browser.driver.find_element(By.ID, "shown")
    before = browser.run(LINE)
    slider.send_keys(Keys.ARROW_RIGHT)
    assert browser.text("#numbers").startswith("learning rate 1:")
    browser.until(f"return (() => {{ {LINE} }})() !== arguments[0]", before)
    assert browser.run("return arguments[0].getAttribute('aria-valuetext')", slider) == browser.text("#numbers")
    browser.run("document.querySelector('#rates tbody tr:first-child .show').focus()")
    assert browser.text("#numbers").startswith("learning rate 0.001:")


def test_the_slider_over_epochs_shows_what_the_budget_says(browser, pages):
    browser.open(pages["rates"])
    for place, row in enumerate(made.budget([])):
        browser.set("#epoch", place + 1)
        assert f"After {row['epoch']} epoch" in browser.text("#budget")
        assert f": {row['best']} " in browser.text("#budget")
    browser.set("#epoch", 1)
    heights = "return [...document.querySelectorAll('#over path')].map((each) => each.getAttribute('d')).join()"
    first = browser.run(heights)
    browser.set("#epoch", made.EPOCHS)
    browser.until(f"return (() => {{ {heights} }})() !== arguments[0]", first)


def test_the_interval_for_new_rows_stands_at_the_star_after_the_last_epoch(browser, pages):
    browser.open(pages["rates"])
    assert "bar at the star: the interval of its loss on new rows" in browser.text("#over-caption")
    assert "; on new rows 0.03 to 0.11; " in browser.text("#numbers")
    news = "views.over.data('news')"
    assert browser.run(f"return {news}.map((each) => [each.x, each.from, each.to])") == [[0.1, *made.NEW_ROWS]]
    browser.set("#epoch", 1)
    browser.until(f"return {news}.length === 0")
    assert "on new rows" not in browser.text("#numbers")
    assert " after 1 epoch 0." in browser.text("#numbers")
    browser.open(pages["two"])
    assert browser.run(f"return {news}.length") == 0
    browser.driver.find_elements(By.CSS_SELECTOR, "#groups input")[1].click()
    browser.until(f"return {news}.length === 1")
    quiet(browser)


def test_the_diamond_stands_at_the_budgets_best(browser, tmp_path):
    rows = [{**row, "best": "0.001"} for row in made.budget([])]
    path = tmp_path / "page.html"
    path.write_text(made.rates_page(budget=rows), encoding="utf-8")
    browser.open(path)
    places = browser.run("return overData().best.map((each) => each.x)")
    assert places == [0.001]
    browser.set("#metric", "loss")
    assert browser.run("return overData().best.map((each) => each.x)") == []  # where star and best are one


def test_of_one_training_nothing_is_called_the_best(browser, pages):
    browser.open(pages["single"])
    assert browser.text("#budget").startswith("After 4 epochs: validation loss ")
    assert "best" not in browser.text("#numbers") + browser.text("#over-caption")
    assert "(varied)" not in browser.text("main")


def test_the_measure_is_a_choice(browser, pages):
    browser.open(pages["rates"])
    browser.set("#metric", "val_accuracy")
    browser.until("return document.getElementById('numbers').textContent.includes('validation accuracy')")
    assert browser.run("return document.getElementById('relative-label').hidden")
    browser.set("#metric", "loss")
    browser.until("return document.getElementById('over').textContent.includes('training loss')")
    browser.driver.find_element(By.ID, "relative").click()
    browser.until("return document.getElementById('over').textContent.includes('multiple of the best')")
    quiet(browser)


def test_a_few_losses_of_next_to_nothing_do_not_crowd_the_others(browser, tmp_path):
    trainings, settings = made.study({"learning_rate": made.RATES}, seeds=20)
    trainings[-1].val_loss[:2, -1] = 1e-7
    path = tmp_path / "page.html"
    path.write_text(made.build.page(trainings, made.files(trainings, settings), settings), encoding="utf-8")
    browser.open(path)
    least = min(float(sorted(each.val_loss[:, -1])[10]) for each in trainings)
    assert browser.run("return views.curves.scale('y').domain()[0]") > least / 20


def test_one_line_is_picked_by_its_name(browser, pages):
    browser.open(pages["two"])
    names = browser.run("return [...document.querySelectorAll('#groups label')].map((each) => each.textContent)")
    assert names == ["all", "sgd", made.HOSTILE]
    assert browser.text("#budget").count(", loss") == 2
    browser.driver.find_elements(By.CSS_SELECTOR, "#groups input")[2].click()
    assert browser.text("#numbers").startswith(f"optimizer {made.HOSTILE}, learning rate 0.1:")
    assert browser.text("#budget").count(", loss") == 1
    quiet(browser)


def test_a_click_on_a_cell_of_the_map_shows_its_training(browser, pages):
    browser.open(pages["four"])
    cells = browser.driver.find_elements(By.CSS_SELECTOR, "#map .mark-rect path")
    browser.run("arguments[0].scrollIntoView({block: 'center'})", cells[0])
    ActionChains(browser.driver).click(cells[0]).perform()
    browser.until(
        "return document.getElementById('numbers').textContent.startsWith('optimizer sgd, learning rate 0.001')"
    )


def test_sorting_and_the_download(browser, pages):
    browser.open(pages["rates"])
    trainings, settings = made.study({"learning_rate": made.RATES})
    losses = {row["learning_rate"]: row["val_loss_mean"] for row in made.files(trainings, settings)["summary"]}
    head = browser.driver.find_element(By.CSS_SELECTOR, "th[data-name=val_loss_mean] button")
    order = "return [...document.querySelectorAll('#rates tbody tr')].map((row) => row.querySelector('data').value)"
    head.click()
    assert browser.run(order) == sorted(losses, key=lambda rate: float(losses[rate]))
    head.click()
    assert browser.run(order) == sorted(losses, key=lambda rate: -float(losses[rate]))
    browser.driver.find_element(By.ID, "download").click()
    deadline = time.monotonic() + 20
    while not (path := browser.downloads / "made_made.csv").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert {row["learning_rate"]: row["val_loss_mean"] for row in rows} == losses


def test_the_costs_fit_a_narrow_window(browser, pages):
    browser.open(pages["two"], width=400)
    wide, there = browser.run(
        "const box = document.querySelector('#charts ~ section .scroll'); return [box.scrollWidth, box.clientWidth]"
    )
    assert wide <= there
    assert "With optimizer sgd, as above." in browser.text("[aria-labelledby=costs]")


def test_the_path_of_descent_follows_its_slider(browser, pages):
    browser.open(pages["rates"])
    slider = browser.driver.find_element(By.ID, "descent-rate")
    path = "return document.getElementById('path').innerHTML"
    before = browser.run(path)
    browser.run("arguments[0].focus()", slider)
    slider.send_keys(Keys.ARROW_RIGHT)
    browser.until(f"return (() => {{ {path} }})() !== arguments[0]", before)
    assert "above the limit" in browser.text("#descent-words")
    slider.send_keys(Keys.ARROW_LEFT)
    slider.send_keys(Keys.ARROW_LEFT)
    assert ", 10 % of the limit" in browser.text("#descent-words")
    assert browser.text("#limit").startswith("limit ")
    quiet(browser)


def test_without_descent_or_answer_the_page_says_less(browser, tmp_path):
    reason = "One feature: none."
    path = tmp_path / "page.html"
    page = made.rates_page(recommendation=None, budget=None, descent={"reason": reason}, paths=[])
    path.write_text(page, encoding="utf-8")
    browser.open(path)
    assert reason in browser.text("main")
    assert browser.run("return document.getElementById('descent').hidden")
    assert ": 0.1, loss" in browser.text("#budget")
    quiet(browser)


def test_it_prints(browser, pages, tmp_path):
    browser.open(pages["rates"])
    browser.print(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").stat().st_size > 20_000
    browser.tell("Emulation.setEmulatedMedia", media="print")
    assert not browser.driver.find_element(By.ID, "epoch").is_displayed()
    assert browser.driver.find_element(By.ID, "budget").is_displayed()
    browser.tell("Emulation.setEmulatedMedia", media="")


def test_what_is_said_to_those_who_do_not_see(browser, pages):
    browser.open(pages["rates"])
    charts = browser.run("return [...document.querySelectorAll('[role=img]')].map((each) => each.ariaLabel || '')")
    assert all(len(words) > 30 for words in charts)
    controls = browser.run("return [...document.querySelectorAll('input,select')].filter((one) => !one.labels.length)")
    assert controls == []


def test_the_pandas_lines_run(tmp_path, pages, browser):
    browser.open(pages["two"])
    trainings, settings = made.study({"optimizer": ["sgd", "b"], "learning_rate": made.RATES})
    folder = tmp_path / settings["folder"]
    folder.mkdir(parents=True)
    pd.DataFrame(made.files(trainings, settings)["summary"]).to_csv(folder / "summary.csv", index=False)
    rows = [
        {**each.setting, "seed": seed, "epoch": epoch - 1, "val_loss": loss}
        for each in trainings
        for seed, losses in enumerate(each.val_loss)
        for epoch, loss in enumerate(losses)
    ]
    pd.DataFrame(rows).to_parquet(folder / "histories.parquet")
    lines = browser.text("#pandas")
    run = subprocess.run([sys.executable, "-c", lines], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "val_loss_mean" in run.stdout
    assert "median" in run.stdout
