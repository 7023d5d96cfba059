from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scanner.corrections.correction import Verdict
from scanner.corrections.corrections_file import corrections_path, read_corrections
from scanner.corrections.standing import standing_corrections
from scanner.review.session import DecidedMeanwhileError, Decision, ReviewSession, open_session
from scanner.types import Box, Number

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SEVEN = Number("7", 0.8, "", 1, 1, Box(50, 40, 20, 30), ())
UNREAD = Number("", 0.0, "unread", 1, 2, Box(90, 40, 20, 30), ())
EMPTY = Number("", 0.9, "", 1, 3, Box(130, 40, 20, 30), (), field="total", is_empty=True)


@pytest.fixture
def results(make_batch: Callable[..., Path]) -> Path:
    return make_batch({"a.png": [SEVEN, UNREAD, EMPTY]})


@pytest.fixture
def session(results: Path) -> ReviewSession:
    return open_session(results, "Anna")


def text_of(results: Path) -> list[tuple[str, str]]:
    return [
        (str(each.verdict), each.text) for each in standing_corrections(read_corrections(corrections_path(results)))
    ]


def test_decisions_are_in_the_file_and_come_back_as_changes(session: ReviewSession, results: Path) -> None:
    changes = session.decide([Decision(verdict=Verdict.CORRECTED, item="n0", text="1")], 0)
    assert [item.id for item in changes.items] == ["n0"]
    assert changes.left.left == 2
    assert text_of(results) == [("corrected", "1")]
    assert session.changes(changes.number).items == ()
    assert open_session(results, "Ben").stack.items["n0"].text == "1"


def test_an_empty_field_is_confirmed_to_be_empty(session: ReviewSession, results: Path) -> None:
    session.decide([Decision(verdict=Verdict.CONFIRMED, item="n2")], 0)
    assert text_of(results) == [("no number", "")]


def test_nothing_is_confirmed_where_nothing_was_read(session: ReviewSession, results: Path) -> None:
    with pytest.raises(ValueError, match="nothing was read"):
        session.decide([Decision(verdict=Verdict.CONFIRMED, item="n1")], 0)
    assert text_of(results) == []


def test_who_confirms_what_another_typed_says_that_it_stands_there(session: ReviewSession, results: Path) -> None:
    first = session.decide([Decision(verdict=Verdict.CORRECTED, item="n0", text="1")], 0).items[0]
    assert first.decision is not None
    session.decide([Decision(verdict=Verdict.CONFIRMED, item="n0", seen=first.decision.id)], 0)
    assert text_of(results) == [("corrected", "1")]


def test_a_number_that_was_moved_stays_where_it_was_moved_to(session: ReviewSession) -> None:
    moved = session.decide([Decision(verdict=Verdict.MOVED, item="n0", box=Box(200, 100, 30, 30))], 0).items[0]
    assert moved.decision is not None
    session.decide([Decision(verdict=Verdict.CORRECTED, item="n0", text="9", seen=moved.decision.id)], 0)
    item = session.stack.items["n0"]
    assert (item.text, item.shown_box, item.box) == ("9", Box(200, 100, 30, 30), SEVEN.box)


def test_two_people_are_told_of_each_other(session: ReviewSession, results: Path) -> None:
    other = open_session(results, "Ben")
    other.decide([Decision(verdict=Verdict.CORRECTED, item="n0", text="1")], 0)
    with pytest.raises(DecidedMeanwhileError, match="Ben has decided this number meanwhile: “1”"):
        session.decide([Decision(verdict=Verdict.CONFIRMED, item="n0")], 0)
    assert session.changes(0).items[0].text == "1"
    assert session.undo(0)[0] == ""  # what Ben decided is not Anna's to undo
    assert other.undo(0)[0] == "n0"
    with pytest.raises(DecidedMeanwhileError, match="taken back meanwhile"):
        session.decide([Decision(verdict=Verdict.CONFIRMED, item="n0", seen="some")], 0)


def test_what_was_decided_in_one_go_is_undone_in_one_go(session: ReviewSession, results: Path) -> None:
    session.decide([Decision(verdict=Verdict.UNREADABLE, item="n1")], 0)
    session.decide([Decision(verdict=Verdict.NO_NUMBER, item=name) for name in ("n0", "n2")], 0)
    assert session.undo(0)[0] == "n2"
    assert text_of(results) == [("unreadable", "")]
    assert session.undo(0)[0] == "n1"
    assert session.undo(0)[0] == ""
    assert text_of(results) == []
    assert open_session(results, "Anna").stack.items["n0"].decision is None


def test_a_number_is_added_only_on_a_page(session: ReviewSession) -> None:
    for page, box in ((1, Box(0, 0, 9, 9)), (0, Box(-1, 0, 9, 9)), (0, Box(0, 595, 9, 9)), (0, None)):
        with pytest.raises(ValueError, match="box"):
            session.decide([Decision(verdict=Verdict.ADDED, page=page, box=box, text="1")], 0)
