import numpy as np

from scanner.synthesis.ingredients import DigitPool, NumberMaterial
from scanner.synthesis.non_numbers import draw_non_number


def test_fields_without_a_number_are_empty_or_hold_ink_and_are_as_high_as_numbers() -> None:
    mark = np.full((20, 12), 255, np.uint8)
    bare = NumberMaterial((DigitPool(((mark,),) * 10, 1.0),), (), (), ())
    full = NumberMaterial(bare.pools, (mark,), (), (), word_crops=(mark,), printed_words=(mark,))
    for material in (bare, full):
        drawn = [draw_non_number(material, 30.0, np.random.default_rng(seed)) for seed in range(60)]
        assert 2 < sum(not written.ink.any() for written in drawn) < 30
        for written in drawn:
            assert written.number_box is None
            assert written.ink.dtype == np.uint8
            assert len(written.ink) >= 24
