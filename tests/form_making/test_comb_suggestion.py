from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scanner.form_making.comb_suggestion import find_combs
from scanner.form_making.repeated_combs import Comb
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.form_making.cell_contents import PageContents

    PageWith = Callable[..., PageContents]

HEIGHT = 16.0


def row(x: int, y: int, count: int, width: int = 28, height: int = 36, gap: int = 2) -> tuple[Box, ...]:
    return tuple(Box(x + i * (width + gap), y, width, height) for i in range(count))


@pytest.mark.parametrize("count", [2, 3, 9, 30])
def test_cells_of_equal_width_are_a_comb(page_with: PageWith, count: int) -> None:
    cells = row(50, 40, count)
    assert find_combs(cells, page_with(), HEIGHT) == ((Comb(Box(50, 40, 30 * count - 2, 36), count),), ())


def test_separate_boxes_are_a_comb_if_they_are_close(page_with: PageWith) -> None:
    assert [comb.cells for comb in find_combs(row(50, 40, 4, gap=12), page_with(), HEIGHT)[0]] == [4]
    assert find_combs(row(50, 40, 4, gap=40), page_with(), HEIGHT)[0] == ()


def test_a_cell_that_a_stroke_cut_in_two_counts_once(page_with: PageWith) -> None:
    cells = row(50, 40, 5)
    cut = (*cells[:2], Box(110, 40, 12, 36), Box(125, 40, 13, 36), *cells[3:])
    (comb,), others = find_combs(cut, page_with(), HEIGHT)
    assert (comb.cells, others) == (5, ())


def test_a_hidden_divider_is_counted(page_with: PageWith) -> None:
    cells = row(50, 40, 6)
    joined = (*cells[:2], Box.around(cells[2:4]), *cells[4:])
    assert [comb.cells for comb in find_combs(joined, page_with(), HEIGHT)[0]] == [6]


def test_a_comb_whose_like_is_on_the_page_may_lack_more(page_with: PageWith) -> None:
    whole, other = row(50, 40, 3), row(50, 140, 3)
    lacking = (Box.around(other[:2]), other[2])
    assert find_combs(lacking, page_with(), HEIGHT)[0] == ()
    combs, others = find_combs((*whole, *lacking), page_with(), HEIGHT)
    assert ([comb.cells for comb in combs], others) == ([3, 3], ())


def test_a_comb_whose_like_is_on_the_page_may_be_cut_by_strokes(page_with: PageWith) -> None:
    cut = (Box(50, 140, 28, 36), Box(80, 140, 8, 36), Box(91, 140, 17, 36))
    combs, others = find_combs((*row(50, 40, 2), *cut), page_with(), HEIGHT)
    assert ([comb.cells for comb in combs], others) == ([2, 2], ())


def test_columns_of_a_table_are_no_comb(page_with: PageWith) -> None:
    cells = (*row(50, 40, 4), *row(50, 78, 4))
    assert find_combs(cells, page_with(), HEIGHT) == ((), cells)


def test_cells_above_a_wide_one_are_a_comb(page_with: PageWith) -> None:
    cells = (*row(50, 40, 4), Box(50, 78, 118, 30))
    assert [comb.cells for comb in find_combs(cells, page_with(), HEIGHT)[0]] == [4]


def test_wide_cells_are_no_comb(page_with: PageWith) -> None:
    cells = row(50, 40, 4, width=100)
    assert find_combs(cells, page_with(), HEIGHT) == ((), cells)


def test_letters_printed_in_its_cells_leave_it_a_comb(page_with: PageWith) -> None:
    cells = row(50, 40, 6)
    printed = tuple(Box(cell.x + 8, cell.y + 10, 10, 16) for cell in cells)
    assert [comb.cells for comb in find_combs(cells, page_with(printed=printed), HEIGHT)[0]] == [6]


def test_a_cell_of_a_column_that_was_cut_is_no_comb(page_with: PageWith) -> None:
    column = (Box(50, 2, 60, 36), Box(50, 40, 29, 36), Box(81, 40, 29, 36), Box(50, 78, 60, 36))
    assert find_combs(column, page_with(), HEIGHT)[0] == ()
    heading = (Box(60, 10, 30, 20),)
    assert [comb.cells for comb in find_combs(column[:3], page_with(printed=heading), HEIGHT)[0]] == [2]


def test_a_cell_of_a_row_that_was_cut_is_no_comb(page_with: PageWith) -> None:
    cells = (Box(50, 40, 100, 36), Box(152, 40, 49, 36), Box(203, 40, 49, 36), Box(254, 40, 100, 36))
    assert find_combs(cells, page_with(), HEIGHT)[0] == ()
    assert [comb.cells for comb in find_combs(cells[1:3], page_with(), HEIGHT)[0]] == [2]
