import numpy as np
import pytest

from scanner.synthesis import number_crops
from scanner.synthesis.ingredients import DigitPool, NumberMaterial, draw_security_patterns


@pytest.fixture(scope="module")
def material() -> NumberMaterial:
    rng = np.random.default_rng(0)
    digit = np.full((20, 12), 255, np.uint8)
    digit[4:16, 4:8] = 0
    return NumberMaterial((DigitPool(((digit,),) * 10, 1.0),), (digit,), ("1,20",), draw_security_patterns(rng)[:2])


def test_the_same_seed_gives_the_same_crop(material: NumberMaterial) -> None:
    first, again, other = (number_crops.draw_number_crop(material, np.random.default_rng(seed)) for seed in (4, 4, 5))
    assert np.array_equal(first[0], again[0])
    assert first[1] == again[1]
    assert first[0].shape != other[0].shape or not np.array_equal(first[0], other[0])


def test_crops_are_gray_and_their_texts_can_be_read(material: NumberMaterial) -> None:
    rng = np.random.default_rng(1)
    for _ in range(60):
        gray, text = number_crops.draw_number_crop(material, rng)
        assert gray.dtype == np.uint8
        assert gray.ndim == 2
        assert min(gray.shape) >= 1
        assert set(text) <= set("0123456789,.-")
