"""The page on which numbers are looked through, in a real browser, driven by keys, mouse and touch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("flask", reason="the web page needs Flask")
pytest.importorskip("selenium", reason="selenium is not installed")

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from scanner.corrections.correction import Verdict
from scanner.corrections.corrections_file import corrections_path, read_corrections
from scanner.corrections.standing import standing_corrections
from scanner.types import Box, Digit, Number, Opinion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from selenium import webdriver

    from scanner.corrections.correction import Correction

TIMEOUT = 60  # seconds; the machine may be busy
COUNT = 50


def number(index: int) -> Number:
    """Ten to a page, the first the least certain; each fifth is flagged, and the seventh was not read."""
    text = "" if index == 7 else str(100 + index % 10)
    box = Box(60 + 200 * (index % 3), 40 + 120 * (index % 10 // 3), 70, 30)
    digits = tuple(Digit(letter, 0.9, Box(box.x + 20 * i, box.y, 20, 30)) for i, letter in enumerate(text))
    reason = "low confidence" if index % 5 == 0 or not text else ""
    opinions = (Opinion("number", text, 0.9), Opinion("contours", f"7{index:02}", 0.4))
    return Number(text, 0.5 + index / 200 if text else 0.0, reason, 1, 1, box, digits, "", "handwritten", opinions)


@pytest.fixture
def results(make_batch: Callable[..., Path]) -> Path:
    return make_batch({f"<b>page{page}.png": [number(10 * page + i) for i in range(10)] for page in range(COUNT // 10)})


@pytest.fixture
def page(browser: webdriver.Chrome, open_review: Callable[..., str], results: Path) -> Iterator[webdriver.Chrome]:
    browser.get(open_review(results))
    until_text(browser, "position", "1 of 50")
    yield browser
    messages = [entry["message"] for entry in browser.get_log("browser")]  # type: ignore[no-untyped-call]  # selenium's
    assert messages == []


def until(page: webdriver.Chrome, condition: Callable[[], Any]) -> Any:
    return WebDriverWait(page, TIMEOUT, 0.05).until(lambda _: condition())


def text_of(page: webdriver.Chrome, element: str) -> str:
    return page.find_element(By.ID, element).text


def until_text(page: webdriver.Chrome, element: str, text: str) -> None:
    until(page, lambda: text in text_of(page, element))


def press(page: webdriver.Chrome, *keys: str) -> None:
    ActionChains(page).send_keys(*keys).perform()


def press_with(page: webdriver.Chrome, held: str, key: str) -> None:
    ActionChains(page).key_down(held).send_keys(key).key_up(held).perform()


def kept(results: Path) -> tuple[Correction, ...]:
    return standing_corrections(read_corrections(corrections_path(results)))


def until_kept(page: webdriver.Chrome, results: Path, count: int) -> tuple[Correction, ...]:
    until(page, lambda: len(kept(results)) == count)
    until_text(page, "saved", "Saved")
    return kept(results)


def drag(page: webdriver.Chrome, box: Box, kind: str = "mouse") -> None:
    """Draw a box, in pixels of the page."""
    sheet = page.find_element(By.ID, "sheet").rect
    scale = sheet["width"] / 800
    actions: Any = ActionBuilder(page, mouse=PointerInput(kind, f"a {kind}"), duration=10)  # type: ignore[no-untyped-call]  # selenium's
    pointer = actions.pointer_action
    pointer.move_to_location(round(sheet["x"] + box.x * scale), round(sheet["y"] + box.y * scale)).pointer_down()
    pointer.move_to_location(round(sheet["x"] + (box.x + 9) * scale), round(sheet["y"] + (box.y + 9) * scale))
    pointer.move_to_location(round(sheet["x"] + box.right * scale), round(sheet["y"] + box.bottom * scale))
    pointer.pointer_up()
    actions.perform()


def test_fifty_numbers_are_decided_by_keys_alone(page: webdriver.Chrome, results: Path) -> None:
    assert text_of(page, "left").startswith("50 left, 11 of them doubtful")
    press(page, Keys.ENTER)  # 0
    press(page, "31", Keys.ENTER)  # 5
    press(page, "u", "n", "s")  # 10, 15, 20
    press(page, "a")  # 25
    press_with(page, Keys.ALT, "1")  # 30
    press(page, *[Keys.ENTER] * 3)  # 35, 40, 45
    until_text(page, "reading", "Not read")
    press(page, Keys.ENTER)
    until_text(page, "notice", "Nothing was read here")
    press(page, "8", Keys.ENTER)
    press(page, *[Keys.ENTER] * 39)
    until_text(page, "left", "1 left, 1 of them doubtful")
    until_text(page, "reading", "100")  # the one that was skipped
    press(page, Keys.ENTER)
    until_text(page, "reading", "All looked through")
    until_text(page, "left", "All 50 are decided")
    words = [(each.verdict, each.text) for each in until_kept(page, results, COUNT)]
    assert words.count((Verdict.CORRECTED, "31")) == 1
    assert words.count((Verdict.UNREADABLE, "")) == words.count((Verdict.NO_NUMBER, "")) == 1
    assert words.count((Verdict.CORRECTED, "725")) == words.count((Verdict.CORRECTED, "730")) == 1
    assert words.count((Verdict.CORRECTED, "8")) == 1
    assert sum(verdict is Verdict.CONFIRMED for verdict, _ in words) == 44


def test_undo_goes_back_to_the_beginning_also_after_the_page_is_loaded_again(
    page: webdriver.Chrome, results: Path
) -> None:
    press(page, Keys.ENTER, Keys.ENTER, "4", Keys.ENTER)
    until_kept(page, results, 3)
    page.refresh()
    until_text(page, "left", "47 left")
    until_text(page, "position", "4 of 50")
    press(page, "z")
    until_text(page, "position", "3 of 50")
    press_with(page, Keys.CONTROL, "z")
    until_text(page, "position", "2 of 50")
    page.find_element(By.ID, "undo").click()
    until_text(page, "position", "1 of 50")
    press(page, "z")
    until_text(page, "notice", "nothing to undo")
    assert until_kept(page, results, 0) == ()
    assert len(read_corrections(corrections_path(results))) == 6


def test_typing_is_given_up_or_changed(page: webdriver.Chrome, results: Path) -> None:
    press(page, "12", Keys.ESCAPE, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
    until_text(page, "position", "2 of 50")
    press(page, Keys.F2, Keys.BACKSPACE, "7a", Keys.ENTER)  # letters are typed once something is
    (correction,) = until_kept(page, results, 1)
    assert (correction.read, correction.text) == ("105", "107a")


def test_a_missed_number_is_drawn_and_a_wrong_box_moved(page: webdriver.Chrome, results: Path) -> None:
    press(page, "+")
    drag(page, Box(500, 400, 60, 40))
    press(page, "42", Keys.ENTER)
    (added,) = until_kept(page, results, 1)
    assert (added.verdict, added.text, added.file) == (Verdict.ADDED, "42", "<b>page0.png")
    assert np.allclose(added.box, (500, 400, 60, 40), atol=2)
    until_text(page, "reading", "42")
    until(page, lambda: len(page.find_elements(By.CSS_SELECTOR, ".box")) == 11)
    press(page, "m", Keys.ARROW_RIGHT)
    press_with(page, Keys.SHIFT, Keys.ARROW_DOWN)
    press(page, Keys.ENTER)
    until(page, lambda: kept(results)[-1].verdict is Verdict.MOVED)
    (moved,) = kept(results)
    assert moved.text == "42"
    assert np.allclose(moved.place, (505, 400, 60, 45), atol=3)
    until(page, lambda: page.find_element(By.ID, "draft").is_displayed() is False)
    press(page, "n")  # it is taken away again
    until(page, lambda: len(page.find_elements(By.CSS_SELECTOR, ".box")) == 10)


def test_wrong_ones_of_a_wall_are_mended_in_one_go(page: webdriver.Chrome, results: Path) -> None:
    press(page, "w")
    Select(page.find_element(By.ID, "group")).select_by_visible_text("103 (5)")
    until(page, lambda: len(page.find_elements(By.CSS_SELECTOR, ".tile img")) == 5)
    tiles = page.find_elements(By.CSS_SELECTOR, ".tile")
    tiles[0].click()
    tiles[2].click()
    page.find_element(By.ID, "mended").send_keys("108", Keys.ENTER)
    assert {each.text for each in until_kept(page, results, 2)} == {"108"}
    press_with(page, Keys.CONTROL, Keys.ENTER)
    assert sorted(each.text for each in until_kept(page, results, 5)) == ["103"] * 3 + ["108"] * 2
    until_text(page, "wall-note", "confirmed")
    press(page, "z")  # what was decided in one go is undone in one go
    until(page, lambda: len(kept(results)) == 2)
    until(page, lambda: len(page.find_elements(By.CSS_SELECTOR, ".tile img")) == 3)


def test_single_digits_are_looked_at_and_their_numbers_mended_one_by_one(page: webdriver.Chrome, results: Path) -> None:
    press(page, "w")
    Select(page.find_element(By.ID, "group")).select_by_visible_text("digit 4")
    until(page, lambda: len(page.find_elements(By.CSS_SELECTOR, ".tile img")) == 5)
    page.find_element(By.CSS_SELECTOR, ".tile").click()
    assert not page.find_element(By.ID, "confirm-rest").is_displayed()
    page.find_element(By.ID, "mend-each").click()
    until_text(page, "position", "1 of 1")
    press(page, "109", Keys.ENTER)
    until(page, lambda: page.find_element(By.ID, "group").is_displayed())
    assert [each.text for each in until_kept(page, results, 1)] == ["109"]


def test_two_windows_do_not_overwrite_each_other(
    page: webdriver.Chrome, results: Path, open_review: Callable[..., str]
) -> None:
    page.switch_to.new_window("tab")
    page.get(open_review(results, "Ben"))
    until_text(page, "position", "1 of 50")
    first, second = page.window_handles[-2:]
    page.switch_to.window(first)
    press(page, "77", Keys.ENTER)
    until_kept(page, results, 1)
    page.switch_to.window(second)
    if text_of(page, "left").startswith("50"):  # it has not asked yet
        press(page, "88", Keys.ENTER)
        until_text(page, "notice", "Anna has decided this number meanwhile: “77”")
    until_text(page, "left", "49 left")
    assert [each.text for each in kept(results)] == ["77"]
    page.close()
    page.switch_to.window(first)
    page.get_log("browser")  # type: ignore[no-untyped-call]  # that the request was refused
