import numpy as np
import pytest

from scanner.geometry.bent_map import BentMap, grid_points
from scanner.geometry.page_map import PageMap, identity_map
from scanner.registration.coarse_alignment import CoarseAlignment
from scanner.registration.fine_alignment import (
    FINE,
    ROUGH,
    as_bent_map,
    choose_level_patches,
    copy_for_level,
    follow_keypoints,
    follow_patches,
    reference_copy,
)
from tests.registration.printed_page import printed_page, write_on

SIZE = (420, 560)


def bent_page_map(height: float) -> BentMap:
    """A map to a page whose lines run in a wave so many pixels high, which widens towards the bottom."""
    points = grid_points(SIZE, (57, 43))
    wave = np.stack([height / 2 * np.sin(points[..., 1] / 110), height * np.sin(points[..., 0] / 90)], axis=2)
    return BentMap(points + wave, SIZE, SIZE)


def test_a_homography_is_the_same_on_a_grid() -> None:
    flat = PageMap(np.array([[0.9, 0.02, 20], [-0.03, 0.85, 30], [0, 0.0003, 1]]), SIZE, (300, 400))
    bent = as_bent_map(flat)
    points = np.random.default_rng(0).uniform((0, 0), (299, 399), (50, 2))
    assert np.abs(bent.to_original(points) - flat.to_original(points)).max() < 0.05
    assert (bent.original_size, bent.target_size) == (SIZE, (300, 400))


def test_keypoints_bend_a_homography_and_wrong_ones_do_not() -> None:
    true = bent_page_map(8)
    printed = np.random.default_rng(1).uniform((20, 20), (400, 540), (300, 2))
    seen = true.to_original(printed)
    # Every fourth matches some other place.
    seen[::4] = np.random.default_rng(2).uniform((0, 0), SIZE, (75, 2))
    bent = follow_keypoints(CoarseAlignment(identity_map(*SIZE), 225, seen, printed))
    inside = np.random.default_rng(3).uniform((40, 40), (380, 520), (100, 2))
    errors = np.linalg.norm(bent.to_original(inside) - true.to_original(inside), axis=1)
    assert np.median(errors) < 1
    assert np.linalg.norm(inside - true.to_original(inside), axis=1).max() > 6


@pytest.mark.parametrize("height", [0.0, 1.5, 3.0])
def test_patches_correct_a_map_to_a_fraction_of_a_stroke(height: float) -> None:
    form, true = printed_page(1), bent_page_map(height)
    # What is seen at a point of the reference is at another one of the page: the map that makes the page from it.
    seen = true.to_target(grid_points(SIZE, (57, 43)).reshape(-1, 2)).reshape(57, 43, 2)
    page_of_reference = BentMap(seen, SIZE, SIZE)
    page = page_of_reference.warp(write_on(form, 1))
    page_map = as_bent_map(identity_map(*SIZE))
    for level in (ROUGH, FINE):
        patches = choose_level_patches(reference_copy(write_on(form, 2), level), level)
        followed = follow_patches(copy_for_level(page, page_map, level), page_map, patches, level)
        page_map = followed.page_map
    # Where the form has words: elsewhere there are rules alone, which tell nothing along themselves.
    rows, columns = np.nonzero(form[:, :200] > 127)
    points = np.stack([columns, rows], axis=1)[::20].astype(np.float64)
    errors = np.linalg.norm(page_map.to_original(points) - true.to_original(points), axis=1)
    assert np.percentile(errors, 50) < 0.25
    assert np.percentile(errors, 95) < 1
    assert np.median(followed.residuals) < 0.3


def test_a_copy_shows_the_reference_at_its_own_scale() -> None:
    page = np.zeros((2000, 1600), np.uint8)
    # The form is half as high as the page, and its reference a quarter.
    page_map = BentMap(grid_points((400, 500), (9, 9)) * 2 + 300, (1600, 2000), (400, 500))
    copy = copy_for_level(page, page_map, ROUGH)
    assert copy.shape[0] == pytest.approx(2 * ROUGH.copy_side, rel=0.02)


def test_a_blank_reference_has_no_patches_and_leaves_the_map() -> None:
    nothing = np.zeros((560, 420), np.uint8)
    patches = choose_level_patches(reference_copy(nothing, ROUGH), ROUGH)
    page_map = as_bent_map(identity_map(*SIZE))
    followed = follow_patches(nothing, page_map, patches, ROUGH)
    assert np.abs(followed.page_map.sources - page_map.sources).max() < 1e-6
    assert followed.residuals.shape == (0,)
