"""A browser, and pages to open in it."""

from collections.abc import Iterator

import pytest
from browser import Browser

import made
from debian import Unavailable


@pytest.fixture(scope="session")
def browser(tmp_path_factory) -> Iterator[Browser]:
    """The browser of this session, or the reason why there is none."""
    try:
        with Browser(tmp_path_factory.mktemp("browser")) as browser:
            yield browser
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """The made pages, as files: over rates, of two or four optimizers too, over optimizers, of one seed or training."""
    folder = tmp_path_factory.mktemp("pages")
    texts = {
        "rates": made.rates_page(),
        "two": made.rates_page(("sgd", made.HOSTILE)),
        "four": made.rates_page(("sgd", "a", "b", "c")),
        "values": made.values_page(),
        "odd": made.odd_page(),
        "single": made.single_page(),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


def quiet(browser) -> None:
    """Hold that the console said nothing and that nothing was asked outside the page."""
    said, asked = browser.logs()
    assert said == []
    assert asked == []
