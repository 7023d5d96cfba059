import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.geometry.deskew import find_skew, warp_ink
from scanner.geometry.page_map import identity_map, quadrilateral_map, rotation_map
from scanner.types import Box, Ink


def lines_of_words(height: int = 700, width: int = 900) -> NDArray[np.uint8]:
    """Rows of short strokes, like lines of writing."""
    rng = np.random.default_rng(3)
    mask = np.zeros((height, width), np.uint8)
    for y in range(60, height - 60, 50):
        for x in range(80, width - 80, 14):
            if rng.random() < 0.8:
                mask[y : y + int(rng.integers(14, 20)), x : x + 4] = 255
                mask[y + 8 : y + 11, x : x + 10] = 255
    return mask


def skewed(mask: NDArray[np.uint8], clockwise: float) -> Ink:
    height, width = mask.shape
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -clockwise, 1.0)
    turned = cv2.warpAffine(mask, matrix, (width, height))
    binary = np.where(turned > 127, np.uint8(255), np.uint8(0))
    return Ink(binary, binary, 4.0)


@pytest.mark.parametrize("clockwise", [-14.0, -6.0, -2.3, -0.7, 0.7, 1.45, 5.0, 10.0])
def test_the_skew_of_lines_is_found(clockwise: float) -> None:
    assert find_skew(skewed(lines_of_words(), clockwise)) == pytest.approx(clockwise, abs=0.15)


def test_level_lines_have_no_skew() -> None:
    assert find_skew(skewed(lines_of_words(), 0)) == 0.0


def test_a_circle_has_no_skew() -> None:
    mask = np.zeros((600, 600), np.uint8)
    cv2.circle(mask, (300, 300), 200, 255, 4)
    assert find_skew(Ink(mask, mask, 4.0)) == 0.0


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (600, 600)])
def test_a_page_without_ink_has_no_skew(shape: tuple[int, int]) -> None:
    empty = np.zeros(shape, np.uint8)
    assert find_skew(Ink(empty, empty, 0.0)) == 0.0


def test_a_crop_has_no_skew() -> None:
    mask = np.zeros((40, 120), np.uint8)
    cv2.line(mask, (5, 35), (110, 10), 255, 4)
    assert find_skew(Ink(mask, mask, 4.0)) == 0.0


def test_the_identity_returns_the_same_ink() -> None:
    ink = skewed(lines_of_words(), 2)
    assert warp_ink(ink, identity_map(900, 700)) is ink


def test_deskewed_lines_are_level() -> None:
    ink = skewed(lines_of_words(), 3.0)
    turn = rotation_map(900, 700, find_skew(ink))
    level = warp_ink(ink, turn)
    assert level.mask.shape == level.strength.shape == (turn.target_size[1], turn.target_size[0])
    assert set(np.unique(level.mask)) == {0, 255}
    assert find_skew(level) == 0.0
    assert np.count_nonzero(level.mask) == pytest.approx(np.count_nonzero(ink.mask), rel=0.03)


def test_the_stroke_width_grows_with_the_page() -> None:
    ink = skewed(lines_of_words(), 0)
    corners = [(-0.5, -0.5), (899.5, -0.5), (899.5, 699.5), (-0.5, 699.5)]
    larger = warp_ink(ink, quadrilateral_map(900, 700, corners, (1800, 1400)))
    assert larger.stroke_width == pytest.approx(2 * ink.stroke_width)
    assert np.count_nonzero(larger.mask) == pytest.approx(4 * np.count_nonzero(ink.mask), rel=0.05)


@pytest.mark.parametrize("clockwise", [-12.0, 3.0])
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_the_skew_does_not_depend_on_the_orientation(clockwise: float, quarters: int) -> None:
    ink = skewed(lines_of_words(), clockwise)
    turned = np.rot90(ink.mask, quarters).copy()
    assert find_skew(Ink(turned, turned, 4.0)) == pytest.approx(clockwise, abs=0.15)


