from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.form_making.cell_contents import PageContents

    PageWith = Callable[..., PageContents]

CELL = Box(100, 100, 200, 40)


def test_an_empty_cell(page_with: PageWith) -> None:
    inside = page_with().within(CELL)
    assert not inside.is_printed
    assert not inside.is_filled


@pytest.mark.parametrize(
    ("top", "height", "is_printed"),
    [(112, 16, True), (100, 40, True), (100, 10, False), (130, 10, False), (102, 20, True)],
)
def test_print_leaves_room_to_write_or_not(page_with: PageWith, top: int, height: int, is_printed: bool) -> None:
    assert page_with(printed=(Box(110, top, 30, height),)).within(CELL).is_printed == is_printed


def test_print_above_and_below_leaves_room_between(page_with: PageWith) -> None:
    lines = (Box(110, 101, 30, 6), Box(110, 133, 30, 6))
    assert not page_with(printed=lines).within(CELL).is_printed
    assert page_with(printed=(*lines, Box(150, 110, 30, 12))).within(CELL).is_printed


def test_ink_counts_where_its_middle_is(page_with: PageWith) -> None:
    across = Box(290, 110, 30, 20)
    assert not page_with(digits=(across,)).within(CELL).is_filled
    assert page_with(digits=(across,)).within(Box(300, 100, 200, 40)).has_number


def test_a_number_and_words(page_with: PageWith) -> None:
    number, word = Box(110, 110, 30, 20), Box(150, 110, 60, 20)
    assert page_with(digits=(number,)).within(CELL).has_number
    inside = page_with(writing=(word,)).within(CELL)
    assert (inside.has_number, inside.has_writing) == (False, True)
    # More words than number.
    inside = page_with(digits=(number,), writing=(word,)).within(CELL)
    assert (inside.has_number, inside.has_writing) == (False, True)
