from __future__ import annotations

import numpy as np
import pytest

from scanner.synthesis import text_sheets
from scanner.synthesis.fonts import FontFamily
from scanner.synthesis.text_sheets import synthesize_text_sheet


@pytest.mark.parametrize("seed", range(6))
def test_a_sheet_has_print(families: tuple[FontFamily, ...], seed: int) -> None:
    page = synthesize_text_sheet(np.random.default_rng(seed), families, 100.0)
    assert page.page_type == "text sheet"
    assert page.image.shape == (*page.pixel_classes.shape, 3)
    assert page.pixel_classes.any()


def test_a_sheet_is_the_same_for_the_same_state(families: tuple[FontFamily, ...]) -> None:
    one, other = (synthesize_text_sheet(np.random.default_rng(5), families, 80.0) for _ in range(2))
    assert np.array_equal(one.image, other.image)


def test_a_font_is_not_used_for_alphabets_that_it_lacks(families: tuple[FontFamily, ...]) -> None:
    by_name = {family.name: text_sheets._alphabets_of(family.regular) for family in families}
    if "DejaVu Sans" in by_name:
        assert len(by_name["DejaVu Sans"]) >= 4
    for name, alphabets in by_name.items():
        if name.startswith("Computer Modern"):
            assert alphabets == ()
