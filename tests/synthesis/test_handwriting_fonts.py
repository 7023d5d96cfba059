import numpy as np
import pytest

from scanner.synthesis.fonts import FontFamily
from scanner.synthesis.handwriting_fonts import FONT_BODY_SIDE, draw_font_hand, render_varied_word


def test_a_hand_has_every_digit_more_than_once_and_no_two_alike(families: tuple[FontFamily, ...]) -> None:
    hand = draw_font_hand([families[0].regular], np.random.default_rng(0))
    assert len(hand) == 10
    for crops in hand:
        assert len(crops) == 2
        assert crops[0].shape != crops[1].shape or not np.array_equal(crops[0], crops[1])
    heights = [crops[0].shape[0] for crops in hand]
    assert np.median(heights) == pytest.approx(FONT_BODY_SIDE, rel=0.2)


def test_words_are_cropped_to_their_ink_and_a_blank_is_none(families: tuple[FontFamily, ...]) -> None:
    path = families[0].regular
    word = render_varied_word("Hmn", path, np.random.default_rng(0))
    assert word.shape[1] > word.shape[0] > 0.6 * FONT_BODY_SIDE
    with pytest.raises(ValueError, match="no word"):
        render_varied_word(" ", path, np.random.default_rng(0))
