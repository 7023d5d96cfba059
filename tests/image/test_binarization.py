import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from scanner.image.binarization import binarize, otsu_threshold

TINY = [(1, 1), (1, 2), (2, 1), (1, 200), (200, 1), (3, 3)]


def flat_page(ink: int) -> NDArray[np.uint8]:
    flat = np.zeros((120, 200), np.uint8)
    for x in range(20, 180, 20):
        flat[40:80, x : x + 4] = ink
    return flat


@pytest.mark.parametrize("ink", [60, 120, 255])
def test_faint_and_full_ink_are_both_found_and_stretched(ink: int) -> None:
    found = binarize(flat_page(ink))
    assert set(np.unique(found.mask)) == {0, 255}
    assert found.mask[60, 21] == 255
    assert found.mask[60, 22] == 255
    assert found.mask[60, 30] == 0
    assert found.strength[60, 22] >= 230
    assert found.strength[10, 10] == 0
    assert found.stroke_width == pytest.approx(4, abs=1.5)


def test_the_mask_of_a_clean_stroke_is_the_stroke() -> None:
    flat = flat_page(255)
    assert np.mean((binarize(flat).mask > 0) != (flat > 0)) < 0.02


def test_the_edge_of_a_soft_stroke_stays_gray() -> None:
    flat = np.zeros((60, 60), np.uint8)
    flat[10:50, 27:34] = np.array([60, 150, 230, 250, 230, 150, 60], np.uint8)
    row = binarize(flat).strength[30]
    assert row[30] >= 250
    assert 0 < row[27] < row[28] < row[29]


@pytest.mark.parametrize("sigma", [2, 5])
def test_paper_noise_is_no_ink(sigma: int) -> None:
    rng = np.random.default_rng(0)
    noisy = np.clip(flat_page(200) + rng.normal(0, sigma, (120, 200)), 0, 255).astype(np.uint8)
    found = binarize(noisy)
    assert found.mask[60, 22] == 255
    far = found.mask[:30]
    assert np.mean(far > 0) < 0.002


@pytest.mark.parametrize("shape", [*TINY, (50, 60)])
def test_paper_alone_has_no_ink(shape: tuple[int, int]) -> None:
    found = binarize(np.zeros(shape, np.uint8))
    assert found.mask.shape == found.strength.shape == shape
    assert not found.mask.any()
    assert not found.strength.any()
    assert found.stroke_width == 0.0


@pytest.mark.parametrize("value", [1, 100, 255])
@pytest.mark.parametrize("shape", [*TINY, (50, 60)])
def test_a_constant_image_is_no_error(value: int, shape: tuple[int, int]) -> None:
    found = binarize(np.full(shape, value, np.uint8))
    assert len(np.unique(found.mask)) == 1


def test_one_black_pixel_is_ink_or_nothing_but_no_error() -> None:
    flat = np.zeros((9, 9), np.uint8)
    flat[4, 4] = 255
    found = binarize(flat)
    assert found.mask[4, 4] == 255
    assert not found.mask[0].any()


def test_the_flat_page_is_left_as_it_was() -> None:
    flat = flat_page(130)
    before = flat.copy()
    binarize(flat)
    assert np.array_equal(flat, before)


def test_writing_that_fills_a_small_image_is_not_taken_for_noise() -> None:
    # Two thirds of it are faint strokes and the blur around them.
    flat = np.zeros((34, 60), np.uint8)
    for x in range(2, 52, 8):
        flat[4:30, x : x + 7] = (4, 12, 24, 34, 24, 12, 4)
    mask = binarize(flat).mask
    assert mask[8:26, 5:55:8].all()
    assert not mask[:, 1:57:8].any()


@pytest.mark.parametrize("shape", [(4, 1), (1, 4), (4, 4)])
def test_a_picture_shaped_like_a_colour_of_opencv_is_a_picture(shape: tuple[int, int]) -> None:
    flat = np.zeros(shape, np.uint8)
    flat[0, 0] = 200
    assert binarize(flat).mask.shape == shape


def test_ink_between_the_sampled_rows_is_found() -> None:
    flat = np.zeros((4000, 60), np.uint8)
    flat[1003:1007, 10:50] = 200
    found = binarize(flat)
    assert found.mask[1004:1006, 12:48].all()
    assert not found.mask[:1000].any()


def test_otsu_by_hand() -> None:
    counts = np.zeros(256, np.int64)
    counts[[10, 12, 200]] = 5, 5, 4
    # Between 12 and 200 any threshold parts them alike; the lowest is taken.
    assert otsu_threshold(counts) == 12
    assert otsu_threshold(np.zeros(256, np.int64)) == 0


@given(arrays(np.uint8, st.integers(1, 60)))
def test_otsu_is_that_of_opencv(values: NDArray[np.uint8]) -> None:
    expected, _ = cv2.threshold(values, 0, 255, cv2.THRESH_OTSU)
    assert otsu_threshold(np.bincount(values, minlength=256)) == expected
