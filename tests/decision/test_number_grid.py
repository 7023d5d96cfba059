import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.decision.number_grid import GridPosition, place_numbers
from scanner.decision.reading_order import assign_rows
from scanner.layout.cell_assignment import FormCell
from scanner.layout.line_segments import Direction, Rule
from scanner.layout.tables import Cell, find_tables
from scanner.types import Box

ROW, COLUMN, HEIGHT = 40, 100, 24
TOP, LEFT = 100, 50


def horizontal(y: float, begin: float, end: float, fall: float = 0.0) -> Rule:
    return Rule(Direction.HORIZONTAL, begin, end, y, y + fall, 2.0)


def vertical(x: float, begin: float, end: float) -> Rule:
    return Rule(Direction.VERTICAL, begin, end, x, x, 2.0)


def ruled(rows: int, columns: int, top: float = TOP) -> list[Rule]:
    right, bottom = LEFT + columns * COLUMN, top + rows * ROW
    level = [horizontal(top + row * ROW, LEFT, right) for row in range(rows + 1)]
    return level + [vertical(LEFT + column * COLUMN, top, bottom) for column in range(columns + 1)]


def number(row: int, column: int, dx: float = 0, dy: float = 0, width: int = 40) -> Box:
    """A number in the middle of its cell; rows and columns count from 1."""
    x, y = LEFT + (column - 0.5) * COLUMN - width / 2 + dx, TOP + (row - 0.5) * ROW - HEIGHT / 2 + dy
    return Box(round(x), round(y), width, HEIGHT)


def cells_of(rules: list[Rule]) -> list[FormCell]:
    tables = find_tables(rules, 4.0, HEIGHT)
    return [FormCell(cell, index) for index, ruled in enumerate(tables, 1) for cell in ruled.table.cells]


def cell_at(box: Box, form_cells: list[FormCell]) -> FormCell | None:
    x, y = box.center
    for form_cell in form_cells:
        around = form_cell.cell.box
        if around.x <= x < around.right and around.y <= y < around.bottom:
            return form_cell
    return None


def place(boxes: list[Box], rules: list[Rule]) -> dict[int, tuple[int, int, int]]:
    form_cells = cells_of(rules)
    found = place_numbers(boxes, [cell_at(box, form_cells) for box in boxes], form_cells, rules)
    assert sorted(position.index for position in found) == list(range(len(boxes)))
    return {position.index: (position.table, position.row, position.column) for position in found}


def grid(rows: range, columns: range) -> list[tuple[int, int]]:
    return [(row, column) for row in rows for column in columns]


def test_in_a_whole_table_numbers_are_where_their_cells_are() -> None:
    where = grid(range(2, 7), range(2, 6))
    found = place([number(*cell) for cell in where], ruled(7, 6))
    assert list(found.values()) == [(1, *cell) for cell in where]


def test_rows_merged_by_a_lost_line_are_divided() -> None:
    where = grid(range(1, 8), range(1, 6))
    rules = [rule for rule in ruled(7, 5) if rule.across_at_begin != TOP + 3 * ROW]
    found = place([number(*cell) for cell in where], rules)
    assert list(found.values()) == [(1, *cell) for cell in where]


def test_columns_merged_by_a_lost_line_are_divided() -> None:
    where = grid(range(1, 8), range(1, 6))
    rules = [
        rule
        for rule in ruled(7, 5)
        if rule.direction is Direction.HORIZONTAL or rule.across_at_begin != LEFT + 2 * COLUMN
    ]
    found = place([number(*cell) for cell in where], rules)
    assert list(found.values()) == [(1, *cell) for cell in where]


def test_empty_rows_and_columns_count() -> None:
    where = [(1, 1), (1, 4), (2, 1), (2, 4), (6, 1), (6, 4)]
    found = place([number(*cell) for cell in where], ruled(7, 5))
    assert list(found.values()) == [(1, *cell) for cell in where]


def bent(box: Box) -> Box:
    """On a sheet whose right side hangs two rows lower."""
    return Box(box.x, round(box.y + 2 * ROW * (box.center[0] / 1000) ** 2), box.width, box.height)


def test_rows_of_a_bent_table_stay_rows() -> None:
    where = grid(range(1, 9), range(1, 10))
    rules = [vertical(LEFT + column * COLUMN, TOP, TOP + 10 * ROW) for column in range(10)]
    for row in range(9):
        for x in range(LEFT, LEFT + 9 * COLUMN, 50):
            y, end = (TOP + row * ROW + 2 * ROW * (at / 1000) ** 2 for at in (x, x + 50))
            rules.append(horizontal(y, x, x + 50, end - y))
    found = place([bent(number(*cell)) for cell in where], rules)
    shifts = {(row - where[index][0], column - where[index][1]) for index, (_, row, column) in found.items()}
    assert len(shifts) == 1


def test_numbers_beyond_the_last_line_belong_to_the_table() -> None:
    where = grid(range(1, 8), range(1, 6))
    rules = ruled(6, 5)
    found = place([number(*cell) for cell in where], rules)
    assert list(found.values()) == [(1, *cell) for cell in where]


def test_a_single_number_below_a_table_is_in_none() -> None:
    where = [*grid(range(1, 6), range(1, 6)), (6, 3)]
    found = place([number(*cell) for cell in where], ruled(5, 5))
    assert found[len(where) - 1] == (0, 6, 1)


