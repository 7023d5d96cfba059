from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.synthesis.blank_marks import draw_cross_ink, draw_dash_ink, draw_one_ink

Draw = Callable[[np.random.Generator], NDArray[np.uint8]]

SEEDS = range(40)


def extent(ink: NDArray[np.uint8]) -> tuple[int, int]:
    """Width and height of the ink."""
    ys, xs = np.nonzero(ink > 127)
    return int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1


@pytest.mark.parametrize("draw", [draw_cross_ink, draw_dash_ink, draw_one_ink])
def test_a_seed_draws_one_mark_and_another_seed_another(draw: Draw) -> None:
    one, same, other = (draw(np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("draw", [draw_cross_ink, draw_dash_ink, draw_one_ink])
def test_all_of_a_mark_is_on_its_image(draw: Draw) -> None:
    for seed in SEEDS:
        ink = draw(np.random.default_rng(seed))
        assert ink.dtype == np.uint8
        assert ink.max() > 200
        assert not np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]]).any()


def test_dashes_lie() -> None:
    for seed in SEEDS:
        width, height = extent(draw_dash_ink(np.random.default_rng(seed)))
        assert width > 1.4 * height


def test_ones_are_no_wider_than_high_but_for_the_pen() -> None:
    for seed in SEEDS:
        width, height = extent(draw_one_ink(np.random.default_rng(seed)))
        assert width < 1.3 * height


def test_crosses_are_drawn_with_a_hair_and_with_a_marker() -> None:
    ink_shares = [np.count_nonzero(ink) / np.prod(extent(ink)) for ink in map(draw_cross_ink, generators())]
    assert min(ink_shares) < 0.2
    assert max(ink_shares) > 0.5


def generators() -> list[np.random.Generator]:
    return [np.random.default_rng(seed) for seed in SEEDS]
