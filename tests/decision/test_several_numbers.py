from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from scanner.decision.located_numbers import LocatedNumber
from scanner.decision.reader_fusion import FusedReading
from scanner.decision.review import CROSSED_OUT, LOW_CONFIDENCE, SEVERAL_IN_CELL, SEVERAL_PARTS, UNREAD
from scanner.decision.several_numbers import flag_shared_cells, has_several_parts
from scanner.layout.cell_assignment import FormCell
from scanner.layout.number_finder import NumberRegion
from scanner.layout.tables import Cell
from scanner.numbers.text_lines import TextLine
from scanner.recognition.reader_claims import Claim
from scanner.types import Box, Digit, Number, Opinion

if TYPE_CHECKING:
    from collections.abc import Sequence

HEIGHT, WIDTH = 30, 18


def parts(text: str, gap: int = 5, part_gap: int = 30) -> tuple[LocatedNumber, FusedReading]:
    """A number whose digits stand where those of the text do; a blank stands for a wide gap that is not read."""
    digits, x = [], 100
    for character in text:
        if character.isdigit():
            digits.append(Digit(character, 0.99, Box(x, 50, WIDTH, HEIGHT)))
            x += WIDTH + gap
        else:
            x += part_gap - gap
    read = text.replace(" ", "")
    claim = Claim(Opinion("number", read, 0.99), tuple(digits))
    box = Box.around(digit.box for digit in digits)
    located = LocatedNumber(1, 1, box, claim, claim, 0, text_line=TextLine((), box, HEIGHT))
    return located, FusedReading(read, 0.99, tuple(digits), (claim.opinion,))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("07 05 2026", True),
        ("12 34", True),
        ("07052026", False),
        ("36.5", False),
        ("12 34.5", True),
        # Groups of thousands are parts of one number.
        ("12 345", False),
        ("1 234 567", False),
        ("1234 567", True),
        # Nothing to compare the gap with.
        ("2 0", False),
        ("7", False),
    ],
)
def test_gaps_show_the_parts_of_a_number(text: str, expected: bool) -> None:
    assert has_several_parts(*parts(text)) == expected


def test_evenly_wide_gaps_part_nothing() -> None:
    assert not has_several_parts(*parts("07052026", gap=25))


def test_a_narrow_gap_parts_nothing() -> None:
    assert not has_several_parts(*parts("07 05 2026", part_gap=14))


def test_digits_in_a_comb_field_and_in_a_crop_have_no_parts() -> None:
    located, reading = parts("07 05 2026")
    assert located.text_line is not None
    region = NumberRegion(located.text_line.box, 0.9, crosses_lines=True)
    in_comb = replace(located, text_line=replace(located.text_line, region=region))
    assert not has_several_parts(in_comb, reading)
    assert not has_several_parts(replace(located, text_line=None), reading)


def cell(row: int, column: int = 1, table: int = 1, **spans: int) -> FormCell:
    corners = tuple((float(x), float(row * 10 + y)) for x, y in ((0, 0), (10, 0), (10, 10), (0, 10)))
    return FormCell(Cell(row, column, corners, **spans), table)  # type: ignore[arg-type]  # spans are whole numbers


def number(reason: str = "", text: str = "14") -> Number:
    return Number(text, 0.99, reason, 1, 1, Box(0, 0, 1, 1), (), crossed_out=reason == CROSSED_OUT)


OTHERS = [cell(row) for row in range(5, 9)]
"""Cells with one number each."""


def reasons(numbers: Sequence[Number | None], cells: Sequence[FormCell | None]) -> list[str]:
    flagged = flag_shared_cells([*numbers, *(number() for _ in OTHERS)], [*cells, *OTHERS])
    assert [one.review_reason for one in flagged[len(numbers) :] if one is not None] == [""] * len(OTHERS)
    return [one.review_reason for one in flagged[: len(numbers)] if one is not None]


def test_two_numbers_in_one_cell_are_flagged() -> None:
    assert reasons([number(), number()], [cell(1), cell(1)]) == [SEVERAL_IN_CELL] * 2
    assert reasons([number(), number()], [cell(1), cell(2)]) == ["", ""]
    assert reasons([number(), number()], [None, None]) == ["", ""]


def test_what_is_no_number_does_not_count() -> None:
    assert reasons([number(), None], [cell(1), cell(1)]) == [""]


def test_a_correction_beside_what_is_crossed_out_is_flagged() -> None:
    assert reasons([number(CROSSED_OUT), number()], [cell(1), cell(1)]) == [CROSSED_OUT, SEVERAL_IN_CELL]
    assert reasons([number(UNREAD, ""), number()], [cell(1), cell(1)]) == [UNREAD, SEVERAL_IN_CELL]
    assert reasons([number(SEVERAL_PARTS), number(LOW_CONFIDENCE)], [cell(1), cell(1)]) == [
        SEVERAL_PARTS,
        SEVERAL_IN_CELL,
    ]


def test_numbers_in_rows_of_their_own_do_not_share_a_cell_whose_rules_are_missing() -> None:
    assert reasons([number(), replace(number(), row=2)], [cell(1), cell(1)]) == ["", ""]
    assert reasons([number(), replace(number(), column=2)], [cell(1), cell(1)]) == ["", ""]


@pytest.mark.parametrize("shared", [cell(1, 0), cell(1, row_span=2), cell(1, column_span=2), cell(1, table=0)])
def test_cells_that_are_not_for_one_number_may_have_several(shared: FormCell) -> None:
    assert reasons([number(), number()], [shared, shared]) == ["", ""]


def test_a_table_of_sums_has_several_numbers_in_its_cells_on_purpose() -> None:
    cells = [one for row in range(3) for one in (cell(row, table=2), cell(row, table=2))]
    assert set(reasons([number()] * len(cells), cells)) == {""}
    assert np.all(np.array(reasons([number()] * 2, cells[:2])) == "")
