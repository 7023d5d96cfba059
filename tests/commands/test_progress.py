from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from scanner.batch.job import BatchOutcome
from scanner.batch.scheduler import PageEvent
from scanner.batch.worker_pool import FailureCause
from scanner.commands.progress import BatchPrinter, OnceOnlyReporter, progress_reporter
from scanner.results.summary import Summary
from scanner.types import Finding, PageResult

READ = PageEvent(PageResult("a.png", 1, 9, 9))
FAILED = PageEvent(PageResult("b.png", 0, 0, 0, error="b.png: is torn"), failure_cause=FailureCause.CRASH)
UNDRAWN = PageEvent(PageResult("c.png", 1, 9, 9), ("c.png: disk full", "c.png: disk full still"), was_known=True)


def printed(capsys: pytest.CaptureFixture[str], *, quiet: bool = False, as_json: bool = False) -> list[str]:
    with progress_reporter(quiet=quiet, as_json=as_json) as reporter:
        for event in (READ, FAILED, UNDRAWN):
            reporter.page_done(event)
        reporter.picture_done(UNDRAWN)
        reporter.note("b.png: faint")
        reporter.finish("3 pages", {"pages": 3, "expected_errors": 0.5})
    out, err = capsys.readouterr()
    assert out == ""
    lines: list[str] = err.splitlines()
    return lines


ERRORS = ["b.png: is torn", *["c.png: disk full", "c.png: disk full still"] * 2]


def test_what_went_wrong_and_the_sum_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys) == [*ERRORS, "b.png: faint", "3 pages"]


def test_quiet_prints_errors_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, quiet=True) == ERRORS


def test_what_several_rounds_find_is_reported_once(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_reporter(quiet=False, as_json=False) as reporter:
        once = OnceOnlyReporter(reporter)
        for known in (False, True, False):
            once.page_done(replace(FAILED, was_known=known))
            once.page_done(replace(UNDRAWN, drawing_errors=("c.png: disk full",)))
            once.note("b.png: faint")
        once.finish("3 pages", {})
    err = capsys.readouterr().err
    # A page that is read again is reported again.
    assert err.splitlines() == ["b.png: is torn", "c.png: disk full", "b.png: faint", "b.png: is torn", "3 pages"]


@pytest.mark.parametrize("watch", [False, True])
def test_bad_scans_are_listed_when_results_are_written(capsys: pytest.CaptureFixture[str], watch: bool) -> None:
    faint = replace(READ.result, scan_quality=(Finding("faint", "ink 12% darker than paper", "scan darker"),))
    outcome = BatchOutcome(Summary(pages=1))
    with progress_reporter(quiet=False, as_json=False) as reporter:
        printer = BatchPrinter(reporter, watch=watch)
        for _ in range(2):
            printer.page_done(replace(FAILED, was_known=True))
            printer.results_written(outcome, [faint])
    lines = ["b.png: is torn", "a.png: faint (ink 12% darker than paper) - scan darker"]
    if watch:
        # Every round says how far it is, but lists only what is new.
        so_far = "1 read so far; waiting for more, Ctrl-C ends"
        assert capsys.readouterr().err.splitlines() == [*lines, so_far, so_far]
    else:
        assert capsys.readouterr().err.splitlines() == lines * 2


@pytest.mark.parametrize("quiet", [False, True])
def test_json_lines_contain_everything(capsys: pytest.CaptureFixture[str], quiet: bool) -> None:
    entries: list[dict[str, Any]] = [json.loads(line) for line in printed(capsys, quiet=quiet, as_json=True)]
    page = {"event": "page", "file": "a.png", "page": 1, "numbers": 0, "error": ""}
    page |= {"cause": "", "undrawn": [], "known": False, "done": 0, "total": 0}
    assert entries == [
        page,
        page | {"file": "b.png", "page": 0, "error": "b.png: is torn", "cause": "crash"},
        page | {"file": "c.png", "undrawn": list(UNDRAWN.drawing_errors), "known": True},
        {"event": "note", "text": "c.png: disk full"},
        {"event": "note", "text": "c.png: disk full still"},
        {"event": "note", "text": "b.png: faint"},
        {"event": "end", "summary": "3 pages", "pages": 3, "expected_errors": 0.5},
    ]


def test_a_bar_is_drawn_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress_reporter(quiet=False, as_json=False) as reporter:
        reporter.page_done(READ)
        reporter.page_done(FAILED)
    assert "page/s]" in (shown := capsys.readouterr().err)
    assert "b.png: is torn\n" in shown


def test_the_bar_shows_how_many_pages_there_are_and_how_long_they_take(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress_reporter(quiet=False, as_json=False) as reporter:
        # Known pages come at once, and say nothing of how long the others take.
        for done in range(1, 91):
            reporter.page_done(replace(READ, was_known=True, done_pages=done, total_pages=100))
        for done in range(91, 96):
            time.sleep(0.15)
            reporter.page_done(replace(READ, done_pages=done, total_pages=120))
    last = next(text for text in reversed(capsys.readouterr().err.split("\r")) if "/120 [" in text)
    seconds_left = int(last.partition("<00:")[2][:2])
    assert 2 <= seconds_left <= 8


def test_the_bar_of_a_watched_folder_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress_reporter(quiet=False, as_json=False) as reporter:
        for done, total in ((1, 2), (2, 2), (1, 4)):
            time.sleep(0.11)
            reporter.page_done(replace(READ, done_pages=done, total_pages=total))
    assert "3/6 [" in capsys.readouterr().err