def test_two_pieces_of_a_table_are_one() -> None:
    where = grid(range(1, 9), range(1, 6))
    upper = ruled(4, 5)
    lower = ruled(4, 5, TOP + 4 * ROW + 8)
    shifted = [number(row, column, dy=8 if row > 4 else 0) for row, column in where]
    found = place(shifted, upper + lower)
    assert list(found.values()) == [(1, *cell) for cell in where]


def test_tables_far_from_each_other_are_two() -> None:
    rules = ruled(4, 5) + ruled(4, 5, TOP + 8 * ROW)
    where = [*grid(range(1, 5), range(1, 6)), *grid(range(9, 13), range(1, 6))]
    found = place([number(*cell) for cell in where], rules)
    assert found[0] == (1, 1, 1)
    assert found[20] == (2, 1, 1)


def test_in_rows_without_columns_the_columns_of_numbers_count() -> None:
    rules = [rule for rule in ruled(6, 5) if rule.direction is Direction.HORIZONTAL]
    where = [cell for cell in grid(range(1, 7), range(1, 6)) if cell != (3, 2)]
    found = place([number(*cell) for cell in where], rules)
    assert list(found.values()) == [(1, *cell) for cell in where]


def test_numbers_that_line_up_without_lines_are_a_table() -> None:
    where = [cell for cell in grid(range(1, 7), range(1, 6)) if cell not in {(3, 2), (4, 1)}]
    found = place([number(*cell) for cell in where], [])
    assert list(found.values()) == [(1, *cell) for cell in where]


def test_a_column_of_sums_is_no_table() -> None:
    boxes = [number(row, column) for row in range(1, 6) for column in (1, 2)]
    assert {table for table, _, _ in place(boxes, []).values()} == {0}


def test_outside_tables_rows_and_columns_are_those_of_the_page() -> None:
    boxes = [Box(10, 10, 30, 20), Box(300, 15, 60, 20), Box(120, 90, 30, 20)]
    expected = tuple(GridPosition(p.index, p.row, p.column) for p in assign_rows(boxes))
    assert place_numbers(boxes, [None] * 3, [], []) == expected


def test_without_numbers_there_are_no_positions() -> None:
    rules = ruled(3, 3)
    assert place_numbers([], [], cells_of(rules), rules) == ()


def test_the_sides_of_cells_stand_for_lines_that_are_too_pale() -> None:
    where = grid(range(2, 7), range(2, 6))
    form_cells = cells_of(ruled(7, 6))
    boxes = [number(*cell) for cell in where]
    found = place_numbers(boxes, [cell_at(box, form_cells) for box in boxes], form_cells, [])
    assert [(position.row, position.column) for position in found] == where


def test_numbers_of_a_table_are_read_by_its_rows() -> None:
    where = grid(range(1, 9), range(1, 10))
    rules = ruled(8, 9)
    boxes = [number(*cell, dy=14 * np.sin(cell[1])) for cell in where]
    form_cells = cells_of(rules)
    found = place_numbers(boxes, [cell_at(box, form_cells) for box in boxes], form_cells, rules)
    assert [position.index for position in found] == list(range(len(where)))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_numbers_are_where_their_cells_are(count: int) -> None:
    where = [(2, 3), (5, 1), (5, 4)][:count]
    assert list(place([number(*cell) for cell in where], ruled(6, 5)).values()) == [(1, *cell) for cell in where]


BOXES = st.lists(
    st.builds(Box, st.integers(0, 900), st.integers(0, 900), st.integers(1, 200), st.integers(1, 60)), max_size=25
)


@settings(max_examples=40, deadline=None)
@given(BOXES)
def test_every_number_is_placed_once_whatever_the_boxes_are(boxes: list[Box]) -> None:
    found = place(boxes, ruled(7, 6))
    assert all(row >= 1 and column >= 1 for _, row, column in found.values())


def test_cells_of_a_broken_table_do_not_decide_against_the_numbers() -> None:
    """Cells that say that two rows are one, as if a line had been lost."""
    where = grid(range(1, 7), range(1, 5))
    corners = [
        ((LEFT + c * COLUMN, TOP + 2 * r * ROW), (LEFT + (c + 1) * COLUMN, TOP + 2 * r * ROW),
         (LEFT + (c + 1) * COLUMN, TOP + 2 * (r + 1) * ROW), (LEFT + c * COLUMN, TOP + 2 * (r + 1) * ROW))
        for r in range(3) for c in range(4)
    ]  # fmt: skip  # two corners to a line
    form_cells = [FormCell(Cell(i // 4 + 1, i % 4 + 1, four), 1) for i, four in enumerate(corners)]
    boxes = [number(*cell) for cell in where]
    found = place_numbers(boxes, [cell_at(box, form_cells) for box in boxes], form_cells, [])
    assert [(position.row, position.column) for position in found] == where


def test_parts_of_a_date_stand_in_one_column() -> None:
    boxes, where = [], []
    for row, column in grid(range(1, 8), range(1, 6)):
        for dx in (-20, 20):
            boxes.append(number(row, column, dx=dx, width=30))
            where.append((1, row, column))
    assert list(place(boxes, ruled(7, 5)).values()) == where
