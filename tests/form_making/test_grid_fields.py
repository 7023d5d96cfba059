from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from scanner.form_making.cell_grids import build_grids
from scanner.form_making.grid_fields import GridField, GridTable, fields_of_grid
from scanner.form_making.repeated_combs import Comb
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scanner.form_making.cell_contents import PageContents

    PageWith = Callable[..., PageContents]

HEIGHT = 16.0


def cell(row: int, column: int, columns: int = 1, width: int = 60) -> Box:
    return Box(10 + (width + 2) * column, 20 + 42 * row, (width + 2) * columns - 2, 40)


def cells(rows: int, columns: int, width: int = 60) -> tuple[Box, ...]:
    return tuple(cell(row, column, width=width) for row, column in product(range(rows), range(columns)))


def text_in(box: Box) -> Box:
    return Box(box.x + 5, box.y + 12, box.width - 10, 16)


def found(
    boxes: Sequence[Box], page: PageContents, combs: tuple[Comb, ...] = ()
) -> tuple[tuple[GridTable, ...], tuple[GridField, ...]]:
    (grid,) = build_grids(boxes, HEIGHT)
    return fields_of_grid(grid, page, combs, HEIGHT)


def test_a_grid_without_print_is_a_table(page_with: PageWith) -> None:
    (table,), fields = found(cells(3, 4), page_with())
    assert (len(table.rows), len(table.columns), table.headings, fields) == (4, 4, (), ())
    assert table.box == Box(10, 20, 246, 124)


def test_headings_and_labels_are_left_out(page_with: PageWith) -> None:
    boxes = cells(4, 4)
    printed = tuple(text_in(box) for i, box in enumerate(boxes) if 0 < i < 4 or (i % 4 == 0 and i))
    (table,), fields = found(boxes, page_with(printed=printed))
    assert (len(table.rows) - 1, len(table.columns), fields) == (3, 3, ())
    assert [heading.x for heading in table.headings] == [71, 133, 195]


def test_a_number_that_looks_printed_makes_no_heading(page_with: PageWith) -> None:
    boxes = cells(4, 4)
    (table,), _ = found(boxes, page_with(printed=(text_in(boxes[5]),)))
    assert len(table.rows) - 1 == 4


def test_a_column_of_print_between_others_stays(page_with: PageWith) -> None:
    boxes = cells(4, 3)
    (table,), _ = found(boxes, page_with(printed=tuple(text_in(box) for box in boxes[1::3])))
    assert len(table.columns) == 3
    assert all(each.is_printed for each in table.columns[1].contents)


def test_a_single_row_is_fields(page_with: PageWith) -> None:
    boxes = cells(1, 3)
    tables, fields = found(boxes, page_with(printed=(text_in(boxes[0]),)))
    assert (tables, [field.box for field in fields]) == ((), list(boxes[1:]))
    assert not any(field.is_alone for field in fields)


def test_two_rows_of_one_column_are_fields_and_four_a_table(page_with: PageWith) -> None:
    for rows, is_table in ((2, False), (4, True)):
        boxes = cells(rows, 2)
        tables, fields = found(boxes, page_with(printed=tuple(text_in(box) for box in boxes[::2])))
        assert (len(tables), len(fields)) == ((1, 0) if is_table else (0, rows))


def test_a_box_alone_is_a_field(page_with: PageWith) -> None:
    ((), (field,)) = found((cell(0, 0),), page_with(digits=(text_in(cell(0, 0)),)))
    assert field.is_alone
    assert field.contents.has_number
    assert found((cell(0, 0),), page_with(printed=(text_in(cell(0, 0)),))) == ((), ())


def test_a_cell_beside_a_table_that_spans_its_rows_is_a_field(page_with: PageWith) -> None:
    tall = Box(10, 20, 60, 124)
    boxes = (tall, *(box for box in cells(3, 4) if box.x > 60))
    (table,), (field,) = found(boxes, page_with())
    assert (len(table.columns), field.box.height) == (3, 124)


def test_narrow_columns_below_one_heading_are_a_comb(page_with: PageWith) -> None:
    boxes = cells(4, 5, width=30)
    heading = cell(0, 2, 3, width=30)
    printed = (*(text_in(box) for box in boxes[:2]), text_in(heading))
    (table,), _ = found((*boxes[:2], heading, *boxes[5:]), page_with(printed=printed))
    assert [column.comb_cells for column in table.columns] == [0, 0, 3]


def test_no_table_covers_a_comb(page_with: PageWith) -> None:
    boxes = tuple(box for box in cells(3, 4) if box != cell(1, 2))
    tables, fields = found(boxes, page_with(), (Comb(cell(1, 2), 3),))
    assert tables == ()
    assert {field.box for field in fields} == set(boxes)
