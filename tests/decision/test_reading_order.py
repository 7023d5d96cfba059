from hypothesis import given
from hypothesis import strategies as st

from scanner.decision.reading_order import RowPosition, assign_rows
from scanner.types import Box


def box(x: int, y: int, height: int = 20) -> Box:
    return Box(x, y, 12, height)


def test_rows_are_numbered_from_the_top_and_columns_from_the_left() -> None:
    found = assign_rows([box(200, 52), box(10, 100), box(10, 50), box(100, 48)])
    assert found == (RowPosition(2, 1, 1), RowPosition(3, 1, 2), RowPosition(0, 1, 3), RowPosition(1, 2, 1))


def test_a_row_may_climb_across_the_page() -> None:
    found = assign_rows([box(100 * k, 300 - 8 * k) for k in range(10)] + [box(100 * k, 340 - 8 * k) for k in range(10)])
    expected = [(row, column) for row in (1, 2) for column in range(1, 11)]
    assert [(position.row, position.column) for position in found] == expected


def test_without_numbers_there_are_no_rows() -> None:
    assert assign_rows([]) == ()


BOXES = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(8, 40)), max_size=20)


@given(BOXES)
def test_rows_and_columns_count_from_one_without_gaps(drawn: list[tuple[int, int, int]]) -> None:
    boxes = [box(*each) for each in drawn]
    positions = assign_rows(boxes)
    assert sorted(position.index for position in positions) == list(range(len(boxes)))
    rows: dict[int, list[RowPosition]] = {}
    for position in positions:
        rows.setdefault(position.row, []).append(position)
    assert list(rows) == list(range(1, len(rows) + 1))
    for row in rows.values():
        assert [position.column for position in row] == list(range(1, len(row) + 1))
        lefts = [boxes[position.index].x for position in row]
        assert lefts == sorted(lefts)
    heights = [sum(boxes[position.index].center[1] for position in row) / len(row) for row in rows.values()]
    assert heights == sorted(heights)


@given(BOXES, st.integers(-500, 500), st.integers(-500, 500))
def test_rows_do_not_depend_on_the_position_on_the_page(drawn: list[tuple[int, int, int]], dx: int, dy: int) -> None:
    here = assign_rows([box(*each) for each in drawn])
    assert assign_rows([box(x + dx, y + dy, height) for x, y, height in drawn]) == here
