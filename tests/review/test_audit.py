from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.batch.saved_pages import SavedPage
from scanner.corrections.correction import Correction, Verdict
from scanner.review.audit import Outcome, Promise, audit_report, is_disputed, outcome
from scanner.review.audit_sample import draw_sample
from scanner.review.stack import ReviewStack
from scanner.types import Box, Number, PageResult

COUNT = 40


def number(index: int, confidence: float = 0.99, reason: str = "") -> Number:
    return Number(str(100 + index), confidence, reason, 1, index + 1, Box(40 * index, 10, 20, 30), ())


def typed(index: int, text: str, verdict: Verdict = Verdict.CORRECTED, *, blind: bool = True) -> Correction:
    """What somebody says of a number."""
    read = str(100 + index)
    return Correction(
        id=f"{index} {text} {blind}",
        at="2026-05-07T09:30:00Z",
        by="Ada",
        file="a.png",
        sha256="aa",
        page=1,
        box=number(index).box,
        read=read,
        verdict=Verdict.CONFIRMED if text == read else verdict,
        text=text,
        blind=blind,
    )


def stack_of(*numbers: Number) -> ReviewStack:
    return ReviewStack([SavedPage(PageResult("a.png", 1, 2000, 100, numbers), "aa", None)])


@pytest.fixture
def stack() -> ReviewStack:
    return stack_of(*map(number, range(COUNT)))


def test_the_sample_is_the_same_whatever_was_decided_meanwhile(stack: ReviewStack) -> None:
    sample = draw_sample(stack, 10)
    assert len(set(sample)) == 10
    assert sample != tuple(stack.items)[:10]
    assert draw_sample(stack, 5) == sample[:5]
    first, second = (int(name[1:]) for name in sample[:2])
    stack.apply([typed(first, "7"), typed(first, "8", blind=False)])
    assert draw_sample(stack, 10) == sample
    # Who has seen the reading cannot type it blind any more.
    stack.apply([typed(second, str(100 + second), blind=False)])
    assert draw_sample(stack, 10)[:9] == (sample[0], *sample[2:])
    assert len(draw_sample(stack, 1000)) == COUNT - 1


def test_nothing_is_drawn_that_people_look_at_anyway() -> None:
    flagged, unread = number(0, reason="low confidence"), replace(number(1), text="")
    empty = replace(number(2), text="", is_empty=True, field="total")
    assert draw_sample(stack_of(flagged, unread, empty, number(3)), 9) == ("n3",)


def test_of_what_was_typed_that_counts_which_counts_in_readings() -> None:
    without, with_points = stack_of(number(0)), stack_of(number(0), replace(number(1), text="1.5"))
    for stack, found in ((without, Outcome.RIGHT), (with_points, Outcome.WRONG)):
        stack.apply([typed(0, "10.0")])
        assert outcome(stack.items["n0"], stack.separators) is found


def test_who_has_looked_at_both_has_the_last_word(stack: ReviewStack) -> None:
    item = stack.items["n1"]
    assert (outcome(item, stack.separators), is_disputed(item, stack.separators)) == (Outcome.UNKNOWN, False)
    for said, found, disputed in (
        (typed(1, "107"), Outcome.WRONG, True),
        (typed(1, "101", blind=False), Outcome.RIGHT, False),
        (typed(1, "", Verdict.NO_NUMBER, blind=False), Outcome.WRONG, False),
        (typed(1, "", Verdict.UNREADABLE), Outcome.UNKNOWN, True),
        (typed(1, "101"), Outcome.RIGHT, False),
    ):
        stack.apply([replace(said, id=f"{said.id}{found}")])
        item = stack.items["n1"]
        assert (outcome(item, stack.separators), is_disputed(item, stack.separators)) == (found, disputed)


def test_the_report_counts_what_was_found(stack: ReviewStack) -> None:
    right = [typed(index, str(100 + index)) for index in range(16)]
    wrong = [typed(16, "7"), typed(17, "", Verdict.NO_NUMBER), typed(18, "8"), typed(18, "9", blind=False)]
    # Nobody knows whether it is right, and one that was seen before it was decided is no sample.
    others = [typed(19, "", Verdict.UNREADABLE), typed(20, "8", blind=False)]
    stack.apply([*right, *wrong, *others])
    report = audit_report(stack)
    assert (report.population, report.audited, report.wrong) == (COUNT - 1, 19, 3)
    assert (report.disputed, report.unreadable) == (2, 1)
    assert report.rate.share == 3 / 19
    assert report.promised == pytest.approx(0.19)
    # At least 3 of 19 numbers that are each wrong with 1/100.
    at_most_two = 0.99**19 + 19 * 0.01 * 0.99**18 + 171 * 0.01**2 * 0.99**17
    assert report.surprise.at_least == pytest.approx(1 - at_most_two)
    assert report.promise is Promise.TOO_SURE
    assert report.errors_left(2 / 39) == 0
    assert report.errors_left(4 / 39) == pytest.approx(1)


def test_the_promise_holds_if_chance_explains_the_errors(stack: ReviewStack) -> None:
    assert audit_report(stack).promise is Promise.HOLDS
    stack.apply([typed(index, str(100 + index)) for index in range(COUNT)])
    assert audit_report(stack).promise is Promise.HOLDS
    careful = stack_of(*(number(index, 0.9) for index in range(COUNT)))
    careful.apply([typed(index, str(100 + index)) for index in range(COUNT)])
    # 0.9^40 = 0.0148
    assert audit_report(careful).promise is Promise.TOO_CAREFUL
