import numpy as np
import pytest

from scanner.synthesis.glyph_warps import bend_ink, lengthen_tail, widen_strokes


@pytest.fixture
def bar() -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """An upright bar 6 pixels wide and 20 high."""
    ink = np.zeros((40, 30), np.uint8)
    ink[10:30, 12:18] = 255
    return ink


def test_a_bend_of_no_size_changes_nothing(bar: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> None:
    assert np.array_equal(bend_ink(bar, 0.0, 10.0, np.random.default_rng(0)), bar)


def test_a_bend_moves_ink_and_keeps_most_of_it(bar: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> None:
    bent = bend_ink(bar, 1.5, 10.0, np.random.default_rng(0))
    assert not np.array_equal(bent, bar)
    assert bent.sum() == pytest.approx(int(bar.sum()), rel=0.4)


@pytest.mark.parametrize(("extra", "width"), [(2.0, 8), (0.0, 6), (-2.0, 4)])
def test_strokes_get_as_wide_as_asked(
    bar: np.ndarray[tuple[int, int], np.dtype[np.uint8]], extra: float, width: int
) -> None:
    assert np.count_nonzero(widen_strokes(bar, extra)[20] > 127) == width


def test_half_a_pixel_leaves_a_pale_edge(bar: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> None:
    row = widen_strokes(bar, 0.5)[20]
    assert np.count_nonzero(row == 255) == 6
    assert np.count_nonzero((row > 100) & (row < 150)) == 1


def test_a_hairline_is_thinned_to_a_pale_trace() -> None:
    ink = np.zeros((9, 9), np.uint8)
    ink[:, 4] = 200
    assert 0 < widen_strokes(ink, -3.0)[4, 4] < 100


def test_only_the_tail_gets_longer() -> None:
    crop = np.zeros((10, 3), np.uint8)
    crop[0], crop[9] = 100, 200
    longer = lengthen_tail(crop, 2.0)
    assert longer.shape == (15, 3)
    assert np.array_equal(longer[:5], crop[:5])
    assert longer[-1].min() == 200


def test_a_crop_of_one_row_has_no_tail() -> None:
    crop = np.full((1, 3), 255, np.uint8)
    assert lengthen_tail(crop, 2.0) is crop
