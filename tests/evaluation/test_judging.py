from dataclasses import dataclass

import pytest

from scanner.evaluation.ground_truth import PageTruth, Point
from scanner.evaluation.judging import JudgedNumber, Outcome, judge_page
from scanner.text_comparison import Separators
from scanner.types import Box

EXACT, WRONG, FALSE, OPTIONAL = Outcome.EXACT, Outcome.WRONG, Outcome.FALSE, Outcome.OPTIONAL

SOMEWHERE = Box(0, 0, 9, 9)


@dataclass(frozen=True)
class Reading:
    text: str
    box: Box = SOMEWHERE
    table: int = 0
    row: int = 1
    column: int = 1


def readings(*texts: str) -> list[Reading]:
    return [Reading(text) for text in texts]


def outcomes(read: list[Reading], truth: PageTruth, separators: Separators = Separators.IGNORED) -> list[Outcome]:
    return [each.outcome for each in judge_page(read, truth, separators).readings]


def test_each_reading_has_its_outcome_and_its_number() -> None:
    judged = judge_page(readings("12", "346", "8"), PageTruth("a", 1, (("12", "345", "6677", None),)))
    assert judged.readings == (
        JudgedNumber(EXACT, 0, None),
        JudgedNumber(WRONG, 1, None),
        JudgedNumber(Outcome.UNDECIDED, 3, None),
    )
    assert judged.without_reading == (2,)


def test_an_optional_text_forgives_one_reading() -> None:
    truth = PageTruth("a", 1, (("47",),), optional=("09",))
    assert outcomes(readings("09", "47", "09"), truth) == [OPTIONAL, EXACT, FALSE]


def test_an_optional_text_is_no_reading_of_a_missed_number() -> None:
    truth = PageTruth("a", 1, (("08", "47"),), optional=("09",))
    judged = judge_page(readings("09", "47"), truth)
    assert [each.outcome for each in judged.readings] == [OPTIONAL, EXACT]
    assert judged.readings[0].true_index is None
    assert judged.without_reading == (0,)


@pytest.mark.parametrize(
    "truth",
    [
        PageTruth("a", 1, (("08",),), (Box(0, 0, 9, 9),), optional=("09",)),
        PageTruth("a", 1, (("08",),), places=(Point(4, 4),), optional=("09",)),
    ],
)
def test_an_optional_text_is_wrong_where_a_number_stands(truth: PageTruth) -> None:
    assert outcomes(readings("09"), truth) == [WRONG]


def test_in_a_part_to_ignore_nothing_counts() -> None:
    truth = PageTruth("a", 1, (("1",),), ignored=(Box(0, 0, 20, 20),))
    inside, across, outside = Box(5, 5, 4, 4), Box(10, 5, 19, 4), Box(10, 5, 20, 4)
    assert outcomes([Reading("7", inside), Reading("7", across)], truth) == [Outcome.IGNORED] * 2
    judged = judge_page([Reading("1", inside), Reading("1", outside)], truth)
    assert [each.outcome for each in judged.readings] == [Outcome.IGNORED, EXACT]
    assert judged.readings[1].true_index == 0


def test_numbers_must_stand_at_their_places() -> None:
    truth = PageTruth("a", 1, (("12", "34"),), places=(Point(10, 10), Point(100, 10)))
    here, there = Box(5, 5, 10, 10), Box(95, 5, 10, 10)
    assert outcomes([Reading("34", here), Reading("34", there)], truth) == [WRONG, EXACT]
    assert outcomes([Reading("34", Box(50, 50, 10, 10))], truth) == [FALSE]


def test_what_was_not_read_stands_for_a_missed_number_or_is_false() -> None:
    truth = PageTruth("a", 1, (("12", "34"),))
    judged = judge_page(readings("", "34", ""), truth)
    assert [each.outcome for each in judged.readings] == [Outcome.UNREAD, EXACT, FALSE]
    assert judged.readings[0].true_index == 0
    assert judged.without_reading == ()


def test_separators_count_as_asked() -> None:
    truth = PageTruth("a", 1, (("18,40", "-2"),))
    read = readings("18.40", "2")
    assert outcomes(read, truth) == [EXACT, EXACT]
    assert outcomes(read, truth, Separators.ALIKE) == [EXACT, WRONG]
    assert outcomes(read, truth, Separators.EXACT) == [WRONG, WRONG]


def test_of_a_table_readings_know_whether_they_are_in_their_cell() -> None:
    truth = PageTruth("a", 1, (("11", "12"), ("21", None), ("31", "32")))
    cells = [("11", 1, 1), ("12", 1, 2), ("21", 2, 1), ("9", 2, 2), ("31", 3, 1), ("33", 3, 3)]
    judged = judge_page([Reading(text, table=1, row=row, column=column) for text, row, column in cells], truth)
    assert [each.in_place for each in judged.readings] == [True, True, True, None, True, False]
    assert [each.outcome for each in judged.readings] == [EXACT, EXACT, EXACT, Outcome.UNDECIDED, EXACT, WRONG]


def test_nothing_read_and_nothing_written() -> None:
    assert judge_page([], PageTruth("a", 1, ())).readings == ()
    assert judge_page([], PageTruth("a", 1, (("1", None),))).without_reading == (0, 1)
    assert outcomes(readings("1", ""), PageTruth("a", 1, ())) == [FALSE, FALSE]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_right_readings_count(outcome: Outcome) -> None:
    assert outcome.is_right == (outcome in {Outcome.EXACT, Outcome.OUT_OF_ORDER})
    assert outcome.is_counted or not outcome.is_right
