"""Numbers typed without seeing what was read, in a real browser, by keys alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("flask", reason="the web page needs Flask")
pytest.importorskip("selenium", reason="selenium is not installed")

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from scanner.corrections.calibration_file import calibration_path, read_calibration
from scanner.corrections.corrections_file import corrections_path, read_corrections
from scanner.review.audit_session import open_audit
from scanner.review.session import open_session
from scanner.types import Box, Number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from selenium import webdriver

TIMEOUT = 60  # seconds; the machine may be busy
SIZE = 6


@pytest.fixture
def results(make_batch: Callable[..., Path]) -> Path:
    numbers = [
        Number(str(910 + i), 0.95, "", 1, 1, Box(60 + 150 * (i % 4), 40 + 90 * (i // 4), 70, 30), ()) for i in range(8)
    ]
    return make_batch({"a.png": numbers})


@pytest.fixture
def page(browser: webdriver.Chrome, open_review: Callable[..., str], results: Path) -> Iterator[webdriver.Chrome]:
    browser.get(open_review(results, audit_size=SIZE))
    until_text(browser, "position", f"1 of {SIZE}")
    yield browser
    messages = [entry["message"] for entry in browser.get_log("browser")]  # type: ignore[no-untyped-call]  # selenium's
    assert messages == []


def until_text(page: webdriver.Chrome, element: str, text: str) -> None:
    WebDriverWait(page, TIMEOUT, 0.05).until(lambda _: text in page.find_element(By.ID, element).text)


def press(page: webdriver.Chrome, *keys: str) -> None:
    ActionChains(page).send_keys(*keys).perform()


def sample_texts(results: Path) -> list[Any]:
    """What was read of the sample, in the order in which it is asked for."""
    return [item.read for item in open_audit(results, open_session(results, "Ben"), SIZE).items()]


def test_a_sample_is_typed_blind_and_then_what_differs_is_decided(page: webdriver.Chrome, results: Path) -> None:
    read = sample_texts(results)
    until_text(page, "reading", "What stands here?")
    assert not any(text in page.find_element(By.TAG_NAME, "body").text for text in read)
    press(page, "w", "m", "+", Keys.ENTER)
    until_text(page, "notice", "What was read is shown later")
    press(page, read[0], Keys.ENTER, "17", Keys.ENTER, "n", "z")
    until_text(page, "left", "4 of 6 to type · 1 to decide")
    until_text(page, "reading", "What stands here?")
    press(page, "n", "18", Keys.ENTER, "s", read[5], Keys.ENTER)
    # The differing ones come before the one that was skipped.
    until_text(page, "sure", f"Typed so, but read as {read[1]}. Which is right?")
    assert page.find_element(By.ID, "reading").text == "17"
    press(page, Keys.ENTER)
    until_text(page, "sure", f"read as {read[2]}")
    press(page, Keys.ENTER)
    until_text(page, "sure", f"read as {read[3]}")
    press(page, "a")
    until_text(page, "reading", "What stands here?")
    press(page, read[4], Keys.ENTER)
    until_text(page, "report", "6 of 8 unflagged numbers were typed")
    until_text(page, "report", "2 were read wrongly: 33.3 %")
    kept = read_corrections(corrections_path(results))
    assert [each.blind for each in kept] == [True] * 3 + [False] + [True] * 2 + [False, True] + [False] * 3 + [True]
    session = open_session(results, "Ben")
    assert sorted(item.text for item in session.stack.items.values() if item.is_audited) == sorted(
        ["17", "", read[0], *read[3:]]
    )
    calibration = read_calibration(calibration_path(results))
    assert (calibration.audited, calibration.errors) == (SIZE, 2)
    page.refresh()
    until_text(page, "report", "2 were read wrongly")
