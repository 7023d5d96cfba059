import numpy as np
import pytest

from scanner.evaluation.form_distortions import DISTORTIONS, Distortion


@pytest.mark.parametrize("distortion", DISTORTIONS, ids=lambda each: each.name)
def test_a_change_is_a_change_and_the_same_each_time(distortion: Distortion) -> None:
    page = np.full((330, 240, 3), 240, np.uint8)
    page[40:60, 30:90] = 20
    first, second = (distortion.change(page, np.random.default_rng(5)) for _ in range(2))
    assert first.dtype == np.uint8
    assert first.ndim == 3
    assert first.min() < 128 < first.max()
    assert np.array_equal(first, second)
    assert first.shape != page.shape or not np.array_equal(first, page)


def test_a_page_fed_in_sideways_is_turned() -> None:
    page = np.full((330, 240, 3), 240, np.uint8)
    page[40:60, 30:90] = 20
    turned = {each.name: each.change(page, np.random.default_rng(5)) for each in DISTORTIONS[:4]}
    assert np.array_equal(turned["turned by 90 degrees"], np.rot90(page))
    assert np.array_equal(turned["turned by 180 degrees"], np.rot90(page, 2))
