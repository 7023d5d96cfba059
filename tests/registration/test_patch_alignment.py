import cv2
import numpy as np
import pytest

from scanner.registration.patch_alignment import choose_patches, correlate, find_patches, prepare_copy
from scanner.types import Image


def page_with(*shapes: tuple[int, int, int, int], size: tuple[int, int] = (120, 100)) -> Image:
    """A page, of this (width, height), with black boxes (x, y, width, height)."""
    page = np.zeros(size[::-1], np.uint8)
    for x, y, width, height in shapes:
        page[y : y + height, x : x + width] = 255
    return page


def noise_page(seed: int = 1, size: tuple[int, int] = (120, 100)) -> Image:
    noise = np.random.default_rng(seed).normal(0, 1, size[::-1])
    return np.asarray(np.clip(128 + 200 * cv2.GaussianBlur(noise, (0, 0), 2), 0, 255), np.uint8)


def test_of_each_square_the_patch_with_a_corner_is_chosen() -> None:
    # A rule all along the page, and the corner of a box.
    page = page_with((0, 20, 120, 3), (62, 52, 30, 30))
    patches = choose_patches(page, side=11, step=40, reach=4)
    middles = patches.middles
    assert np.abs(middles - (62, 52)).max(axis=1).min() <= 6
    # Bare paper has no patch.
    assert not ((middles[:, 1] > 35) & (middles[:, 0] < 40)).any()


def test_patches_can_be_searched_for_without_leaving_the_page() -> None:
    patches = choose_patches(noise_page(), side=15, step=10, reach=6)
    assert len(patches.points) > 20
    assert patches.points.min() >= 6
    assert (patches.points.max(axis=0) <= (120 - 15 - 6, 100 - 15 - 6)).all()


def test_a_page_too_small_for_a_patch_has_none() -> None:
    patches = choose_patches(noise_page(size=(20, 20)), side=15, step=10, reach=6)
    assert patches.points.shape == (0, 2)
    found = find_patches(noise_page(size=(20, 20)), patches)
    assert found.offsets.shape == (0, 2)
    assert found.likeness.shape == (0,)


def test_a_rule_is_stiff_across_only() -> None:
    patches = choose_patches(page_with((0, 50, 120, 4)), side=21, step=30, reach=4)
    across, down = patches.stiffness.T
    assert np.abs(across).max() < 1e-6
    assert down.min() > 0.01


def test_the_likeness_is_the_correlation() -> None:
    reference, page = noise_page(1), noise_page(2)
    patches = choose_patches(reference, side=15, step=30, reach=4)
    scores = correlate(page, patches, patches.points)
    for (x, y), score in zip(patches.points.tolist(), scores, strict=True):
        for down, across in ((0, 0), (4, 4), (8, 1)):
            top, left = y - 4 + down, x - 4 + across
            there = page[top : top + 15, left : left + 15].ravel()
            here = reference[y : y + 15, x : x + 15].ravel()
            assert score[down, across] == pytest.approx(np.corrcoef(here, there)[0, 1], abs=1e-3)


@pytest.mark.parametrize(("across", "down"), [(0.0, 0.0), (3.0, -2.0), (1.5, 0.0), (-0.4, 2.7)])
def test_patches_are_found_where_the_page_was_shifted_to(across: float, down: float) -> None:
    reference = noise_page()
    patches = choose_patches(reference, side=21, step=15, reach=6)
    shift = np.array([[1, 0, across], [0, 1, down]], np.float64)
    page = np.asarray(cv2.warpAffine(reference, shift, (120, 100), flags=cv2.INTER_CUBIC), np.uint8)
    found = find_patches(page, patches)
    assert np.abs(np.median(found.offsets, axis=0) - (across, down)).max() < 0.1
    assert np.median(found.likeness) > 0.95


def test_nothing_is_like_bare_paper() -> None:
    patches = choose_patches(noise_page(), side=15, step=20, reach=4)
    found = find_patches(np.zeros((100, 120), np.uint8), patches)
    assert (found.likeness == 0).all()


def test_a_prepared_copy_is_as_dark_as_the_page() -> None:
    page = page_with((0, 20, 120, 30))
    copy = prepare_copy(page)
    assert copy.shape == page.shape
    assert copy.mean() == pytest.approx(page.mean(), abs=1)


def test_a_prepared_copy_of_a_faint_page_is_darker() -> None:
    page = page_with((0, 20, 120, 30))
    faint = np.asarray(page // 10, np.uint8)
    assert prepare_copy(faint).max() == pytest.approx(200, abs=1)
