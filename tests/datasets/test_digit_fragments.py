import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.datasets.digit_fragments import join_and_halve
from scanner.datasets.pen_samples import draw_pen_digits


@pytest.fixture(scope="module")
def digits() -> NDArray[np.uint8]:
    return draw_pen_digits(np.random.default_rng(0), 60).frames


@pytest.mark.parametrize("count", [0, 1, 10])
def test_as_many_as_asked_for(digits: NDArray[np.uint8], count: int) -> None:
    made = join_and_halve(digits, np.random.default_rng(0), count)
    assert made.shape == (count, 28, 28)
    assert made.dtype == np.uint8
    assert made.any(axis=(1, 2)).all()


def test_the_same_seed_makes_the_same(digits: NDArray[np.uint8]) -> None:
    one, two, other = (join_and_halve(digits, np.random.default_rng(seed), 9) for seed in (1, 1, 2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_two_bars_become_a_pair_a_pair_of_halves_and_a_half() -> None:
    # A block 20 pixels high and 10 wide.
    block = np.zeros((1, 28, 28), np.uint8)
    block[0, 4:24, 9:19] = 255
    pair, halves, half = join_and_halve(block, np.random.default_rng(0), 3)
    width, height = (
        [np.ptp(np.flatnonzero(each.max(axis=axis))) + 1 for each in (pair, halves, half)] for axis in (0, 1)
    )
    # As wide as two blocks and a gap of up to three pixels, of which 20 pixels are left as a frame holds no more.
    assert width[0] >= height[0]
    # Two halves are about as wide as a block.
    assert 0.4 * height[1] <= width[1] <= 0.85 * height[1]
    assert width[2] < 0.45 * height[2]


def test_a_faint_digit_is_cut_as_well() -> None:
    faint = np.zeros((1, 28, 28), np.uint8)
    faint[0, 4:24, 13] = 20
    assert join_and_halve(faint, np.random.default_rng(0), 6).any(axis=(1, 2)).all()
