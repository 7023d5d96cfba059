from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scanner.stress.kills import KillResults, add_batch, kill_and_resume
from scanner.stress.small_pages import write_small_pages

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.stress.program_under_test import Event


def test_killed_batches_are_complete_once_resumed(tmp_path: Path) -> None:
    write_small_pages(tmp_path / "pages", 6, seed=1)
    *_, total = kill_and_resume(tmp_path / "pages", tmp_path, 2, seed=1)
    assert total == KillResults(batches=2, identical_batches=2)
    assert total.passed


def page_event(file: str, *, known: bool = False) -> Event:
    return {"event": "page", "file": file, "page": 1, "known": known}


def written(*files: str) -> dict[str, bytes]:
    pages = [{"file": file, "page": 1, "error": ""} for file in files]
    return {"results.csv": b"", "results.errors.csv": b"", "results.json": json.dumps({"pages": pages}).encode()}


def test_pages_read_twice_are_counted() -> None:
    both = written("a", "b")
    well = add_batch(KillResults(), [page_event("a")], [page_event("a", known=True), page_event("b")], both, both)
    assert well == KillResults(1, 1, 0, 0)
    twice = add_batch(well, [page_event("a")], [page_event("a"), page_event("b")], both, both)
    assert twice == KillResults(2, 2, 1, 0)
    assert not twice.passed


def test_lost_pages_and_different_results_are_counted() -> None:
    lost = add_batch(KillResults(), [], [page_event("a")], written("a"), written("a", "b"))
    assert lost == KillResults(1, 0, 0, 1)
    assert not lost.passed
    other = add_batch(KillResults(), [], [], {**written("a"), "results.csv": b"7"}, written("a"))
    assert other == KillResults(1, 0, 0, 0)
    assert not other.passed
