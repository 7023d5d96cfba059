import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scanner.image.components import Components, label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.numbers.text_lines import TextLine, add_punctuation, chain_boxes, find_text_lines, select_characters


def drawn(*rectangles: tuple[int, int, int, int], shape: tuple[int, int] = (200, 400)) -> Components:
    mask = np.zeros(shape, np.uint8)
    for x, y, width, height in rectangles:
        mask[y : y + height, x : x + width] = 255
    return label_components(mask)


def measured(components: Components, stroke_width: float = 3.0, character_height: float = 20.0) -> MeasuredInk:
    mask = (components.labels > 0).astype(np.uint8) * np.uint8(255)
    return MeasuredInk(mask, mask, stroke_width, components, character_height)


def text_lines_of(components: Components) -> tuple[TextLine, ...]:
    ink = measured(components)
    return find_text_lines(ink, select_characters(ink))


def as_boxes(*boxes: tuple[int, int, int, int]) -> NDArray[np.int32]:
    return np.array(sorted(boxes), np.int32).reshape(-1, 4)


def test_characters_are_neither_specks_nor_frames() -> None:
    page = drawn((200, 10, 5, 20), (30, 27, 1, 1), (60, 10, 130, 180), (10, 10, 5, 20))
    chosen = select_characters(measured(page, 4.0))
    assert [page.box(int(index)).x for index in chosen] == [10, 200]


def test_no_characters_on_an_empty_page() -> None:
    ink = measured(drawn(), 0.0, 0.0)
    members = select_characters(ink)
    assert len(members) == 0
    assert find_text_lines(ink, members) == ()


def test_neighbours_are_one_text_line() -> None:
    page = drawn((10, 12, 10, 20), (26, 10, 10, 22), (42, 11, 10, 20), (10, 100, 10, 20))
    lines = sorted(text_lines_of(page), key=lambda line: line.box.y)
    assert [len(line.component_indices) for line in lines] == [3, 1]
    assert lines[0].box == (10, 10, 42, 22)
    assert 20.0 <= lines[0].character_height <= 22.0
    assert [page.box(member).x for member in lines[0].component_indices] == [10, 26, 42]


def test_the_far_side_of_a_table_is_another_text_line() -> None:
    page = drawn((10, 10, 10, 20), (150, 10, 10, 20))
    assert len(text_lines_of(page)) == 2


def test_a_point_belongs_to_its_text_line_but_not_to_its_character_height() -> None:
    page = drawn((10, 10, 10, 20), (24, 26, 4, 4), (32, 10, 10, 20))
    (line,) = text_lines_of(page)
    assert len(line.component_indices) == 3
    assert line.character_height == 20.0


def test_points_alone_are_no_text_line() -> None:
    page = drawn((10, 10, 4, 4), (18, 10, 4, 4))
    assert text_lines_of(page) == ()


def test_lines_one_above_the_other_are_not_chained() -> None:
    assert len(chain_boxes(as_boxes((0, 0, 10, 20), (8, 22, 10, 20)), 1.5)) == 2


def test_boxes_are_chained_from_one_to_the_next() -> None:
    boxes = as_boxes(*((x, 0, 10, 20) for x in range(0, 400, 25)))
    (chain,) = chain_boxes(boxes, 1.0)
    assert chain.tolist() == list(range(16))
    assert len(chain_boxes(boxes, 0.5)) == 16


def test_no_boxes_no_chains() -> None:
    assert chain_boxes(as_boxes(), 1.0) == []


BOXES = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 100), st.integers(1, 30), st.integers(1, 30)), max_size=25
)


@given(BOXES, st.sampled_from([0.3, 1.0, 1.4]))
def test_every_box_is_in_just_one_chain(boxes: list[tuple[int, int, int, int]], near: float) -> None:
    found = chain_boxes(as_boxes(*boxes), near)
    assert sorted(int(index) for chain in found for index in chain) == list(range(len(boxes)))
    assert all(np.all(np.diff(chain) > 0) for chain in found)


@given(BOXES, st.integers(-200, 200), st.integers(-200, 200))
def test_chains_do_not_depend_on_the_position_on_the_page(
    boxes: list[tuple[int, int, int, int]], dx: int, dy: int
) -> None:
    here = as_boxes(*boxes)
    there = here + np.array([dx, dy, 0, 0], np.int32)
    assert {tuple(chain) for chain in chain_boxes(here, 1.25)} == {tuple(chain) for chain in chain_boxes(there, 1.25)}


@given(BOXES)
def test_a_larger_maximum_gap_only_joins_chains(boxes: list[tuple[int, int, int, int]]) -> None:
    near, far = (chain_boxes(as_boxes(*boxes), reach) for reach in (0.5, 2.0))
    assert all(any(set(chain) <= set(longer) for longer in far) for chain in near)


@pytest.mark.parametrize("columns", [20_000, 200])
def test_a_page_full_of_specks_is_chained_in_seconds(columns: int) -> None:
    index = np.arange(20_000, dtype=np.int32)
    four = np.full_like(index, 4)
    boxes = np.stack([index % columns * 7, index // columns * 7, four, four], axis=1)
    boxes = boxes[np.argsort(boxes[:, 0], kind="stable")]
    started = time.process_time()
    assert len(chain_boxes(boxes, 1.4)) == 20_000 // columns
    assert time.process_time() - started < 6.0


@pytest.mark.parametrize(
    ("speck", "belongs"),
    [
        ((37, 56, 3, 3), True),  # on the baseline
        ((36, 58, 4, 12), True),  # a comma
        ((37, 35, 3, 3), False),  # between the lines: a speck
        ((25, 64, 3, 3), False),  # under a digit
        ((66, 56, 3, 3), False),  # behind the last digit
        ((34, 40, 8, 18), False),  # larger than any point
    ],
)
def test_points_and_commas_between_digits_belong_to_their_text_line(
    speck: tuple[int, int, int, int], belongs: bool
) -> None:
    page = drawn((20, 20, 12, 40), (45, 20, 12, 40), speck)
    index = int(np.flatnonzero((page.boxes == speck).all(axis=1))[0])
    digits = np.array([other for other in range(3) if other != index])
    ink = measured(page, 6.0)
    (line,) = add_punctuation(find_text_lines(ink, digits), np.array([index]), ink)
    assert (index in line.component_indices) == belongs
    assert list(line.component_indices) == sorted(line.component_indices, key=lambda member: page.boxes[member, 0])
