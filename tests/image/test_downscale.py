from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.image.downscale import downscale_in_one_step, downscale_to


def test_a_small_image_is_left_alone() -> None:
    picture = np.zeros((30, 40), np.uint8)
    assert downscale_to(picture, 40) is picture


def test_pixels_are_means() -> None:
    picture = np.array([[0, 100, 40, 40], [100, 200, 40, 40]], np.uint8)
    assert downscale_to(picture, 2).tolist() == [[100, 40]]


@pytest.mark.parametrize("downscale", [downscale_to, downscale_in_one_step])
@pytest.mark.parametrize("shape", [(2200, 1704), (1704, 2200), (399, 201), (1, 900), (900, 1), (7, 1000)])
@pytest.mark.parametrize("longest", [50, 128])
def test_the_longer_side_has_the_given_length_and_the_aspect_ratio_is_kept(
    downscale: Callable[[NDArray[np.uint8], int], NDArray[np.uint8]], shape: tuple[int, int], longest: int
) -> None:
    small = downscale(np.full(shape, 7, np.uint8), longest)
    assert max(small.shape) == longest
    assert (small == 7).all()
    scale = longest / max(shape)
    assert small.shape == pytest.approx([max(side * scale, 1) for side in shape], abs=1)
