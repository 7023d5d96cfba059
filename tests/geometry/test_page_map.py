import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scanner.geometry.page_map import (
    PageMap,
    identity_map,
    quadrilateral_map,
    quarter_turn_map,
    rotation_map,
    scaling_matrix,
)
from scanner.types import Box

SIDES = st.integers(40, 2000)
SHARES = st.floats(0, 0.2)


@st.composite
def maps(draw: st.DrawFn, width: int, height: int) -> PageMap:
    """Any map that the pipeline makes from a page of this size."""
    kind = draw(st.sampled_from(["quarter", "rotation", "quadrilateral"]))
    if kind == "quarter":
        return quarter_turn_map(width, height, draw(st.integers(0, 3)))
    if kind == "rotation":
        return rotation_map(width, height, draw(st.floats(-15, 15)))
    shares = [draw(SHARES) for _ in range(8)]
    corners = [
        (shares[0] * width, shares[1] * height),
        ((1 - shares[2]) * width, shares[3] * height),
        ((1 - shares[4]) * width, (1 - shares[5]) * height),
        (shares[6] * width, (1 - shares[7]) * height),
    ]
    return quadrilateral_map(width, height, corners, (draw(SIDES), draw(SIDES)))


def moved(page_map: PageMap, points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(cv2.perspectiveTransform(points[None], page_map.matrix)[0], np.float64)


def box_of(points: NDArray[np.float64]) -> Box:
    """Box around points that are corners of pixels."""
    x1, y1 = np.floor(points.min(axis=0) + 0.5).astype(int).tolist()
    x2, y2 = np.ceil(points.max(axis=0) + 0.5).astype(int).tolist()
    return Box(x1, y1, max(x2 - x1, 1), max(y2 - y1, 1))


def corners_of(box: Box) -> NDArray[np.float64]:
    return np.array([(x - 0.5, y - 0.5) for x in (box.x, box.right) for y in (box.y, box.bottom)])


@given(st.data(), SIDES, SIDES)
def test_a_box_is_mapped_to_the_target_and_back(data: st.DataObject, width: int, height: int) -> None:
    page_map = data.draw(maps(width, height))
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    box = Box(x, y, data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y)))
    there = moved(page_map, corners_of(box))
    # The outline itself is mapped back within a pixel; the box is larger because it stays upright.
    back = cv2.perspectiveTransform(there[None], np.linalg.inv(page_map.matrix))[0]
    assert np.abs(back - corners_of(box)).max() < 0.01
    whole = page_map.box_to_original(box_of(there))
    assert whole.x <= box.x + 1
    assert whole.y <= box.y + 1
    assert whole.right >= box.right - 1
    assert whole.bottom >= box.bottom - 1


@given(st.data(), SIDES, SIDES, st.integers(0, 7))
def test_quarter_turns_map_boxes_back_exactly(data: st.DataObject, width: int, height: int, quarters: int) -> None:
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    box = Box(x, y, data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y)))
    page_map = quarter_turn_map(width, height, quarters)
    assert page_map.box_to_original(box_of(moved(page_map, corners_of(box)).round(1))) == box


@given(st.data(), SIDES, SIDES)
def test_boxes_never_leave_the_page(data: st.DataObject, width: int, height: int) -> None:
    page_map = data.draw(maps(width, height))
    x, y = (data.draw(st.integers(0, side - 1)) for side in page_map.target_size)
    box = Box(
        x,
        y,
        data.draw(st.integers(1, page_map.target_size[0] - x)),
        data.draw(st.integers(1, page_map.target_size[1] - y)),
    )
    back = page_map.box_to_original(box)
    assert 0 <= back.x < back.right <= width
    assert 0 <= back.y < back.bottom <= height


@given(st.data(), SIDES, SIDES)
def test_combining_maps_is_associative(data: st.DataObject, width: int, height: int) -> None:
    first = data.draw(maps(width, height))
    second = data.draw(maps(*first.target_size))
    third = data.draw(maps(*second.target_size))
    one, other = first.then(second).then(third), first.then(second.then(third))
    assert (
        (one.original_size, one.target_size)
        == (other.original_size, other.target_size)
        == ((width, height), third.target_size)
    )
    points = np.array([(0.0, 0.0), (width, 0.0), (width / 3, height / 2), (width, height)])
    step_by_step = moved(third, moved(second, moved(first, points)))
    extent = 1 + np.abs(step_by_step).max()
    assert moved(one, points) == pytest.approx(moved(other, points), abs=1e-6 * extent)
    assert moved(one, points) == pytest.approx(step_by_step, abs=1e-6 * extent)


@given(st.data(), SIDES, SIDES)
def test_the_identity_changes_no_map(data: st.DataObject, width: int, height: int) -> None:
    page_map = data.draw(maps(width, height))
    assert identity_map(width, height).then(page_map) is page_map
    # The result of combining two identities may be either of them.
    after = page_map.then(identity_map(*page_map.target_size))
    assert after is page_map or after.is_identity


