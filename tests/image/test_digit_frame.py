import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from scanner.image.digit_frame import BODY_SIDE, FRAME_SIDE, digit_frame, digit_frames, measure_slant
from scanner.synthesis.pen import random_writer, render_character

SEEDS = st.integers(0, 2**32 - 1)
DIGITS = st.sampled_from("0123456789")
INKS = arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)))


def written(character: str, seed: int, height: int = 40) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    return render_character(character, random_writer(rng), rng, height)


def center_of_mass(framed: NDArray[np.uint8]) -> tuple[float, float]:
    moments = cv2.moments(framed)
    return moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]


def difference(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Mean difference of grey levels; between two different digits of one hand it is 15 or more, mostly 30."""
    return float(np.mean(np.abs(a.astype(int) - b.astype(int))))


@given(DIGITS, SEEDS, st.integers(10, 150))
def test_the_middle_of_the_frame_is_the_centre_of_mass(character: str, seed: int, height: int) -> None:
    framed = digit_frame(written(character, seed, height))
    assert framed.shape == (FRAME_SIDE, FRAME_SIDE)
    assert framed.dtype == np.uint8
    assert center_of_mass(framed) == pytest.approx(((FRAME_SIDE - 1) / 2,) * 2, abs=0.5)
    assert framed.max() == 255


@given(DIGITS, SEEDS)
def test_the_digit_fills_the_20_pixel_body(character: str, seed: int) -> None:
    rows, columns = np.nonzero(digit_frame(written(character, seed, 60)) > 100)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == pytest.approx(BODY_SIDE, abs=2)


@given(DIGITS, SEEDS, st.tuples(*[st.integers(0, 30)] * 4))
def test_paper_around_makes_no_difference(character: str, seed: int, margins: tuple[int, int, int, int]) -> None:
    ink = written(character, seed)
    top, bottom, left, right = margins
    assert np.array_equal(digit_frame(np.pad(ink, ((top, bottom), (left, right)))), digit_frame(ink))


@given(DIGITS, SEEDS, st.sampled_from([2, 3, 5]))
def test_size_makes_hardly_a_difference(character: str, seed: int, factor: int) -> None:
    ink = written(character, seed)
    large = np.asarray(cv2.resize(ink, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR), np.uint8)
    assert difference(digit_frame(large), digit_frame(ink)) < 12


@given(DIGITS, SEEDS)
def test_faint_ink_is_framed_as_black(character: str, seed: int) -> None:
    ink = written(character, seed)
    assert difference(digit_frame(ink // 2), digit_frame(ink)) < 15


@given(DIGITS, SEEDS, st.floats(-0.3, 0.3))
def test_slant_makes_hardly_a_difference(character: str, seed: int, lean: float) -> None:
    ink = np.pad(written(character, seed, 60), ((0, 0), (30, 30)))
    # A slant above the maximum is not removed entirely.
    assume(abs(measure_slant(ink)) + abs(lean) < 0.95)
    shear = np.array([[1.0, -lean, lean * ink.shape[0] / 2], [0.0, 1.0, 0.0]])
    leaning = np.asarray(cv2.warpAffine(ink, shear, (ink.shape[1], ink.shape[0])), np.uint8)
    assert difference(digit_frame(leaning), digit_frame(ink)) < 8


def test_slant_of_simple_shapes() -> None:
    upright = np.zeros((40, 60), np.uint8)
    upright[5:35, 28:32] = 255
    leaning = np.zeros((40, 60), np.uint8)
    for row in range(5, 35):
        leaning[row, 40 - row : 44 - row] = 255
    assert measure_slant(upright) == pytest.approx(0.0, abs=1e-6)
    assert measure_slant(leaning) == pytest.approx(-1.0, abs=1e-6)
    assert measure_slant(leaning[:, ::-1].copy()) == pytest.approx(1.0, abs=1e-6)


def test_a_horizontal_line_has_no_slant() -> None:
    line = np.zeros((9, 60), np.uint8)
    line[4, 5:55] = 255
    assert measure_slant(line) == 0.0
    assert measure_slant(np.zeros((9, 9), np.uint8)) == 0.0


def test_a_dash_stays_a_dash() -> None:
    dash = np.zeros((9, 60), np.uint8)
    dash[3:6, 5:55] = 255
    rows, columns = np.nonzero(digit_frame(dash) > 100)
    assert np.ptp(columns) + 1 == pytest.approx(BODY_SIDE, abs=2)
    assert np.ptp(rows) + 1 <= 3


@given(INKS)
def test_any_ink_is_framed(ink: NDArray[np.uint8]) -> None:
    # Fainter ink than scans have may be rounded away by the warp.
    assume(ink.max(initial=0) >= 8)
    before = ink.copy()
    framed = digit_frame(ink)
    assert framed.shape == (FRAME_SIDE, FRAME_SIDE)
    assert framed.any()
    assert np.array_equal(ink, before)


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (2000, 3), (1000, 1200)])
@pytest.mark.parametrize("value", [8, 63, 64, 255])
def test_blocks_of_ink_are_framed(shape: tuple[int, int], value: int) -> None:
    assert digit_frame(np.full(shape, value, np.uint8)).any()


def test_a_speck_of_ink_on_a_large_sheet_is_framed() -> None:
    sheet = np.zeros((2000, 2000), np.uint8)
    sheet[1000, 1000] = 255
    assert digit_frame(sheet).any()


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (1, 1), (28, 28)])
def test_no_ink_is_an_error(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no ink to frame"):
        digit_frame(np.zeros(shape, np.uint8))


def test_colour_and_floats_are_errors() -> None:
    with pytest.raises(ValueError, match="3-dimensional uint8"):
        digit_frame(np.ones((9, 9, 3), np.uint8))
    with pytest.raises(ValueError, match="2-dimensional float64"):
        digit_frame(np.ones((9, 9)))  # type: ignore[arg-type]  # the wrong type is the test


def test_frames_of_none_is_an_empty_stack() -> None:
    stack = digit_frames([])
    assert stack.shape == (0, FRAME_SIDE, FRAME_SIDE)
    assert stack.dtype == np.uint8


def test_frames_are_in_order() -> None:
    inks = [written(character, 1) for character in "472"]
    assert np.array_equal(digit_frames(iter(inks)), np.stack([digit_frame(ink) for ink in inks]))
