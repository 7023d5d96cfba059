from __future__ import annotations

import pytest

from scanner.form_reading.column_endings import MAY_END_IN_LETTER, flag_column_endings
from scanner.types import Box, Number


def column(*texts: str, table: int = 1) -> tuple[Number, ...]:
    """Numbers of one column."""
    return tuple(
        Number(text, 0.95, "", row=row, column=2, box=Box(0, 10 * row, 8, 8), digits=(), table=table)
        for row, text in enumerate(texts, 1)
    )


def reasons(numbers: tuple[Number, ...]) -> list[str]:
    return [number.review_reason for number in flag_column_endings(numbers)]


def test_numbers_of_a_column_that_end_alike_may_end_in_a_letter() -> None:
    flagged = flag_column_endings(column("24", "64", "84", "7", "34", "46"))
    assert [number.suggested for number in flagged] == ["2", "6", "8", "", "3", ""]
    assert [number.review_reason == MAY_END_IN_LETTER for number in flagged] == [True, True, True, False, True, False]
    assert [number.text for number in flagged] == ["24", "64", "84", "7", "34", "46"]


@pytest.mark.parametrize(
    "texts",
    [
        ("120", "250", "330", "410"),  # rounded
        ("15", "25", "35", "45"),
        ("24", "24", "24", "24"),  # one number again and again
        ("24", "64", "84"),  # too few
        ("24", "64", "84", "34", "31", "62", "77"),  # four of seven
        ("2", "4", "4", "4"),  # nothing in front
        ("1.4", "2.4", "3.4", "5.4"),  # decimals
    ],
)
def test_others_do_not(texts: tuple[str, ...]) -> None:
    assert reasons(column(*texts)) == [""] * len(texts)


def test_only_columns_of_tables_are_looked_at() -> None:
    assert reasons(column("24", "64", "84", "34", table=0)) == [""] * 4


def test_another_reason_and_suggestion_stay() -> None:
    (first, *others) = column("24", "64", "84", "34")
    numbers = (Number("24", 0.5, "low confidence", 1, 2, first.box, (), table=1, suggested="29"), *others)
    assert flag_column_endings(numbers)[0] == numbers[0]


def test_a_page_without_fields_has_none() -> None:
    assert flag_column_endings(()) == ()
