from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from scanner.batch.scheduler import PageEvent
from scanner.commands.progress import OnceOnlyReporter, progress_reporter
from scanner.types import PageResult

READ = PageEvent(PageResult("a.png", 1, 9, 9))
FAILED = PageEvent(PageResult("b.png", 0, 0, 0, error="b.png: is torn"))
UNDRAWN = PageEvent(PageResult("c.png", 1, 9, 9), ("c.png: disk full", "c.png: disk full still"), was_known=True)


def said(capsys: pytest.CaptureFixture[str], *, quiet: bool = False, as_json: bool = False) -> list[str]:
    with progress_reporter(quiet=quiet, as_json=as_json) as told:
        for event in (READ, FAILED, UNDRAWN):
            told.page_done(event)
        told.picture_done(UNDRAWN)
        told.note("b.png: faint")
        told.finish("3 pages", {"pages": 3, "expected_errors": 0.5})
    out, err = capsys.readouterr()
    assert out == ""
    lines: list[str] = err.splitlines()
    return lines


COMPLAINTS = ["b.png: is torn", *["c.png: disk full", "c.png: disk full still"] * 2]


def test_what_went_wrong_and_the_sum_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys) == [*COMPLAINTS, "b.png: faint", "3 pages"]


def test_quiet_is_what_went_wrong_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, quiet=True) == COMPLAINTS


def test_what_several_rounds_find_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_reporter(quiet=False, as_json=False) as told:
        once = OnceOnlyReporter(told)
        for known in (False, True, False):
            once.page_done(replace(FAILED, was_known=known))
            once.page_done(replace(UNDRAWN, drawing_errors=("c.png: disk full",)))
            once.note("b.png: faint")
        once.finish("3 pages", {})
    err = capsys.readouterr().err
    # Read anew, a page is told again.
    assert err.splitlines() == ["b.png: is torn", "c.png: disk full", "b.png: faint", "b.png: is torn", "3 pages"]


@pytest.mark.parametrize("quiet", [False, True])
def test_json_lines_say_everything(capsys: pytest.CaptureFixture[str], quiet: bool) -> None:
    entries: list[dict[str, Any]] = [json.loads(line) for line in said(capsys, quiet=quiet, as_json=True)]
    page = {"event": "page", "file": "a.png", "page": 1, "numbers": 0, "error": "", "undrawn": [], "known": False}
    assert entries == [
        page,
        page | {"file": "b.png", "page": 0, "error": "b.png: is torn"},
        page | {"file": "c.png", "undrawn": list(UNDRAWN.drawing_errors), "known": True},
        {"event": "note", "text": "c.png: disk full"},
        {"event": "note", "text": "c.png: disk full still"},
        {"event": "note", "text": "b.png: faint"},
        {"event": "end", "summary": "3 pages", "pages": 3, "expected_errors": 0.5},
    ]


def test_a_bar_is_drawn_where_somebody_watches(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress_reporter(quiet=False, as_json=False) as told:
        told.page_done(READ)
        told.page_done(FAILED)
    assert " pages" in (said := capsys.readouterr().err)
    assert "b.png: is torn\n" in said
