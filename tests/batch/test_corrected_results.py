"""Readings of a state and what people say of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from scanner.batch.corrected_results import BatchCorrections, CorrectedResults, UncorrectedResults
from scanner.batch.resumable_state import open_state
from scanner.corrections.calibration_file import write_calibration
from scanner.corrections.correction import Correction, Verdict, new_id
from scanner.corrections.corrections_file import CorrectionsFile
from scanner.decision.stack_calibration import StackCalibration
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


def test_confidences_are_those_of_an_audit_but_for_what_a_person_says(tmp_path: Path, state: BatchState) -> None:
    # Log odds of 1/2 are 0: with the shift the odds are 1 to 3.
    write_calibration(tmp_path / "c.json", StackCalibration(shift=-math.log(3), lowest=0.5, audited=9))
    corrections = BatchCorrections(tmp_path / "c.jsonl", calibration=tmp_path / "c.json")
    CorrectionsFile(tmp_path / "c.jsonl").append([said("17")])
    corrections.read_new()
    both = CorrectedResults(state, corrections), UncorrectedResults(state, corrections)
    assert [[n.confidence for result in results for n in result.numbers] for results in both] == [
        pytest.approx([1, 0.25]),
        pytest.approx([0.25, 0.25]),
    ]


def test_what_becomes_sure_by_an_audit_is_not_flagged_any_more(tmp_path: Path, state: BatchState) -> None:
    write_calibration(tmp_path / "c.json", StackCalibration(shift=9.0, lowest=0.5, ceiling=0.95, audited=9))
    (first, *_) = CorrectedResults(state, BatchCorrections(None, calibration=tmp_path / "c.json"))
    assert (first.numbers[0].confidence, first.numbers[0].review_reason) == (0.95, "")
