import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scanner.straighten import Turn, find_tilt, straighten
from scanner.types import Box, Ink

DEGREES = st.floats(-8, 8)


def lines_of_words(height: int = 700, width: int = 900) -> NDArray[np.uint8]:
    """Rows of short strokes, as lines of writing have them."""
    rng = np.random.default_rng(3)
    mask = np.zeros((height, width), np.uint8)
    for y in range(60, height - 60, 50):
        for x in range(80, width - 80, 14):
            if rng.random() < 0.8:
                mask[y : y + int(rng.integers(14, 20)), x : x + 4] = 255
                mask[y + 8 : y + 11, x : x + 10] = 255
    return mask


def tilted(mask: NDArray[np.uint8], clockwise: float) -> Ink:
    height, width = mask.shape
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -clockwise, 1.0)
    turned = cv2.warpAffine(mask, matrix, (width, height))
    two_level = np.where(turned > 127, np.uint8(255), np.uint8(0))
    return Ink(two_level, two_level, 4.0)


@pytest.mark.parametrize("clockwise", [-6.0, -2.3, -0.7, 0.7, 1.45, 5.0])
def test_the_tilt_of_lines_is_found(clockwise: float) -> None:
    assert find_tilt(tilted(lines_of_words(), clockwise)) == pytest.approx(clockwise, abs=0.15)


def test_level_lines_are_left_alone() -> None:
    assert find_tilt(tilted(lines_of_words(), 0)) == 0.0


def test_what_has_no_lines_is_left_alone() -> None:
    mask = np.zeros((600, 600), np.uint8)
    cv2.circle(mask, (300, 300), 200, 255, 4)
    assert find_tilt(Ink(mask, mask, 4.0)) == 0.0


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (600, 600)])
def test_a_page_without_ink_has_no_tilt(shape: tuple[int, int]) -> None:
    empty = np.zeros(shape, np.uint8)
    assert find_tilt(Ink(empty, empty, 0.0)) == 0.0


def test_a_cut_out_number_has_no_tilt() -> None:
    mask = np.zeros((40, 120), np.uint8)
    cv2.line(mask, (5, 35), (110, 10), 255, 4)
    assert find_tilt(Ink(mask, mask, 4.0)) == 0.0


def test_no_turn_is_the_same_ink() -> None:
    ink = tilted(lines_of_words(), 2)
    assert straighten(ink, Turn(0.0, 900, 700)) is ink


def test_straightened_lines_are_level() -> None:
    ink = tilted(lines_of_words(), 3.0)
    turn = Turn(find_tilt(ink), 900, 700)
    level = straighten(ink, turn)
    assert level.mask.shape == level.strength.shape == (turn.size[1], turn.size[0])
    assert set(np.unique(level.mask)) == {0, 255}
    assert find_tilt(level) == 0.0
    assert np.count_nonzero(level.mask) == pytest.approx(np.count_nonzero(ink.mask), rel=0.03)


@given(DEGREES, st.integers(1, 3000), st.integers(1, 3000))
def test_the_canvas_holds_the_corners(degrees: float, width: int, height: int) -> None:
    turn = Turn(degrees, width, height)
    corners = np.array([[0, 0, 1], [width - 1, 0, 1], [0, height - 1, 1], [width - 1, height - 1, 1]]).T
    turned = turn.matrix @ corners
    assert turned.min() >= -0.51
    assert (turned[0] <= turn.size[0] - 0.49).all()
    assert (turned[1] <= turn.size[1] - 0.49).all()


@given(
    DEGREES,
    st.integers(50, 2000),
    st.integers(50, 2000),
    st.tuples(*[st.floats(0.05, 0.9)] * 2),
    st.tuples(*[st.integers(1, 60)] * 2),
)
def test_a_box_comes_back_to_where_it_was(
    degrees: float, width: int, height: int, place: tuple[float, float], size: tuple[int, int]
) -> None:
    turn = Turn(degrees, width, height)
    x, y = int(place[0] * width), int(place[1] * height)
    box = Box(x, y, min(size[0], width - x), min(size[1], height - y))
    corners = np.array([[cx, cy, 1] for cx in (box.x, box.right - 1) for cy in (box.y, box.bottom - 1)], np.float64)
    turned = corners @ turn.matrix.T
    x1, y1 = np.floor(turned.min(axis=0)).astype(int).tolist()
    x2, y2 = np.ceil(turned.max(axis=0)).astype(int).tolist()
    back = turn.to_original(Box(x1, y1, x2 - x1 + 1, y2 - y1 + 1))
    # Nothing of the box is lost, but for rounding ...
    assert back.x <= box.x + 1
    assert back.y <= box.y + 1
    assert back.right >= box.right - 1
    assert back.bottom >= box.bottom - 1
    # ... and it has grown by no more than turning it twice grows it.
    slack = 2.5 + 2 * np.sin(np.radians(abs(degrees))) * max(box.width, box.height)
    assert back.width <= box.width + 2 * slack
    assert back.height <= box.height + 2 * slack
    assert back.center[0] == pytest.approx(box.center[0], abs=slack)
    assert back.center[1] == pytest.approx(box.center[1], abs=slack)


@given(DEGREES, st.integers(1, 500), st.integers(1, 500), st.data())
def test_boxes_never_leave_the_page(degrees: float, width: int, height: int, data: st.DataObject) -> None:
    turn = Turn(degrees, width, height)
    x, y = (data.draw(st.integers(0, side - 1)) for side in turn.size)
    box = Box(x, y, data.draw(st.integers(1, turn.size[0] - x)), data.draw(st.integers(1, turn.size[1] - y)))
    back = turn.to_original(box)
    assert 0 <= back.x < back.right <= width
    assert 0 <= back.y < back.bottom <= height


def test_without_a_turn_boxes_stay() -> None:
    assert Turn(0.0, 100, 80).to_original(Box(3, 4, 10, 20)) == Box(3, 4, 10, 20)


def test_ink_lies_in_its_box_after_the_way_back() -> None:
    original = np.zeros((700, 900), np.uint8)
    original[200:230, 600:615] = 255
    turn = Turn(4.0, 900, 700)
    level = straighten(Ink(original, original, 4.0), turn)
    box = turn.to_original(Box(*cv2.boundingRect(level.mask)))
    assert box.x <= 600
    assert box.y <= 200
    assert box.right >= 615
    assert box.bottom >= 230
    assert box.width * box.height < 4 * 15 * 30
