import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.image.background import flatten_background, is_negative, median_filter, to_gray
from scanner.synthesis.pen import draw_text, random_writer

TINY = [(1, 1), (1, 2), (2, 1), (1, 200), (200, 1), (3, 3)]


def page(paper: int, ink: int) -> NDArray[np.uint8]:
    """A line of vertical and one of horizontal strokes on even paper."""
    gray = np.full((200, 300), paper, np.uint8)
    for x in range(40, 260, 30):
        gray[50:80, x : x + 4] = ink
        gray[120:124, x : x + 20] = ink
    return gray


def test_gray_weighs_green_most() -> None:
    colours = np.array([[[255, 255, 255], [0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    white, black, blue, green, red = to_gray(colours)[0].tolist()
    assert (white, black) == (255, 0)
    assert blue < red < green


@pytest.mark.parametrize("paper", [255, 180, 90])
def test_ink_is_measured_against_its_paper_whatever_the_light(paper: int) -> None:
    flat = flatten_background(page(paper, paper // 3))
    assert flat[60, 42] == pytest.approx(170, abs=3)
    assert flat[5, 5] == 0
    assert flat[60, 55] == 0


def test_a_shadow_across_the_page_is_removed() -> None:
    light = np.linspace(1.0, 0.4, 300)[None]
    gray = np.rint(page(240, 60) * light).astype(np.uint8)
    flat = flatten_background(gray)
    strokes = flat[65, 42::30][:7].astype(int)
    assert np.ptp(strokes) <= 12
    assert np.percentile(flat[95:110, 30:270], 99) < 10


@pytest.mark.parametrize("value", [0, 1, 127, 255])
@pytest.mark.parametrize("shape", [*TINY, (40, 50)])
def test_an_even_page_has_no_ink(value: int, shape: tuple[int, int]) -> None:
    flat = flatten_background(np.full(shape, value, np.uint8))
    assert flat.shape == shape
    assert not flat.any()


@pytest.mark.parametrize("shape", TINY)
def test_pages_of_a_few_pixels_are_flattened(shape: tuple[int, int]) -> None:
    gray = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    assert flatten_background(gray).shape == shape
    assert is_negative(gray) in (True, False)


def test_a_large_page_keeps_its_shape() -> None:
    gray = np.asarray(cv2.resize(page(230, 30), (1501, 1003), interpolation=cv2.INTER_AREA), np.uint8)
    flat = flatten_background(gray)
    assert flat.shape == (1003, 1501)
    assert flat[300, 211] > 200
    assert flat[10, 10] < 5


def test_light_ink_on_dark_paper_is_negative() -> None:
    gray = page(235, 30)
    assert not is_negative(gray)
    assert is_negative(255 - gray)


def test_a_page_in_deep_shadow_is_not_negative() -> None:
    assert not is_negative(page(100, 20))


def test_a_light_page_with_much_black_is_not_negative() -> None:
    gray = page(235, 30)
    gray[:, :90] = 10
    assert not is_negative(gray)


@pytest.mark.parametrize("seed", range(3))
def test_handwriting_and_its_negative_are_distinguished(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ink, _ = draw_text("4071", random_writer(rng), rng, 40)
    gray = 255 - np.pad(ink, 40)
    assert not is_negative(gray)
    assert is_negative(255 - gray)


@pytest.mark.parametrize("side", [3, 15, 21])
@pytest.mark.parametrize("ink", [0.0, 0.02, 0.6])
def test_the_median_of_a_white_page_is_that_of_opencv(side: int, ink: float) -> None:
    rng = np.random.default_rng(side)
    page = np.full((300, 270), 255, np.uint8)
    page[120:190, 100:150] = rng.choice(np.array([0, 200, 255], np.uint8), (70, 50))
    page[rng.random(page.shape) < ink] = 30
    page[-9:] = 0
    assert np.array_equal(median_filter(page, side), cv2.medianBlur(page, side))
