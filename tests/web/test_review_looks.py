"""How the page looks on which numbers are looked through, and that it survives what happens to its server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("flask", reason="the web page needs Flask")
pytest.importorskip("selenium", reason="selenium is not installed")

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from scanner.corrections.corrections_file import corrections_path, read_corrections
from scanner.types import Box, Number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from selenium import webdriver

TIMEOUT = 60  # seconds; the machine may be busy
ROOT = Path(__file__).parents[2]
AXE = files("axe_core_python") / "axe.min.js"
RUN_AXE = "const done = arguments[0]; axe.run().then(({violations}) => done(violations.map(({id, nodes}) => \
[id, nodes.map(({html}) => html)])));"
NUMBERS = [
    Number(str(1000 + i), 0.8, "", 1, 1, Box(60 + 240 * (i % 3), 40 + 90 * (i // 3), 80, 30), ()) for i in range(12)
]


@pytest.fixture
def results(make_batch: Callable[..., Path]) -> Path:
    return make_batch({"a page with quite a long name, as scanners give them 2026-03-04 17.35.12.png": NUMBERS})


@pytest.fixture
def page(browser: webdriver.Chrome) -> Iterator[webdriver.Chrome]:
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def show(page: webdriver.Chrome, width: int, height: int, theme: str) -> None:
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]})
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def until(page: webdriver.Chrome, condition: Callable[[], Any]) -> Any:
    return WebDriverWait(page, TIMEOUT, 0.05).until(lambda _: condition())


def until_text(page: webdriver.Chrome, element: str, text: str) -> None:
    until(page, lambda: text in page.find_element(By.ID, element).text)


def press(page: webdriver.Chrome, *keys: str) -> None:
    ActionChains(page).send_keys(*keys).perform()


def mistakes_of(page: webdriver.Chrome) -> Any:
    page.execute_script(AXE.read_text("utf-8"))
    return page.execute_async_script(RUN_AXE)


@pytest.mark.parametrize(
    ("width", "height", "theme"),
    [(1280, 800, "light"), (1280, 800, "dark"), (640, 400, "light"), (360, 740, "dark")],
    ids=["light", "dark", "twice as large", "phone"],
)
def test_nothing_is_cut_off_and_everyone_can_use_it(
    page: webdriver.Chrome, results: Path, open_review: Callable[..., str], width: int, height: int, theme: str
) -> None:
    show(page, width, height, theme)
    page.get(open_review(results))
    until_text(page, "position", "1 of 12")
    for view in ("o", "p", "w"):
        press(page, view)
        shown = "#picture" if view == "o" else ".box" if view == "p" else ".tile img"
        until(page, lambda shown=shown: page.find_elements(By.CSS_SELECTOR, shown))  # type: ignore[misc]
        controls = page.find_elements(
            By.CSS_SELECTOR, "header button, main > section > :not(.scroll) :is(button, select, input)"
        )
        rects = [control.rect for control in controls if control.is_displayed()]
        assert len(rects) > 8
        assert all(rect["x"] >= 0 and rect["x"] + rect["width"] <= width for rect in rects)
        assert page.execute_script("return document.documentElement.scrollWidth <= innerWidth")
        assert mistakes_of(page) == []


def test_a_picture_fits_also_if_the_window_has_changed_behind_another_view(
    page: webdriver.Chrome, results: Path, open_review: Callable[..., str]
) -> None:
    show(page, 1280, 800, "light")
    page.get(open_review(results))
    until(page, lambda: page.find_element(By.ID, "cut").rect["width"] > 400)
    press(page, "w")
    show(page, 360, 740, "light")
    press(page, "o")
    until(page, lambda: 0 < page.find_element(By.ID, "cut").rect["width"] <= 360)


@contextmanager
def running(results: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command as it is started by a person, and the address that it prints."""
    command = [sys.executable, "-m", "scanner", "review", str(results), "--no-browser", "--by", "Anna"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        address = re.search(r"http\S+", server.stdout.readline())
        assert address is not None
        try:
            yield server, address[0]
        finally:
            server.kill()


def test_nothing_that_was_decided_is_lost_with_the_server(page: webdriver.Chrome, results: Path) -> None:
    with running(results) as (server, address):
        page.get(address)
        until_text(page, "left", "12 left")
        press(page, Keys.ENTER, "5", Keys.ENTER)
        until_text(page, "left", "10 left")
        server.kill()
        server.wait()
        press(page, Keys.ENTER)
        until_text(page, "notice", "Not saved: The server does not respond")
        until_text(page, "saved", "Not saved")
        until_text(page, "left", "10 left")
    assert [each.text for each in read_corrections(corrections_path(results))] == ["1000", "5"]
    page.execute_script("window.onbeforeunload = null")
    with running(results) as (_, address):
        page.switch_to.new_window("tab")
        page.get(address)
        until_text(page, "left", "10 left")
        until_text(page, "position", "3 of 12")
        page.close()
    page.switch_to.window(page.window_handles[0])
    page.get_log("browser")  # type: ignore[no-untyped-call]  # that the server did not answer
