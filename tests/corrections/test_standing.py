from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scanner.corrections.correction import Correction, Verdict
from scanner.corrections.standing import standing_corrections
from scanner.types import Box
from tests.corrections.corrected import correction, undo


def test_the_last_word_on_a_place_stands() -> None:
    first, elsewhere, last = correction(), correction(box=Box(100, 20, 40, 20)), correction(Verdict.CONFIRMED)
    assert standing_corrections([first, elsewhere, last]) == (elsewhere, last)


def test_what_is_taken_back_gives_way_to_what_stood_before() -> None:
    first, second = correction(), correction()
    assert standing_corrections([first, second, undo(second)]) == (first,)
    assert standing_corrections([first, undo(first)]) == ()


def test_taking_back_can_be_taken_back() -> None:
    first = correction()
    back = undo(first)
    assert standing_corrections([first, back, undo(back)]) == (first,)
    again = undo(back)
    assert standing_corrections([first, back, again, undo(again)]) == ()


def test_taking_back_what_is_not_there_does_nothing() -> None:
    first = correction()
    assert standing_corrections([first, undo(correction())]) == (first,)


@given(st.lists(st.tuples(st.sampled_from([0, 100, 200]), st.booleans()), max_size=12))
def test_each_place_has_one_word_at_most(steps: list[tuple[int, bool]]) -> None:
    said: list[Correction] = []
    for x, takes_back in steps:
        said.append(undo(said[-1]) if takes_back and said else correction(box=Box(x, 20, 40, 20)))
    standing = standing_corrections(said)
    assert len({each.box.x for each in standing}) == len(standing)
    assert list(standing) == [each for each in said if each in standing]
