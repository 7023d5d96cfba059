import pytest

from scanner.decision.number_tables import find_possible_tables, find_ruled_tables
from scanner.layout.cell_assignment import FormCell
from scanner.layout.line_segments import Direction, Rule
from scanner.layout.tables import Cell
from scanner.types import Box


def cells(table: int, left: int, top: int, columns: int = 3, rows: int = 3) -> list[FormCell]:
    """Cells 100 pixels wide and 40 high."""
    found = []
    for row in range(rows):
        for column in range(columns):
            x, y = left + 100.0 * column, top + 40.0 * row
            corners = ((x, y), (x + 100, y), (x + 100, y + 40), (x, y + 40))
            found.append(FormCell(Cell(row + 1, column + 1, corners), table))
    return found


def number(x: int, y: int) -> Box:
    """A number around a place."""
    return Box(x - 20, y - 10, 40, 20)


def cell_at(box: Box, form_cells: list[FormCell]) -> FormCell | None:
    x, y = box.center
    around = ((form_cell, form_cell.cell.box) for form_cell in form_cells)
    return next((one for one, box in around if box.x <= x < box.right and box.y <= y < box.bottom), None)


def members(boxes: list[Box], form_cells: list[FormCell], rules: list[Rule]) -> list[tuple[int, tuple[int, ...]]]:
    owners = [cell_at(box, form_cells) for box in boxes]
    return [(table.number, table.members) for table in find_ruled_tables(boxes, owners, form_cells, rules)]


INSIDE = [number(150, 120), number(250, 120)]


def test_a_table_has_the_numbers_in_its_cells() -> None:
    assert members([*INSIDE, number(700, 120)], cells(1, 100, 100), []) == [(1, (0, 1))]


def test_tables_without_numbers_are_left_out() -> None:
    assert members(INSIDE, cells(1, 100, 900) + cells(2, 100, 100), []) == [(2, (0, 1))]


@pytest.mark.parametrize(("gap", "joined"), [(10, True), (60, False)])
def test_pieces_with_the_same_columns_below_each_other_are_one_table(gap: int, joined: bool) -> None:
    boxes = [*INSIDE, number(150, 240 + gap)]
    found = members(boxes, cells(1, 100, 100) + cells(2, 100, 220 + gap), [])
    assert found == ([(1, (0, 1, 2))] if joined else [(1, (0, 1)), (2, (2,))])


def test_tables_with_other_columns_stay_apart() -> None:
    boxes = [*INSIDE, number(160, 250)]
    found = members(boxes, cells(1, 100, 100) + cells(2, 135, 230, columns=2), [])
    assert found == [(1, (0, 1)), (2, (2,))]


def test_pieces_side_by_side_are_one_table() -> None:
    boxes = [*INSIDE, number(450, 120)]
    assert members(boxes, cells(1, 100, 100) + cells(2, 410, 100), []) == [(1, (0, 1, 2))]


def test_a_table_reaches_as_far_as_its_lines() -> None:
    rules = [Rule(Direction.HORIZONTAL, 100, 800, y, y, 2.0) for y in (100, 140, 180, 220)]
    assert members([*INSIDE, number(700, 120)], cells(1, 100, 100), rules) == [(1, (0, 1, 2))]


def test_a_row_of_numbers_below_the_last_line_is_in_the_table() -> None:
    boxes = [*INSIDE, number(150, 200), number(150, 240), number(250, 240), number(350, 240)]
    boxes += [number(250, 200), number(350, 200)]
    assert members(boxes, cells(1, 100, 100), []) == [(1, tuple(range(8)))]


def test_a_sum_below_the_last_line_is_not() -> None:
    boxes = [*INSIDE, number(150, 200), number(150, 240)]
    assert members(boxes, cells(1, 100, 100), []) == [(1, (0, 1, 2))]


def test_without_cells_or_numbers_there_are_no_tables() -> None:
    assert members(INSIDE, [], []) == []
    assert members([], cells(1, 100, 100), []) == []


def test_numbers_close_to_each_other_may_be_a_table() -> None:
    boxes = [number(100, 100), number(200, 100), number(100, 140), number(900, 500)]
    groups = find_possible_tables(boxes, range(4), [], 2)
    assert [(group.number, group.members) for group in groups] == [(3, (0, 1, 2)), (4, (3,))]


def test_numbers_amid_rules_that_meet_may_be_a_table_however_far_apart() -> None:
    rules = [Rule(Direction.HORIZONTAL, 50, 950, y, y, 2.0) for y in (80, 300, 520)]
    boxes = [number(100, 100), number(900, 500)]
    upright = [Rule(Direction.VERTICAL, 80, 520, x, x, 2.0) for x in (50, 500, 950)]
    assert len(find_possible_tables(boxes, range(2), rules, 0)) == 2
    assert len(find_possible_tables(boxes, range(2), rules + upright, 0)) == 1
