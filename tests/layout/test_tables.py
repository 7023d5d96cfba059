import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.layout.line_segments import Direction, Rule
from scanner.layout.tables import Cell, Table, find_tables, is_squared_paper
from scanner.types import Box

CHARACTER_HEIGHT = 20.0
CORNER_TOLERANCE = 4.0


def horizontal(begin: float, end: float, at: float) -> Rule:
    return Rule(Direction.HORIZONTAL, begin, end, at, at, 2.0)


def vertical(begin: float, end: float, at: float) -> Rule:
    return Rule(Direction.VERTICAL, begin, end, at, at, 2.0)


def table(*rules: Rule) -> Table:
    (ruled,) = find_tables(rules, CORNER_TOLERANCE, CHARACTER_HEIGHT)
    return ruled.table


def positions_and_spans(table: Table) -> list[tuple[int, int, int, int]]:
    return [(cell.row, cell.column, cell.row_span, cell.column_span) for cell in table.cells]


TWO_BY_THREE = (
    *(horizontal(10, 310, y) for y in (20, 70, 120)),
    *(vertical(20, 120, x) for x in (10, 110, 210, 310)),
)
"""Rows of 50, columns of 100 pixels."""


def test_cells_are_listed_row_by_row() -> None:
    found = table(*TWO_BY_THREE)
    assert (found.row_count, found.column_count) == (2, 3)
    assert positions_and_spans(found) == [(r, c, 1, 1) for r in (1, 2) for c in (1, 2, 3)]
    assert found.cells[4].box == Box(110, 70, 100, 50)
    assert (found.cells[4].width, found.cells[4].height) == (100, 50)
    assert found.box == Box(10, 20, 300, 100)


def test_four_lines_are_a_frame_of_one_cell() -> None:
    found = table(horizontal(0, 100, 0), horizontal(0, 100, 50), vertical(0, 50, 0), vertical(0, 50, 100))
    assert positions_and_spans(found) == [(1, 1, 1, 1)]


def test_a_line_that_stops_leaves_a_cell_that_spans_columns() -> None:
    rules = [rule for rule in TWO_BY_THREE if rule.direction is Direction.HORIZONTAL or rule.across_at_begin != 110]
    found = table(*rules, vertical(70, 120, 110))
    assert positions_and_spans(found) == [(1, 1, 1, 2), (1, 3, 1, 1), (2, 1, 1, 1), (2, 2, 1, 1), (2, 3, 1, 1)]
    assert found.cells[0].box == Box(10, 20, 200, 50)


def test_a_cell_may_span_rows() -> None:
    rules = [rule for rule in TWO_BY_THREE if rule.across_at_begin != 70]
    found = table(*rules, horizontal(110, 310, 70))
    assert positions_and_spans(found)[0] == (1, 1, 2, 1)
    assert len(found.cells) == 5


def test_half_a_line_separates_two_cells_and_a_quarter_does_not() -> None:
    rest = [rule for rule in TWO_BY_THREE if rule.across_at_begin != 110]
    for end, cells in ((50, 6), (32, 5)):
        assert len(table(*rest, vertical(20, end, 110), vertical(70, 120, 110)).cells) == cells


def test_a_double_line_counts_once() -> None:
    assert table(*TWO_BY_THREE, horizontal(10, 310, 74), vertical(20, 120, 115)).column_count == 3


def test_lost_sides_are_added_where_the_lines_end() -> None:
    rules = [rule for rule in TWO_BY_THREE if rule.across_at_begin not in (310, 120)]
    found = table(*rules)
    assert (found.row_count, found.column_count, len(found.cells)) == (2, 3, 6)
    assert found.box == Box(10, 20, 300, 100)


def test_a_stroke_that_ends_in_a_cell_is_no_table_line() -> None:
    assert len(table(*TWO_BY_THREE, vertical(38, 96, 160)).cells) == 6


