import numpy as np
import pytest

from scanner.synthesis.ingredients import DigitPool, NumberMaterial
from scanner.synthesis.number_writing import crop_to_visible, resize_by, write_number


@pytest.fixture
def material() -> NumberMaterial:
    digit = np.full((20, 12), 255, np.uint8)
    hand = ((digit,),) * 10
    return NumberMaterial((DigitPool(hand, 1.0, 20.0, (hand,)),), (), (), ())


def test_the_ink_is_cropped_and_the_number_is_in_its_box(material: NumberMaterial) -> None:
    for seed in range(60):
        written = write_number("40.5", material, 30.0, np.random.default_rng(seed))
        for side in (written.ink[:1], written.ink[-1:], written.ink[:, :1], written.ink[:, -1:]):
            assert side.any()
        assert written.number_box is not None
        assert not written.dividers
        # Nothing is left of the number or right of it but dashes and signs beside it; above and below there is nothing.
        assert written.number_box.height > 20
        assert abs(written.number_box.bottom - written.baseline) < 30


def test_some_whole_numbers_stand_in_cells_one_digit_to_each(material: NumberMaterial) -> None:
    fields = [write_number("407", material, 30.0, np.random.default_rng(seed)).dividers for seed in range(120)]
    combs = [np.array(dividers) for dividers in fields if dividers]
    assert 5 < len(combs) < 40
    for dividers in combs:
        assert len(dividers) >= 4
        assert np.ptp(np.diff(dividers)) == pytest.approx(0.0, abs=1e-6)


def test_every_separator_leaves_ink(material: NumberMaterial) -> None:
    for separator in ",.-":
        for seed in range(20):
            assert write_number(separator, material, 30.0, np.random.default_rng(seed)).ink.any()


def test_a_blank_is_cropped_to_a_pixel_and_nothing_is_resized_to_none() -> None:
    crop, corner = crop_to_visible(np.zeros((5, 5), np.uint8))
    assert crop.shape == (1, 1)
    assert corner == (0, 0)
    assert resize_by(np.zeros((5, 5), np.uint8), 0.01).shape == (1, 1)
