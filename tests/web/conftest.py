from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TIMEOUT = 60  # seconds; the machine may be busy
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--window-size=1000,1400"),
)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real browser, if there is one; its log has whatever a policy blocks or a script throws."""
    pytest.importorskip("selenium", reason="selenium is not installed")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    chromedriver = shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        pytest.skip("Chromium or chromedriver is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(chromedriver))
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Any], str]]:
    """Serve applications until the tests end, each at the address that is returned."""
    pytest.importorskip("flask", reason="the web page needs Flask")
    from scanner.web.server import open_server, page_url

    started = []

    def serve(app: Any) -> str:
        server = open_server("127.0.0.1", 0, app)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        started.append((server, thread))
        return page_url("127.0.0.1", server.port)

    yield serve
    for server, thread in started:
        server.shutdown()
        thread.join(TIMEOUT)
        server.server_close()


@pytest.fixture
def open_review(serve: Callable[[Any], str]) -> Callable[..., str]:
    """Serve a review; returns the address of its page."""

    from scanner.review.audit_session import open_audit
    from scanner.review.crop_cache import CropCache
    from scanner.review.crop_shelf import CropShelf
    from scanner.review.decoded_pages import DecodedPages
    from scanner.review.session import open_session
    from scanner.web.review_app import ReviewDesk, build_review_app

    def address(results: Path, by: str = "Anna", audit_size: int | None = None) -> str:
        session = open_session(results, by)
        pages = DecodedPages(session.stack.pages)
        shelf = CropShelf(session.stack, pages, CropCache(results.with_name("crops")))
        audit = None if audit_size is None else open_audit(results, session, audit_size)
        app, path = build_review_app(ReviewDesk(session, pages, shelf, results.name, audit), "127.0.0.1")
        return serve(app) + path

    return address
