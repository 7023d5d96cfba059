import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.layout.page_or_crop import detect_page_or_crop
from scanner.options import PageOrCrop
from scanner.types import Ink


def ink(height: int, width: int, marks: list[tuple[int, int, int, int]], stroke: float) -> Ink:
    """Ink with rectangles (x, y, width, height) for characters."""
    mask: NDArray[np.uint8] = np.zeros((height, width), np.uint8)
    for x, y, w, h in marks:
        mask[y : y + h, x : x + w] = 255
    return Ink(mask, mask, stroke)


def line(y: int, height: int) -> list[tuple[int, int, int, int]]:
    return [(10 + place * height, y, height // 2, height) for place in range(4)]


@pytest.mark.parametrize("scale", [1, 2, 5])
def test_one_line_in_a_low_image_is_a_crop_at_any_resolution(scale: int) -> None:
    marks = [tuple(scale * side for side in mark) for mark in line(15, 30)]
    assert detect_page_or_crop(ink(60 * scale, 200 * scale, marks, 4.0 * scale)) is PageOrCrop.CROP  # type: ignore[arg-type]  # marks of any length


def test_a_line_written_with_a_thin_pen_is_a_crop() -> None:
    assert detect_page_or_crop(ink(200, 600, line(50, 80), 3.0)) is PageOrCrop.CROP


def test_one_line_in_a_high_image_is_a_page() -> None:
    assert detect_page_or_crop(ink(400, 200, line(100, 30), 4.0)) is PageOrCrop.PAGE
    assert detect_page_or_crop(ink(330, 920, line(140, 56), 3.0)) is PageOrCrop.PAGE


def test_two_lines_are_a_page() -> None:
    assert detect_page_or_crop(ink(100, 200, line(10, 30) + line(60, 30), 4.0)) is PageOrCrop.PAGE


def test_cut_off_neighbours_and_the_sides_of_a_box_are_no_lines() -> None:
    cut_off = [(20, 0, 15, 19), (60, 82, 15, 18)]
    sides = [(2, 5, 3, 20), (195, 60, 3, 30)]
    assert detect_page_or_crop(ink(100, 200, line(35, 30) + cut_off + sides, 4.0)) is PageOrCrop.CROP


def test_a_long_line_is_a_page() -> None:
    marks = [(10 + 30 * place, 12, 15, 20) for place in range(50)]
    assert detect_page_or_crop(ink(45, 1520, marks, 3.0)) is PageOrCrop.PAGE


@pytest.mark.parametrize(
    ("shape", "layout"), [((34, 60), PageOrCrop.CROP), ((34, 900), PageOrCrop.PAGE), ((300, 400), PageOrCrop.PAGE)]
)
def test_without_ink_the_size_decides(shape: tuple[int, int], layout: PageOrCrop) -> None:
    assert detect_page_or_crop(ink(*shape, [], 0.0)) is layout


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (30, 1), (2, 2)])
def test_the_smallest_images_are_no_error(shape: tuple[int, int]) -> None:
    assert detect_page_or_crop(ink(*shape, [(0, 0, 1, 1)], 1.0)) in {PageOrCrop.PAGE, PageOrCrop.CROP}
