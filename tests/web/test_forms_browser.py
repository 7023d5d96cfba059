"""Making a form of an uploaded page in a real browser, up to the files that are downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

pytest.importorskip("flask", reason="the web page needs Flask")
pytest.importorskip("selenium", reason="selenium is not installed")

from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from scanner.forms.form_file import load_form
from scanner.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask
    from selenium import webdriver

    from scanner.types import Image

TIMEOUT = 60  # seconds; the machine may be busy


def form_page() -> Image:
    page: Image = np.full((600, 500, 3), 255, np.uint8)
    for top in (100, 200, 300):
        cv2.rectangle(page, (200, top), (400, top + 40), (0, 0, 0), 2)
        cv2.putText(page, "Number", (60, top + 28), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2)
    return page


@pytest.fixture(scope="module")
def url(serve: Callable[[Flask], str]) -> str:
    return serve(create_app())


def test_a_page_becomes_a_form_to_download(browser: webdriver.Chrome, url: str, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "meter.png"), form_page())
    folder = tmp_path / "downloads"
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    browser.get(url)
    browser.find_element(By.LINK_TEXT, "Name the fields of a form").click()
    browser.find_element(By.ID, "file").send_keys(str(tmp_path / "meter.png"))
    wait = WebDriverWait(browser, TIMEOUT)
    wait.until(lambda _: browser.find_elements(By.CSS_SELECTOR, "#save:enabled"))[0].click()
    wait.until(lambda _: (folder / "form.toml").is_file())
    browser.find_element(By.LINK_TEXT, "Reference").click()
    wait.until(lambda _: (folder / "form_reference.png").is_file())
    form = load_form(folder / "form.toml")
    assert (form.name, len(form.fields)) == ("meter", 3)
    reference = cv2.imread(str(form.reference_path))
    assert reference is not None
    assert np.array_equal(reference, form_page())
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]  # selenium's


def test_what_is_no_page_is_said(browser: webdriver.Chrome, url: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("just some text")
    browser.get(f"{url}forms")
    browser.find_element(By.ID, "file").send_keys(str(tmp_path / "notes.txt"))
    error = browser.find_element(By.ID, "scan-error")
    WebDriverWait(browser, TIMEOUT).until(lambda _: "notes.txt: is not a PNG" in error.text)
    browser.get_log("browser")  # type: ignore[no-untyped-call]  # has the status of that answer
