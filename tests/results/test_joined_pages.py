from __future__ import annotations

from scanner.forms.form import Form, Reference
from scanner.results.joined_pages import MISSING_PAGE, join_pages
from scanner.types import Box, BrokenRule, Number, PageResult

FRONT, BACK, ALONE = (Form(name=name, reference=Reference("a.png")) for name in ("front", "back", "alone"))
SHEETS = ((FRONT, BACK), (ALONE,))


def page(form: str, number: int, broken: tuple[BrokenRule, ...] = ()) -> PageResult:
    read = Number("7", 0.9, "", 1, 1, Box(0, 0, 9, 9), (), f"{form}_field")
    return PageResult("a.pdf", number, 9, 9, (read,), form=form, broken_rules=broken)


def joined(*forms: str) -> list[tuple[int, str, list[str], list[str]]]:
    """First page, form, fields and broken rules of each sheet of pages of these forms."""
    pages = [page(form, number) for number, form in enumerate(forms, 1)]
    return [
        (
            sheet.page_number,
            sheet.form,
            [each.field for each in sheet.numbers],
            [each.rule for each in sheet.broken_rules],
        )
        for sheet in join_pages(pages, SHEETS)
    ]


def test_pages_that_follow_one_another_are_one_sheet() -> None:
    both = ["front_field", "back_field"]
    assert joined("front", "back", "front", "back") == [(1, "front", both, []), (3, "front", both, [])]


def test_a_sheet_that_lacks_a_page_is_kept_and_says_so() -> None:
    assert joined("front", "front", "back") == [
        (1, "front", ["front_field"], ["page back"]),
        (2, "front", ["front_field", "back_field"], []),
    ]
    assert joined("back", "back") == [
        (1, "front", ["back_field"], ["page front"]),
        (2, "front", ["back_field"], ["page front"]),
    ]


def test_a_page_between_parts_a_sheet() -> None:
    assert joined("front", "alone", "back") == [
        (1, "front", ["front_field"], ["page back"]),
        (2, "alone", ["alone_field"], []),
        (3, "front", ["back_field"], ["page front"]),
    ]
    # A page that is no form of them has none.
    assert [each[1] for each in joined("front", "", "back")] == ["front", "", "front"]


def test_no_pages_are_no_sheets() -> None:
    assert joined() == []


def test_broken_rules_of_all_pages_are_those_of_the_sheet() -> None:
    first, second = BrokenRule("a == b", ("a", "b"), "1 is not 2"), BrokenRule("c > 0", ("c",), "0 is not above 0")
    (sheet,) = join_pages([page("front", 1, (first,)), page("back", 2, (second,))], SHEETS)
    assert sheet.broken_rules == (first, second)
    (sheet,) = join_pages([page("front", 1, (first,))], SHEETS)
    assert sheet.broken_rules == (first, BrokenRule("page back", (), MISSING_PAGE))
