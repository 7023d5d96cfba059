import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scanner.geometry.bent_map import BentMap, grid_points
from scanner.geometry.page_map import identity_map, quadrilateral_map, scaling_matrix
from scanner.types import Box, Image

SIZE = (200, 100)


def bent_map(shift: NDArray[np.float64], size: tuple[int, int] = SIZE) -> BentMap:
    """A map from a page to one of its size, each point of which is seen ``shift`` away, shape (rows, columns, 2)."""
    return BentMap(grid_points(size, shift.shape[:2]) + shift, size, size)


def wave(rows: int = 21, columns: int = 31, height: float = 4.0) -> BentMap:
    """A page whose lines run in a wave."""
    shift = np.zeros((rows, columns, 2))
    shift[..., 1] = height * np.sin(np.linspace(0, 2 * np.pi, columns))
    return bent_map(shift)


def noise_image(width: int, height: int) -> Image:
    return np.random.default_rng(3).integers(0, 256, (height, width), dtype=np.uint8)


def test_grid_points_reach_from_corner_to_corner() -> None:
    points = grid_points((4, 2), (2, 3))
    assert points.tolist() == [[[-0.5, -0.5], [1.5, -0.5], [3.5, -0.5]], [[-0.5, 1.5], [1.5, 1.5], [3.5, 1.5]]]


def test_between_the_points_of_the_grid_the_map_is_linear() -> None:
    shift = np.zeros((2, 2, 2))
    shift[1, 1] = (8, 4)
    # A quarter of the way to the right, half of the way down: an eighth of the shift of the last corner.
    there = bent_map(shift).to_original(np.array([[49.5, 49.5]]))
    assert there.tolist() == [[50.5, 50.0]]


def test_beyond_the_page_the_map_goes_straight_on() -> None:
    shift = np.zeros((2, 2, 2))
    shift[:, 1, 1] = 10
    assert bent_map(shift).to_original(np.array([[399.5, 20.0]])).tolist() == [[399.5, 40.0]]


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_points_are_mapped_there_and_back(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners = np.array([(0, 0), (200, 0), (200, 100), (0, 100)]) + rng.uniform(-15, 15, (4, 2))
    flat = quadrilateral_map(*SIZE, [(float(x), float(y)) for x, y in corners], (240, 130))
    points = grid_points((240, 130), (14, 25))
    bends = 3 * np.sin(points[..., ::-1] / rng.uniform(20, 60) + rng.uniform(0, 6))
    sources = flat.to_original((points + bends).reshape(-1, 2)).reshape(points.shape)
    page_map = BentMap(sources, SIZE, (240, 130))
    there = rng.uniform((0, 0), (239, 129), (40, 2))
    assert np.abs(page_map.to_target(page_map.to_original(there)) - there).max() < 1e-3


def test_no_points_are_mapped_to_none() -> None:
    none = np.zeros((0, 2))
    assert wave().to_original(none).shape == wave().to_target(none).shape == (0, 2)


def test_a_flat_map_warps_as_its_homography_does() -> None:
    flat = quadrilateral_map(*SIZE, [(10, 5), (180, 12), (190, 95), (4, 90)], (230, 120))
    points = grid_points((230, 120), (61, 111))
    bent = BentMap(flat.to_original(points.reshape(-1, 2)).reshape(points.shape), SIZE, (230, 120))
    image = np.asarray(noise_image(*SIZE) // 8, np.uint8)
    assert np.abs(bent.warp(image).astype(int) - flat.warp(image)).max() <= 1
    assert bent.magnification == pytest.approx(flat.magnification, rel=0.02)


def test_what_is_warped_lies_where_its_points_are_mapped() -> None:
    page_map = wave()
    image = np.zeros((100, 200), np.uint8)
    image[38:43, 48:53] = 255
    rows, columns = np.nonzero(page_map.warp(image) > 127)
    assert (columns.mean(), rows.mean()) == pytest.approx(page_map.to_target(np.array([[50.0, 40.0]]))[0], abs=0.3)


def test_beyond_the_edges_of_the_original_there_is_nothing_or_its_edge() -> None:
    page_map = bent_map(np.full((2, 2, 2), (-50.0, 0.0)))
    image = np.full((100, 200), 9, np.uint8)
    assert page_map.warp(image)[50, [0, 48, 60]].tolist() == [0, 0, 9]
    assert page_map.warp_extended(image)[50, [0, 48, 60]].tolist() == [9, 9, 9]


def test_labels_are_not_mixed() -> None:
    labels = np.zeros((100, 200), np.uint8)
    labels[:, 100:] = 7
    warped = wave().warp_labels(labels)
    assert set(np.unique(warped)) == {0, 7}


def test_the_identity_changes_nothing() -> None:
    page_map = bent_map(np.zeros((5, 7, 2)))
    image = noise_image(*SIZE)
    assert page_map.is_identity
    assert page_map.warp(image) is image
    assert page_map.warp_labels(image) is image
    assert page_map.box_to_original(Box(3, 4, 5, 6)) == Box(3, 4, 5, 6)
    assert page_map.magnification == pytest.approx(1)
    assert not wave().is_identity
    assert not BentMap(page_map.sources, SIZE, (400, 200)).is_identity


def test_an_image_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        wave().warp(np.zeros((200, 100), np.uint8))


def test_a_box_reaches_as_far_as_its_edges_bow() -> None:
    # A hump of 10 pixels in the middle, none at the sides: no corner of the box is on it, but its edges are.
    shift = np.zeros((2, 3, 2))
    shift[:, 1, 1] = 10
    assert bent_map(shift).box_to_original(Box(0, 20, 200, 30)) == Box(0, 20, 200, 40)


def test_a_box_beyond_the_original_is_a_pixel_at_its_edge() -> None:
    assert bent_map(np.full((2, 2, 2), 500.0)).box_to_original(Box(1, 1, 2, 2)) == Box(199, 99, 1, 1)


def test_the_map_between_copies_is_the_same_at_their_scales() -> None:
    page_map = wave()
    half = page_map.for_copies(scaling_matrix(0.5, 0.5), (100, 50), (400, 200))
    assert half.original_size == (100, 50)
    # The middle of the page, and of its copies.
    (middle,) = page_map.to_original(np.array([[99.5, 49.5]]))
    (of_copy,) = half.to_original(np.array([[199.5, 99.5]]))
    assert of_copy == pytest.approx((middle + 0.5) / 2 - 0.5)
    assert half.magnification == pytest.approx(4 * page_map.magnification)


def test_a_page_of_one_pixel_has_a_map() -> None:
    page_map = BentMap(grid_points((1, 1), (2, 2)), (1, 1), (1, 1))
    assert page_map.is_identity
    assert page_map.box_to_original(Box(0, 0, 1, 1)) == Box(0, 0, 1, 1)
    assert page_map.to_original(np.array([[0.0, 0.0]])).tolist() == [[0.0, 0.0]]
    assert identity_map(1, 1).to_target(np.array([[0.0, 0.0]])).tolist() == [[0.0, 0.0]]
