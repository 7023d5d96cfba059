from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import pytest

from scanner.review.decoded_pages import DecodedPages
from scanner.review.stack import load_stack
from scanner.types import Box, Number

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    Run = Callable[..., Result]

ROOT = Path(__file__).parents[2]


def test_it_passes_on_its_options_and_prints_the_address(
    succeed: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls: list[tuple[Any, ...]] = []
    opened: list[str] = []

    def review(*arguments: Any) -> tuple[str, ...]:
        *given, on_ready = arguments
        calls.append(tuple(given))
        on_ready("http://127.0.0.1:1/review/x/")
        return ("5 were read wrongly.",) if given[-1] else ()

    monkeypatch.setattr("scanner.web.review_results", review)
    monkeypatch.setattr("click.launch", opened.append)
    monkeypatch.setattr("getpass.getuser", lambda: "ada")
    monkeypatch.setenv("DISPLAY", ":0")
    assert "http://127.0.0.1:1/review/x/" in succeed("review", "r.csv").stdout
    assert opened == ["http://127.0.0.1:1/review/x/"]
    options = ("--by", "Ben", "--pages", tmp_path, "--host", "::1", "--port", "8001", "--no-browser", "--audit", "200")
    assert succeed("review", "r.csv", *options).stdout.endswith("Ctrl-C stops.\n5 were read wrongly.\n")
    assert calls == [
        (Path("r.csv"), "127.0.0.1", 0, "ada", None, None),
        (Path("r.csv"), "::1", 8001, "Ben", tmp_path, 200),
    ]
    assert len(opened) == 1


def test_results_without_a_state_are_an_error(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("flask", reason="the web page needs Flask")
    result = run("review", tmp_path / "none.csv")
    assert result.exit_code == 8
    assert "none.csv.state: does not exist; scan the pages first" in result.stderr


def test_a_port_that_is_taken_is_an_error_and_nothing_goes_on(run: Run, make_batch: Callable[..., Path]) -> None:
    pytest.importorskip("flask", reason="the web page needs Flask")
    results = make_batch({"a.png": [Number("7", 0.8, "", 1, 1, Box(50, 40, 20, 30), ())]})
    result = run("review", results, "--port", "70000")
    assert (result.exit_code, "choose another --port" in result.stderr) == (1, True)
    assert not any(thread.name == "crops" for thread in threading.enumerate())


def test_a_scan_remembers_where_its_pages_are_and_what_it_flagged(succeed: Run, tmp_path: Path) -> None:
    picture = cv2.imread(str(ROOT / "samples" / "ruled_log.png"))
    assert picture is not None
    (tmp_path / "pages").mkdir()
    cv2.imwrite(str(tmp_path / "pages" / "log.png"), picture[:420])
    succeed("scan", tmp_path / "pages", "--out", tmp_path / "r.csv", "--max-error", "0.0001%", "--quiet")
    stack = load_stack(tmp_path / "r.csv")
    assert DecodedPages(stack.pages).image(0).shape[0] == 420
    assert all(item.reason for item in stack.items.values())
    assert len(stack.items) > 3
