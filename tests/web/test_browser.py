"""The page in a real browser, driven by mouse, touch, pen and files."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

pytest.importorskip("flask", reason="the web page needs Flask")
pytest.importorskip("selenium", reason="selenium is not installed")

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions import interaction
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from scanner.decision.review import percent_text
from scanner.pad.drawing import Drawing, render_ink
from scanner.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from selenium import webdriver

    from scanner.types import Image

TIMEOUT = 60  # seconds; the machine may be busy
MAX_UPLOAD_BYTES = 1024 * 1024

EMPTY = "\N{EN DASH}"  # shown instead of a digit

# Points in hundredths of the canvas's side, one list per stroke.
SEVEN = [[(28, 24), (70, 24), (61, 45), (47, 82)]]
STEM, BAR = [[(70, 24), (47, 82)]], [[(28, 24), (70, 24)]]  # a seven in two strokes
ONE = [[(50, 20), (50, 80)]]
ZERO = [[(50, 20), (35, 30), (30, 50), (35, 70), (50, 80), (65, 70), (70, 50), (65, 30), (50, 20)]]


@pytest.fixture(scope="module")
def url(serve: Callable[[Flask], str]) -> str:
    return serve(create_app(max_upload_bytes=MAX_UPLOAD_BYTES))


@pytest.fixture
def page(browser: webdriver.Chrome, url: str) -> Iterator[webdriver.Chrome]:
    browser.get(url)
    yield browser
    # The log has whatever the Content-Security-Policy blocks or a script throws.
    messages = [entry["message"] for entry in browser.get_log("browser")]  # type: ignore[no-untyped-call]  # selenium's
    assert [line for line in messages if "the server responded with a status of 4" not in line] == []


def draw(page: webdriver.Chrome, strokes: list[list[tuple[int, int]]], kind: str) -> None:
    canvas = page.find_element(By.ID, "canvas")
    left, top, side = (canvas.rect[name] for name in ("x", "y", "width"))
    device = PointerInput(kind, f"a {kind}")  # type: ignore[no-untyped-call]  # selenium's
    actions: Any = ActionBuilder(page, mouse=device, duration=10)
    for stroke in strokes:
        on_screen = [(round(left + x * side / 100), round(top + y * side / 100)) for x, y in stroke]
        pointer = actions.pointer_action
        pointer.move_to_location(*on_screen[0]).pointer_down()
        for (x0, y0), (x1, y1) in pairwise(on_screen):
            for step in range(1, 5):
                pointer.move_to_location(x0 + (x1 - x0) * step // 4, y0 + (y1 - y0) * step // 4)
        pointer.pointer_up()
    actions.perform()


def shown(page: webdriver.Chrome, element: str) -> str:
    return page.find_element(By.ID, element).get_attribute("textContent") or ""


def until_shown(page: webdriver.Chrome, element: str, pattern: str) -> None:
    WebDriverWait(page, TIMEOUT).until(lambda _: re.fullmatch(pattern, shown(page, element)))


def until_results(page: webdriver.Chrome, titles: list[str]) -> None:
    WebDriverWait(page, TIMEOUT).until(
        lambda _: [title.text for title in page.find_elements(By.CSS_SELECTOR, ".result h3")] == titles
    )


def written(strokes: list[list[tuple[int, int]]]) -> Image:
    """A digit 60 pixels high, black on white."""
    scaled = tuple(tuple((x * 3.2, y * 3.2) for x, y in stroke) for stroke in strokes)
    ink = render_ink(Drawing(320, 320, scaled))
    return 255 - cv2.resize(ink, (100, 100), interpolation=cv2.INTER_AREA).astype(np.uint8)


def scanned_page() -> Image:
    scan = np.full((700, 900), 255, np.uint8)
    for place, digit in enumerate((SEVEN, ONE, ZERO)):
        scan[300:400, 300 + 60 * place : 400 + 60 * place] &= written(digit)
    return scan


@pytest.mark.parametrize("kind", [interaction.POINTER_MOUSE, interaction.POINTER_TOUCH, interaction.POINTER_PEN])
def test_a_drawing_is_read_undone_and_cleared(page: webdriver.Chrome, kind: str) -> None:
    undo, clear = (page.find_element(By.ID, name) for name in ("undo", "clear"))
    assert not undo.is_enabled()

    draw(page, SEVEN, kind)
    until_shown(page, "answer", "7")
    until_shown(page, "confidence", r"[\d.]+% sure")
    until_shown(page, "announcement", r"7, [\d.]+% sure")
    bars = [item.text for item in page.find_elements(By.CSS_SELECTOR, "#bars .percent")]
    assert len(bars) == 10
    assert all(re.fullmatch(r"[\d.]+%", bar) for bar in bars)
    best = page.find_element(By.CSS_SELECTOR, "#bars li.best")
    assert best.text.split()[0] == "7"
    assert best.find_element(By.TAG_NAME, "i").size["width"] > 0

    undo.click()
    until_shown(page, "answer", EMPTY)
    assert not undo.is_enabled()

    draw(page, ZERO, kind)
    until_shown(page, "answer", "0")
    clear.click()
    until_shown(page, "answer", EMPTY)
    assert not clear.is_enabled()
    assert shown(page, "draw-error") == ""


def test_keys_undo_and_clear(page: webdriver.Chrome) -> None:
    draw(page, STEM, interaction.POINTER_MOUSE)
    until_shown(page, "answer", "1")
    draw(page, BAR, interaction.POINTER_MOUSE)
    until_shown(page, "answer", "7")
    ActionChains(page).key_down(Keys.CONTROL).send_keys("z").key_up(Keys.CONTROL).perform()
    until_shown(page, "answer", "1")
    ActionChains(page).send_keys(Keys.ESCAPE).perform()
    until_shown(page, "answer", EMPTY)


def test_requests_do_not_pile_up(page: webdriver.Chrome) -> None:
    draw(page, ZERO, interaction.POINTER_MOUSE)
    until_shown(page, "announcement", "0, .*")
    times = page.execute_script(
        "return performance.getEntriesByType('resource').filter(entry => entry.name.endsWith('/read'))"
        ".map(entry => [entry.startTime, entry.responseEnd])"
    )
    assert len(times) > 1
    assert all(next_start >= end for (_, end), (next_start, _) in pairwise(sorted(times)))


def test_a_page_comes_back_with_its_numbers(page: webdriver.Chrome, tmp_path: Path) -> None:
    # A file name that looks like markup is shown unchanged.
    file = tmp_path / "<b>page & 1.png"
    cv2.imwrite(str(file), scanned_page())

    page.find_element(By.ID, "file").send_keys(str(file))
    until_results(page, ["<b>page & 1.png: 1 number"])
    assert [cell.text for cell in page.find_elements(By.CSS_SELECTOR, ".pages td.number")] == ["710"]
    picture = page.find_element(By.CSS_SELECTOR, ".pages img")
    WebDriverWait(page, TIMEOUT).until(lambda _: picture.get_property("naturalWidth") == 900)
    assert int(str(picture.get_property("naturalHeight"))) >= 700  # the page, and what is drawn below it
    assert page.find_element(By.CSS_SELECTOR, ".csv").get_property("href").startswith("blob:")  # type: ignore[union-attr]  # None fails the test
    assert shown(page, "progress") == shown(page, "scan-error") == ""


def test_a_file_that_is_not_a_page_is_an_error(page: webdriver.Chrome, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("just some text")
    page.find_element(By.ID, "file").send_keys(str(file))
    until_shown(page, "scan-error", r".*notes\.txt.*")
    assert page.find_elements(By.CSS_SELECTOR, ".result") == []


def test_a_file_can_be_dropped(page: webdriver.Chrome) -> None:
    page.execute_script(
        "const dataTransfer = new DataTransfer();"
        "dataTransfer.items.add(new File(['some text'], 'dropped.txt'));"
        "document.getElementById('drop').dispatchEvent("
        "  new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));"
    )
    until_shown(page, "scan-error", r".*dropped\.txt.*")


def test_a_file_too_large_is_an_error(page: webdriver.Chrome, tmp_path: Path) -> None:
    file = tmp_path / "large.png"
    file.write_bytes(bytes(MAX_UPLOAD_BYTES + 1))
    page.find_element(By.ID, "file").send_keys(str(file))
    until_shown(page, "scan-error", r"large\.png: is larger than 1 MB; .*")


def test_all_files_that_are_chosen_are_read(page: webdriver.Chrome, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.png", "broken.png", "c.png")]
    for file in files:
        cv2.imwrite(str(file), scanned_page())
    files[1].write_bytes(b"no picture")
    page.find_element(By.ID, "file").send_keys("\n".join(map(str, files)))
    until_results(page, ["a.png: 1 number", "c.png: 1 number"])
    assert re.fullmatch(r"broken\.png.*", shown(page, "scan-error"))
    until_shown(page, "progress", "")


def test_what_to_check_is_seen_on_a_narrow_screen(page: webdriver.Chrome, tmp_path: Path) -> None:
    scan = scanned_page()
    scan[348:352, 290:570] = 0  # crossed out, so that it is to be checked
    cv2.imwrite(str(tmp_path / "a.png"), scan)
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    )
    try:
        page.find_element(By.ID, "file").send_keys(str(tmp_path / "a.png"))
        until_results(page, ["a.png: 1 number"])
        (table,) = page.find_elements(By.CSS_SELECTOR, ".pages .table")
        cells = table.find_elements(By.CSS_SELECTOR, "td:last-child")
        assert all(cell.text for cell in cells)
        assert all(cell.rect["x"] + cell.rect["width"] <= 360 for cell in cells)
        assert table.get_property("scrollWidth") == table.get_property("clientWidth")
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_percents_are_those_of_the_command_line(page: webdriver.Chrome) -> None:
    confidences = [0.0, 0.004, 0.29, 0.58, 0.89, 0.8999, 0.89999, 0.9, 0.9049, 0.91, 0.9999, 1.0]
    shown_percents = page.execute_async_script(
        "const [confidences, done] = arguments;"
        "import('/static/percent.js').then(({ asPercent }) => done(confidences.map(asPercent)));",
        confidences,
    )
    assert shown_percents == [percent_text(confidence) for confidence in confidences]
