"""Debian's Chromium for the tests of the page, driven by Selenium; nothing it may ask of a network gets anywhere."""

import base64
import json
import shutil
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from debian import install

FLAGS = (
    *("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "no-default-browser-check"),
    *("disable-background-networking", "disable-component-update", "disable-sync"),
)
OURS = ("file:", "data:", "blob:", "about:", "chrome:")  # addresses that leave no machine


class Browser:
    """A Chromium with a profile of its own, in `folder`, while its `with` block lasts."""

    def __init__(self, folder: Path):
        install(["chromium", "chromedriver"], ["chromium", "chromium-driver"])
        self.downloads = folder / "downloads"
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for flag in (*FLAGS, f"user-data-dir={folder / 'profile'}", "window-size=1600,1200"):
            options.add_argument(f"--{flag}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        self.tell(
            "Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads), eventsEnabled=False
        )

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_) -> None:
        self.driver.quit()

    def tell(self, command: str, **arguments):
        """Give the browser a command of its DevTools protocol."""
        return self.driver.execute_cdp_cmd(command, arguments)

    def open(self, path: Path, *, width: int = 1600, scheme: str = "light") -> float:
        """Open a page and wait until its charts are drawn; return how many seconds that took."""
        self.tell("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.tell("Emulation.setDeviceMetricsOverride", width=width, height=1000, deviceScaleFactor=1, mobile=False)
        self.logs()
        start = time.monotonic()
        self.driver.get(path.resolve().as_uri())
        self.until("return document.body.dataset.ready === 'yes'")
        return time.monotonic() - start

    def run(self, script: str, *arguments):
        """Return what a script returns."""
        return self.driver.execute_script(script, *arguments)

    def until(self, script: str, *arguments, seconds: float = 20):
        """Return what a script returns once that is true; fails after `seconds` with what the console says."""
        deadline = time.monotonic() + seconds
        while not (result := self.run(script, *arguments)):
            assert time.monotonic() < deadline, (script, self.driver.get_log("browser"))
            time.sleep(0.02)
        return result

    def text(self, css: str) -> str:
        """Return the text of the first element that a selector finds."""
        return self.run("return document.querySelector(arguments[0]).textContent", css)

    def set(self, css: str, value) -> None:
        """Give a control a value, as a reader who moves it does."""
        script = (
            "const one = document.querySelector(arguments[0]); one.value = arguments[1];"
            "one.dispatchEvent(new Event('input', {bubbles: true})); one.dispatchEvent(new Event('change'));"
        )
        self.run(script, css, str(value))

    def logs(self) -> tuple[list[str], list[str]]:
        """Return what the console said since the last call, and the addresses outside the page that were asked."""
        said = [entry["message"] for entry in self.driver.get_log("browser")]
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]
        return said, [address for address in asked if not address.startswith(OURS)]

    def print(self, path: Path) -> None:
        """Print the page to a PDF file."""
        path.write_bytes(base64.b64decode(self.tell("Page.printToPDF", printBackground=False)["data"]))
