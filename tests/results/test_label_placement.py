from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from scanner.results.label_drawing import Rectangle
from scanner.results.label_placement import LabelSize, PlacedLabel, Unlabelled, place_labels

if TYPE_CHECKING:
    from scanner.types import Image

PAPER, INK = 250, 40
TEXT_HEIGHT, LINE_WIDTH, MARGIN = 11, 1, 3
SIZES = (LabelSize(18, 34, 20), LabelSize(11, 22, 14))
CROWDED_SIZES = (LabelSize(9, 18, 11),)


def page_of(width: int, height: int) -> Image:
    return np.full((height, width, 3), PAPER, np.uint8)


def number_at(page: Image, x: int, y: int, width: int = 40, height: int = 20) -> Unlabelled:
    """Draw something like a digit at either end of a box."""
    page[y : y + height, x : x + 3] = page[y : y + height, x + width - 3 : x + width] = INK
    return Unlabelled(
        Rectangle(x, y, x + width, y + height),
        Rectangle(x - MARGIN, y - MARGIN, x + width + MARGIN, y + height + MARGIN),
        SIZES,
        CROWDED_SIZES,
    )


def place(page: Image, *numbers: Unlabelled) -> list[PlacedLabel]:
    return place_labels(page, numbers, TEXT_HEIGHT, LINE_WIDTH)


def overlap(one: Rectangle, other: Rectangle) -> int:
    columns = min(one.right, other.right) - max(one.left, other.left)
    rows = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(columns, 0) * max(rows, 0)


def hidden_ink(page: Image, label: PlacedLabel) -> int:
    left, top, right, bottom = label.rectangle
    return int((page[top:bottom, left:right] < PAPER).any(axis=2).sum())


def touches(label: PlacedLabel, number: Unlabelled) -> bool:
    return overlap(label.rectangle, number.outline) > 0


def is_joined(label: PlacedLabel, number: Unlabelled) -> bool:
    """Whether a line leads from the outline of the number to its label."""
    if label.line is None:
        return False
    ends = (
        Rectangle(*label.line.start, *(c + 1 for c in label.line.start)),
        Rectangle(*label.line.end, *(c + 1 for c in label.line.end)),
    )
    return overlap(ends[0], number.outline) > 0 and overlap(ends[1], label.rectangle) > 0


def test_a_label_stands_on_its_number_in_the_size_to_prefer() -> None:
    page = page_of(300, 200)
    number = number_at(page, 100, 100)
    (label,) = place(page, number)
    assert label.size == SIZES[0]
    assert label.line is None
    assert label.rectangle.bottom == number.outline.top + LINE_WIDTH
    assert label.rectangle.left == number.outline.left


@pytest.mark.parametrize(("pitch_x", "pitch_y"), [(80, 44), (70, 60), (62, 40), (52, 44), (50, 36), (64, 30)])
def test_labels_of_a_table_hide_nothing_and_belong_to_one_number_each(pitch_x: int, pitch_y: int) -> None:
    page = page_of(500, 500)
    numbers = [number_at(page, 80 + pitch_x * i, 120 + pitch_y * j) for j in range(5) for i in range(5)]
    labels = place(page, *numbers)
    assert not any(hidden_ink(page, label) for label in labels)
    for index, (number, label) in enumerate(zip(numbers, labels, strict=True)):
        assert touches(label, number) != is_joined(label, number)
        assert not any(touches(label, other) for other in numbers if other is not number)
        assert not any(overlap(label.rectangle, other.rectangle) for other in labels[:index])


def test_where_there_is_little_room_a_label_is_set_smaller() -> None:
    page = page_of(206, 340)
    column = [number_at(page, 3, 30 + 38 * row, width=200) for row in range(8)]
    labels = place(page, *column)
    assert {label.size for label in labels[1:-1]} <= {SIZES[1], *CROWDED_SIZES}
    assert all(touches(label, number) for number, label in zip(column, labels, strict=True))
    assert not any(hidden_ink(page, label) for label in labels)


def test_where_there_is_no_room_a_line_joins_the_label_to_its_number() -> None:
    page = page_of(400, 400)
    # Writing not read all around the number, and free paper beyond it.
    for x in range(96, 240, 8):
        for y in range(90, 154, 22):
            page[y : y + 18, x : x + 3] = INK
    page[107:133, 137:183] = PAPER
    number = number_at(page, 140, 110)
    (label,) = place(page, number)
    assert label.size == CROWDED_SIZES[-1]
    assert is_joined(label, number)
    assert not hidden_ink(page, label)


def test_no_line_crosses_a_number_where_it_can_go_past_it() -> None:
    page = page_of(600, 400)
    numbers = [number_at(page, 100 + 48 * i, 180 + 28 * j) for j in range(3) for i in range(5)]
    labels = place(page, *numbers)
    joined = [(number, label.line) for number, label in zip(numbers, labels, strict=True) if label.line is not None]
    edge = [numbers[i].outline for i in (0, 4, 10, 14)]
    for number, line in joined:
        points = np.linspace(line.start, line.end, 50).round().astype(int).tolist()
        others = [other.box for other in numbers if other is not number]
        crossed = any(overlap(Rectangle(x, y, x + 1, y + 1), box) for x, y in points for box in others)
        assert not crossed or number.outline not in edge


def test_all_labels_stand_on_the_side_where_most_numbers_have_free_paper() -> None:
    page = page_of(400, 400)
    column = [number_at(page, 100, 50 + 28 * row) for row in range(8)]
    labels = place(page, *column)
    assert len({label.rectangle.left > number.outline.left for number, label in zip(column, labels, strict=True)}) == 1
    assert {label.rectangle.left - number.outline.right for number, label in zip(column, labels, strict=True)} == {-1}
    assert all(one.rectangle.bottom <= other.rectangle.top for one, other in pairwise(labels))


def test_a_rule_may_be_hidden_but_writing_may_not() -> None:
    for length, is_above in ((300, True), (24, False)):
        page = page_of(400, 300)
        page[138:141, 100 : 100 + length] = INK
        number = number_at(page, 100, 150)
        (label,) = place(page, number)
        assert (label.rectangle.bottom <= number.box.top) == is_above


def test_pale_writing_in_a_shadow_is_not_hidden() -> None:
    page = page_of(400, 300)
    page[:] = np.linspace(230, 90, 400, dtype=np.uint8)[:, None]
    pale = np.s_[128:142, 100:140:8]
    before = page[pale].copy()
    page[pale] = before - 45
    page[128:142, 101:141:8] -= 45
    page[128:142, 102:142:8] -= 45
    (label,) = place(page, number_at(page, 100, 150))
    assert label.rectangle.bottom > 150


def test_on_a_page_without_free_paper_a_label_hides_as_little_as_it_can() -> None:
    page = page_of(120, 60)
    page[:, ::6] = INK
    page[np.arange(60) % 15 < 5] = PAPER
    number = number_at(page, 40, 20)
    (label,) = place(page, number)
    assert label.size == CROWDED_SIZES[-1]
    assert touches(label, number)
    assert not overlap(label.rectangle, number.box)


def test_a_label_larger_than_the_page_is_placed_all_the_same() -> None:
    page = page_of(12, 8)
    (label,) = place(page, Unlabelled(Rectangle(1, 1, 10, 7), Rectangle(0, 0, 12, 8), SIZES, CROWDED_SIZES))
    assert label.size == CROWDED_SIZES[-1]


def test_a_page_without_numbers_has_no_labels() -> None:
    assert place(page_of(100, 100)) == []
