import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scanner.synthesis.glyph_scans import scan_glyph
from scanner.synthesis.glyph_warps import stroke_width

BAR = np.pad(np.full((60, 8), 255, np.uint8), 20)


def scans(ink: NDArray[np.uint8], count: int = 60) -> list[NDArray[np.uint8]]:
    return [scan_glyph(ink, np.random.default_rng(seed)) for seed in range(count)]


def test_a_seed_makes_one_scan() -> None:
    one, same, other = (scan_glyph(BAR, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert one.shape != other.shape


def test_some_scans_are_small_and_none_is_large() -> None:
    sides = [max(scan.shape) for scan in scans(BAR)]
    assert min(sides) < 13
    # What is scanned, a gap and a remnant of a line.
    assert 35 < max(sides) <= 45 * 1.25


def test_about_half_of_the_scans_are_black_and_white() -> None:
    two_level = [set(np.unique(scan).tolist()) <= {0, 255} for scan in scans(BAR)]
    assert 15 < sum(two_level) < 45


def test_a_hairline_stays_whole() -> None:
    hair = np.pad(np.full((100, 1), 255, np.uint8), 20)
    for scan in scans(hair):
        rows = (scan > scan.max() / 5).any(axis=1)
        assert stroke_width(scan) >= 1
        # But for a gap to a remnant of a line above or below.
        assert rows.mean() > 0.7


@given(height=st.integers(1, 60), width=st.integers(1, 60), level=st.integers(1, 255), seed=st.integers(0, 2**32 - 1))
def test_there_is_always_ink(height: int, width: int, level: int, seed: int) -> None:
    ink = np.zeros((height, width), np.uint8)
    ink[height // 2, width // 2] = level
    scan = scan_glyph(ink, np.random.default_rng(seed))
    assert scan.dtype == np.uint8
    assert scan.any()


@pytest.mark.parametrize("side", [1, 28, 200])
def test_any_size_is_scanned(side: int) -> None:
    assert all(scan.any() for scan in scans(np.full((side, side), 255, np.uint8), 20))
