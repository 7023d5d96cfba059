from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scanner.corrections.correction import Verdict
from scanner.corrections.corrections_file import CorrectionsFile, corrections_path, read_corrections
from scanner.review.session import DecidedMeanwhileError, Decision, open_session
from scanner.types import Box, Number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from scanner.corrections.correction import Correction

READ = Number("12", 0.9, "", 1, 1, Box(50, 50, 40, 20), ())
UNREAD = Number("", 0.0, "unread", 2, 1, Box(50, 150, 40, 20), ())


@pytest.fixture
def results(make_batch: Callable[..., Path]) -> Path:
    return make_batch({"a.png": [READ, UNREAD]})


def corrected(text: str, item: str = "n0") -> Decision:
    return Decision(verdict=Verdict.CORRECTED, item=item, text=text)


def test_who_decides_at_the_same_moment_in_another_program_is_not_overwritten(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, ben = open_session(results, "Anna"), open_session(results, "Ben")
    append = CorrectionsFile.append_if_unchanged

    def append_after_ben(self: CorrectionsFile, corrections: Iterable[Correction]) -> bool:
        monkeypatch.setattr(CorrectionsFile, "append_if_unchanged", append)
        ben.decide([corrected("88")], 0)
        return append(self, corrections)

    monkeypatch.setattr(CorrectionsFile, "append_if_unchanged", append_after_ben)
    with pytest.raises(DecidedMeanwhileError, match="Ben has decided"):
        anna.decide([corrected("77")], 0)
    assert [(each.by, each.text) for each in read_corrections(corrections_path(results))] == [("Ben", "88")]


def test_who_decides_another_number_at_the_same_moment_changes_nothing(results: Path) -> None:
    anna, ben = open_session(results, "Anna"), open_session(results, "Ben")
    ben.decide([corrected("88")], 0)
    anna.decide([corrected("77", "n1")], 0)
    assert [each.text for each in read_corrections(corrections_path(results))] == ["88", "77"]


def test_the_new_place_of_what_was_not_read_leaves_it_to_be_typed(results: Path) -> None:
    session = open_session(results, "Anna")
    moved = Decision(verdict=Verdict.MOVED, item="n1", box=Box(70, 160, 40, 20))
    assert session.decide([moved], 0).left.left == 2
    item = session.stack.items["n1"]
    assert not item.is_decided
    assert item.shown_box == Box(70, 160, 40, 20)
    typed = Decision(verdict=Verdict.CORRECTED, item="n1", text="7", seen=item.decision.id if item.decision else "")
    assert session.decide([typed], 0).left.left == 1
    assert session.stack.items["n1"].shown_box == Box(70, 160, 40, 20)