def shifted(rule: Rule, dx: int, dy: int) -> Rule:
    along, across = (dx, dy) if rule.direction is Direction.HORIZONTAL else (dy, dx)
    return Rule(
        rule.direction,
        rule.begin + along,
        rule.end + along,
        rule.across_at_begin + across,
        rule.across_at_end + across,
        2.0,
    )


def test_two_separate_tables_are_found_from_top_to_bottom() -> None:
    below = [shifted(rule, 0, 200) for rule in TWO_BY_THREE]
    tables = find_tables([*below, *TWO_BY_THREE], CORNER_TOLERANCE, CHARACTER_HEIGHT)
    assert [ruled.table.box.y for ruled in tables] == [20, 220]


def test_horizontal_lines_of_one_length_are_rows_without_columns() -> None:
    found = table(*(horizontal(10, 310, y) for y in (20, 60, 100, 140)))
    assert (found.row_count, found.column_count) == (3, 0)
    assert [(cell.row, cell.column) for cell in found.cells] == [(1, 0), (2, 0), (3, 0)]
    assert found.cells[1].box == Box(10, 60, 300, 40)


@pytest.mark.parametrize(
    "rules",
    [
        (),
        (horizontal(10, 310, 20),),
        (horizontal(10, 310, 20), vertical(20, 120, 10)),
        (horizontal(10, 310, 20), horizontal(10, 310, 60)),
        (horizontal(10, 310, 20), horizontal(50, 200, 60), horizontal(10, 100, 100)),
        (horizontal(10, 310, 20), horizontal(10, 310, 60), horizontal(10, 310, 300)),
    ],
)
def test_too_few_or_irregular_lines_are_no_table(rules: tuple[Rule, ...]) -> None:
    assert find_tables(rules, CORNER_TOLERANCE, CHARACTER_HEIGHT) == ()


def rotated(rule: Rule, degrees: float) -> Rule:
    """Rotate about the origin."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    (x1, y1), (x2, y2) = ((cos * x - sin * y, sin * x + cos * y) for x, y in rule.endpoints)
    if rule.direction is Direction.HORIZONTAL:
        return Rule(rule.direction, x1, x2, y1, y2, rule.thickness)
    return Rule(rule.direction, y1, y2, x1, x2, rule.thickness)


@given(st.floats(-6, 6))
def test_a_skewed_table_has_the_same_cells(degrees: float) -> None:
    found = table(*(rotated(rule, degrees) for rule in TWO_BY_THREE))
    assert positions_and_spans(found) == positions_and_spans(table(*TWO_BY_THREE))
    assert found.cells[5].width == pytest.approx(100, abs=0.1)
    assert found.cells[5].height == pytest.approx(50, abs=0.1)


@given(st.integers(-500, 500), st.integers(-500, 500))
def test_shifting_the_page_shifts_the_cells(dx: int, dy: int) -> None:
    def boxes(cells: tuple[Cell, ...], x: int, y: int) -> list[Box]:
        return [Box(cell.box.x + x, cell.box.y + y, cell.box.width, cell.box.height) for cell in cells]

    found = table(*(shifted(rule, dx, dy) for rule in TWO_BY_THREE))
    assert boxes(found.cells, 0, 0) == boxes(table(*TWO_BY_THREE).cells, dx, dy)


def test_squares_from_edge_to_edge_are_squared_paper_and_a_table_has_names() -> None:
    down = [horizontal(0, 280, 20.0 * i) for i in range(13)]
    across = [vertical(0, 240, 20.0 * i) for i in range(15)]
    assert is_squared_paper(table(*down, *across))
    assert not is_squared_paper(table(*down[:9], *across))
    names = [horizontal(-80, 280, 20.0 * i) for i in range(13)]
    assert not is_squared_paper(table(*names, *across, vertical(0, 240, -80)))
    wide = [vertical(0, 240, 40.0 * i) for i in range(15)]
    assert not is_squared_paper(table(*(horizontal(0, 560, 20.0 * i) for i in range(13)), *wide))