def test_the_skew_of_a_table_is_found() -> None:
    mask = np.zeros((700, 900), np.uint8)
    for y in range(150, 560, 50):
        cv2.line(mask, (150, y), (750, y), 255, 2)
    for x in range(150, 760, 150):
        cv2.line(mask, (x, 150), (x, 550), 255, 2)
    for clockwise in (-9.0, 4.0):
        assert find_skew(skewed(mask, clockwise)) == pytest.approx(clockwise, abs=0.1)


def lines_at(angles: list[float]) -> Ink:
    """Lines of strokes, each at its own angle, in degrees."""
    mask = np.zeros((900, 900), np.uint8)
    rng = np.random.default_rng(4)
    for row, angle in enumerate(angles):
        line = np.zeros_like(mask)
        for x in range(250, 650, 16):
            # Strokes on a grid would make vertical lines.
            start = x + int(rng.integers(12))
            line[440:460, start : start + 4] = 255
        matrix = cv2.getRotationMatrix2D((450, 450), angle, 1.0)
        matrix[1, 2] += (row - (len(angles) - 1) / 2) * 100
        mask |= np.asarray(cv2.warpAffine(line, matrix, (900, 900)), np.uint8)
    mask = np.where(mask > 127, np.uint8(255), np.uint8(0))
    return Ink(mask, mask, 4.0)


def test_lines_at_different_angles_have_no_skew() -> None:
    assert find_skew(lines_at([10, -9, 6, -12, 3, -5, 12])) == 0.0
    assert find_skew(lines_at([-8, -8, -8, -8, 8, 8, 8, 8])) == 0.0


def test_lines_at_nearly_the_same_angle_have_a_skew() -> None:
    assert find_skew(lines_at([-4.5, -5, -5.5, -5, -4.8, -5.2])) == pytest.approx(5, abs=0.7)


def test_ink_is_inside_its_box_on_the_original() -> None:
    original = np.zeros((700, 900), np.uint8)
    original[200:230, 600:615] = 255
    turn = rotation_map(900, 700, 4.0)
    level = warp_ink(Ink(original, original, 4.0), turn)
    box = turn.box_to_original(Box(*cv2.boundingRect(level.mask)))
    assert box.x <= 600
    assert box.y <= 200
    assert box.right >= 615
    assert box.bottom >= 230
    assert box.width * box.height < 4 * 15 * 30


def scattered(mask: NDArray[np.uint8], marks: int, seed: int) -> NDArray[np.uint8]:
    """A page covered with short strokes that form no lines."""
    rng = np.random.default_rng(seed)
    height, width = mask.shape
    for x, y in zip(rng.integers(60, width - 70, marks), rng.integers(60, height - 70, marks), strict=True):
        mask[y : y + int(rng.integers(4, 20)), x : x + int(rng.integers(4, 14))] = 255
    return mask


@pytest.mark.parametrize("clockwise", [-10.0, 3.0, 10.0])
def test_half_a_page_without_lines_is_ignored(clockwise: float) -> None:
    mask = lines_of_words()
    mask[:350] = 0
    mask[:350] = scattered(np.zeros((410, 900), np.uint8), 500, 1)[:350]
    assert find_skew(skewed(mask, clockwise)) == pytest.approx(clockwise, abs=0.3)


@pytest.mark.parametrize("clockwise", [-10.0, 6.0, 10.0])
def test_horizontal_and_vertical_lines_that_agree_need_not_be_clear(clockwise: float) -> None:
    mask = scattered(np.zeros((700, 900), np.uint8), 600, 2)
    for y in range(100, 620, 100):
        cv2.line(mask, (150, y), (750, y), 255, 2)
    for x in range(150, 760, 150):
        cv2.line(mask, (x, 100), (x, 600), 255, 2)
    assert find_skew(skewed(mask, clockwise)) == pytest.approx(clockwise, abs=0.3)