def test_the_identity_copies_nothing() -> None:
    image = np.zeros((30, 20), np.uint8)
    assert identity_map(20, 30).warp(image) is image
    assert rotation_map(20, 30, 0.0).warp(image) is image
    assert quarter_turn_map(20, 30, 4).warp(image) is image
    box = Box(1, 2, 3, 4)
    assert identity_map(20, 30).box_to_original(box) is box


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 7))
def test_quarter_turns_only_move_pixels(width: int, height: int, quarters: int) -> None:
    image = np.random.default_rng(5).integers(0, 256, (height, width)).astype(np.uint8)
    page_map = quarter_turn_map(width, height, quarters)
    turned = page_map.warp(image)
    assert turned.tolist() == np.rot90(image, quarters).tolist()
    assert page_map.target_size == turned.shape[::-1]
    back = quarter_turn_map(*page_map.target_size, -quarters)
    assert page_map.then(back).is_identity


@given(st.floats(-15, 15), SIDES, SIDES)
def test_the_canvas_of_a_rotation_holds_the_page(degrees: float, width: int, height: int) -> None:
    page_map = rotation_map(width, height, degrees)
    page = np.array([(-0.5, -0.5), (width - 0.5, -0.5), (-0.5, height - 0.5), (width - 0.5, height - 0.5)])
    turned = moved(page_map, page)
    assert turned.min() >= -0.51
    assert (turned <= np.array(page_map.target_size) - 0.49).all()
    assert page_map.magnification == pytest.approx(1.0)


def test_a_rotation_turns_counter_clockwise() -> None:
    page_map = rotation_map(101, 101, 90.0)
    middle = (page_map.target_size[0] - 1) / 2
    assert moved(page_map, np.array([(100.0, 50.0)]))[0] == pytest.approx((middle, middle - 50))


def test_a_quadrilateral_fills_its_target() -> None:
    # Between pixels, like the edges of boxes.
    corners = [(19.5, 9.5), (89.5, 14.5), (79.5, 94.5), (9.5, 84.5)]
    page_map = quadrilateral_map(100, 100, corners, (140, 160))
    filled = [(-0.5, -0.5), (139.5, -0.5), (139.5, 159.5), (-0.5, 159.5)]
    assert moved(page_map, np.array(corners)) == pytest.approx(np.array(filled), abs=1e-3)
    assert not page_map.is_affine
    assert page_map.magnification == pytest.approx(2.0, rel=0.1)
    assert page_map.box_to_original(Box(0, 0, 140, 160)) == Box(10, 10, 80, 85)


def test_combined_maps_resample_once() -> None:
    rng = np.random.default_rng(1)
    image = np.asarray(cv2.GaussianBlur(rng.integers(0, 256, (80, 100)).astype(np.uint8), (0, 0), 1.0), np.uint8)
    there = rotation_map(100, 80, 7.0)
    back = rotation_map(*there.target_size, -7.0)
    around = there.then(back)
    x, y = (round(float(v)) for v in moved(around, np.array([(0.0, 0.0)]))[0])
    # Rotating there and back by one map blurs by at most half a pixel, by two maps more.
    once = around.warp(image)[y : y + 80, x : x + 100].astype(int)
    twice = back.warp(there.warp(image))[y : y + 80, x : x + 100].astype(int)
    inner = slice(5, -5), slice(5, -5)
    assert np.abs(once - image)[inner].mean() < np.abs(twice - image)[inner].mean()


def test_pages_of_another_size_are_errors() -> None:
    with pytest.raises(ValueError, match="cannot follow"):
        rotation_map(20, 30, 5.0).then(identity_map(20, 30))
    with pytest.raises(ValueError, match="does not fit a map"):
        identity_map(20, 30).warp(np.zeros((20, 30), np.uint8))


def test_points_are_mapped_as_the_matrix_says() -> None:
    page_map = quarter_turn_map(40, 30, 1)
    assert page_map.to_target(np.array([[39.0, 0.0]])).tolist() == [[0.0, 0.0]]
    assert page_map.to_original(np.array([[0.0, 0.0]])).tolist() == [[39.0, 0.0]]
    assert page_map.to_target(np.zeros((0, 2))).shape == (0, 2)


def test_the_map_between_copies_is_the_same_at_their_scales() -> None:
    page_map = quarter_turn_map(40, 30, 1)
    half = page_map.for_copies(scaling_matrix(0.5, 0.5), (20, 15), (60, 80))
    assert (half.original_size, half.target_size) == ((20, 15), (60, 80))
    # Corners stay corners: the top right one of the original becomes the top left one.
    assert half.to_target(np.array([[19.5, -0.5]])) == pytest.approx(np.array([[-0.5, -0.5]]))
    assert half.to_target(np.array([[-0.5, 14.5]])) == pytest.approx(np.array([[59.5, 79.5]]))


def test_beyond_the_edge_an_extended_page_goes_on() -> None:
    shifted = PageMap(np.array([[1.0, 0, 5], [0, 1, 0], [0, 0, 1]]), (10, 10), (10, 10))
    image = np.full((10, 10), 9, np.uint8)
    assert shifted.warp(image)[5].tolist() == [0] * 5 + [9] * 5
    assert shifted.warp_extended(image)[5].tolist() == [9] * 10


def test_labels_are_not_mixed() -> None:
    labels = np.zeros((60, 80), np.uint8)
    labels[:, 40:] = 7
    assert set(np.unique(rotation_map(80, 60, 10).warp_labels(labels))) == {0, 7}
    assert identity_map(80, 60).warp_labels(labels) is labels
