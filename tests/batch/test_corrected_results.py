"""Readings of a state and what people say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scanner.batch.corrected_results import BatchCorrections, CorrectedResults
from scanner.batch.resumable_state import open_state
from scanner.corrections.correction import Correction, Verdict, new_id
from scanner.corrections.corrections_file import CorrectionsFile
from scanner.types import Box, Number, PageResult

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scanner.batch.resumable_state import BatchState

BOX = Box(10, 20, 40, 20)


def said(text: str, **given: Any) -> Correction:
    """That a text stands where 11 was read, on the first page of ``a.png``."""
    usual: dict[str, Any] = {"id": new_id(), "at": "2026-05-07T09:30:00Z", "by": "Ada", "file": "a.png", "sha256": ""}
    usual |= {"page": 1, "box": BOX, "read": "11", "verdict": Verdict.CORRECTED}
    return Correction(text=text, **(usual | given))


@pytest.fixture
def state() -> Iterator[BatchState]:
    number = Number("11", 0.5, "low confidence", 1, 1, BOX, ())
    with open_state(None, "a recipe") as state:
        for index, file in enumerate(("a.png", "b.png")):
            state.add_input(index, file, f"hash of {file}", 10)
            state.select_pages(index, (1, 2))
            state.add_result(index, 1, f"hash of {file}", PageResult(file, 1, 99, 99, (number,)), "")
            failed = PageResult(file, 2, 0, 0, error="is torn")
            state.add_result(index, 2, f"hash of {file}", failed, "")
        yield state


def texts(results: CorrectedResults) -> list[tuple[str, ...]]:
    return [tuple(number.text for number in result.numbers) for result in results]


def test_what_people_say_is_put_in_and_the_state_keeps_what_was_read(tmp_path: Path, state: BatchState) -> None:
    file, corrections = CorrectionsFile(tmp_path / "c.jsonl"), BatchCorrections(tmp_path / "c.jsonl")
    results = CorrectedResults(state, corrections)
    assert corrections.read_new() == frozenset()
    assert texts(results) == [("11",), (), ("11",), ()]
    first = said("17")
    file.append([first])
    assert texts(results) == [("11",), (), ("11",), ()]
    assert corrections.read_new() == {"a.png"}
    assert texts(results) == [("17",), (), ("11",), ()]
    assert texts(CorrectedResults(state, corrections, {"a.png"})) == [("17",), ()]
    assert [result.numbers[0].text for result in state.results() if result.numbers] == ["11", "11"]
    file.append([said("", verdict=Verdict.UNDONE, undoes=first.id)])
    assert corrections.read_new() == {"a.png"}
    assert texts(results) == [("11",), (), ("11",), ()]
    assert corrections.pages() == {("a.png", 1)}


def test_what_was_said_of_another_file_of_the_same_name_is_left_out(tmp_path: Path, state: BatchState) -> None:
    corrections = BatchCorrections(tmp_path / "c.jsonl")
    same, other = said("17", sha256="hash of a.png"), said("18", sha256="hash of an earlier a.png")
    CorrectionsFile(tmp_path / "c.jsonl").append([same, other])
    corrections.read_new()
    assert texts(CorrectedResults(state, corrections))[0] == ("17",)
    assert corrections.of_other_pages(state.read_pages()) == (other,)


def test_nothing_is_put_on_a_page_that_could_not_be_read_nor_lost(tmp_path: Path, state: BatchState) -> None:
    corrections = BatchCorrections(tmp_path / "c.jsonl")
    torn, gone = said("17", page=2), said("18", file="gone.png")
    skipped = said("", file="gone.png", verdict=Verdict.SKIPPED, box=Box(70, 70, 9, 9))
    CorrectionsFile(tmp_path / "c.jsonl").append([torn, gone, skipped])
    corrections.read_new()
    assert texts(CorrectedResults(state, corrections)) == [("11",), (), ("11",), ()]
    assert corrections.of_other_pages(state.read_pages()) == (torn, gone)


def test_without_a_file_nothing_is_corrected(state: BatchState) -> None:
    corrections = BatchCorrections(None)
    assert corrections.read_new() == frozenset()
    assert texts(CorrectedResults(state, corrections)) == [("11",), (), ("11",), ()]
