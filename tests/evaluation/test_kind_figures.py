import pytest

from scanner.decision.review import LOW_CONFIDENCE
from scanner.evaluation.ground_truth import PageTruth, Point
from scanner.evaluation.judged_pages import JudgedPage, judge_result
from scanner.evaluation.kind_figures import (
    TABLE_HEAD,
    KindCounts,
    WorstKind,
    count_pages,
    format_kind,
    format_summary,
    kinds_document,
    worst_kind,
)
from scanner.evaluation.page_kinds import PageKind
from scanner.types import Box, Number, PageResult

PLAIN, TABLE = PageKind("plain", ("plain",)), PageKind("table", ("table",), in_rows=True)


def number(text: str, confidence: float = 0.99, row: int = 1, column: int = 1, x: int = 0) -> Number:
    reason = "" if confidence >= 0.9 else LOW_CONFIDENCE
    return Number(text, confidence, reason, row, column, Box(x, 0, 9, 9), (), table=1)


def judged(kind: PageKind, truth: PageTruth, *numbers: Number) -> JudgedPage:
    return judge_result(PageResult("a.png", 1, 90, 90, numbers), truth, kind)


def test_counts_by_hand() -> None:
    places = tuple(Point(x, 4) for x in (104, 204, 304, 404))
    truth = PageTruth("a.png", 1, (("11", "22", None, "33"),), places=places, optional=("7",))
    # 7 is optional, 11 right, 23 wrong and flagged, 5 undecided, 33 found but not read, 99 false.
    texts = [("7", 0.99), ("11", 0.99), ("23", 0.6), ("5", 0.99), ("", 0.0), ("99", 0.99)]
    read = [number(text, confidence, x=100 * i) for i, (text, confidence) in enumerate(texts)]
    assert count_pages([judged(PLAIN, truth, *read)], PLAIN) == KindCounts(
        pages=1,
        written=3,
        exact=1,
        false=1,
        readings=4,
        unflagged=2,
        unflagged_errors=1,
        accepted=2,
        accepted_errors=1,
    )


def test_what_is_accepted_depends_on_all_pages_of_the_kind() -> None:
    pages = [
        judged(PLAIN, PageTruth("a.png", 1, (("1",),)), number("1", 1.0)),
        judged(PLAIN, PageTruth("b.png", 1, (("2", "3"),)), number("2", 0.981), number("4", 0.95)),
    ]
    alone, together = count_pages(pages[1:], PLAIN), count_pages(pages, PLAIN)
    assert (alone.accepted, together.accepted) == (0, 2)
    assert together.accepted_errors == 0
    assert (together.unflagged, together.unflagged_errors) == (3, 1)


def test_numbers_of_a_table_are_counted_in_their_cells() -> None:
    truth = PageTruth("a.png", 1, (("11", "12"), ("21", "22")))
    cells = [("11", 3, 2), ("12", 3, 3), ("21", 4, 2), ("22", 4, 4)]
    page = judged(TABLE, truth, *(number(text, row=row, column=column) for text, row, column in cells))
    counts = count_pages([page], TABLE)
    assert (counts.exact, counts.in_table, counts.in_place) == (4, 4, 3)
    assert count_pages([page], PLAIN).in_table == 0


def test_a_table_without_readings_is_a_table_all_the_same() -> None:
    page = judged(TABLE, PageTruth("a.png", 1, (("11", "12"), ("21", "22"))))
    assert count_pages([page], TABLE) == KindCounts(pages=1, written=4, in_table=4)


def test_small_kinds_are_pooled() -> None:
    shares = {"large": (4, 100), "small": (2, 20), "smaller": (1, 30), "none": (0, 0)}
    assert worst_kind(shares) == WorstKind("small, smaller", 3, 50)
    assert worst_kind({**shares, "large": (7, 100)}) == WorstKind("large", 7, 100)
    assert worst_kind({"none": (0, 0)}) is None


def test_table_by_hand() -> None:
    counts = KindCounts(
        pages=2,
        written=8,
        exact=4,
        in_table=8,
        in_place=2,
        false=3,
        readings=10,
        unflagged=5,
        unflagged_errors=1,
        accepted=0,
    )
    lines = [*TABLE_HEAD, format_kind("tally", counts), *format_summary({"tally": counts})]
    figures = "2 8 50.0 % 25.0 % 1.5 50.0 % 20.0 % (5) 0.0 % -"
    assert [" ".join(line.split()) for line in lines[1:]] == [
        "kind pages written exact place a page flagged unflagged accepted accepted",
        f"tally {figures}",
        f"together {figures}",
        "worst kind, not flagged: 20.0 % (5) wrong: tally",
        "worst kind, accepted, max 1 %: -",
    ]
    assert len({len(line) for line in lines[:4]}) == 1


def test_nothing_is_divided_by_nothing() -> None:
    assert format_kind("none", KindCounts()).split() == ["none", "0", "0", *["-"] * 7]
    assert kinds_document({}) == {"kinds": {}, "worst_unflagged": None, "worst_accepted": None}


def test_document_has_counts_and_worst_kinds() -> None:
    counts = KindCounts(pages=1, readings=3, unflagged=2, unflagged_errors=1)
    document = kinds_document({"logs": counts})
    assert document["kinds"]["logs"]["unflagged_errors"] == 1
    assert document["worst_unflagged"] == {"name": "logs", "errors": 1, "readings": 2}
    assert document["worst_accepted"] is None


@pytest.mark.parametrize("parts", [[], [KindCounts(pages=1)], [KindCounts(pages=1, false=2), KindCounts(pages=3)]])
def test_counts_add_up(parts: list[KindCounts]) -> None:
    total = sum(parts, KindCounts())
    assert total.pages == sum(part.pages for part in parts)
    assert total.false == sum(part.false for part in parts)
