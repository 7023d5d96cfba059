from dataclasses import replace

import numpy as np
import pytest

from scanner.synthesis import cursive_words


def make_style(**changes: float) -> cursive_words.WordStyle:
    plain = cursive_words.WordStyle(0.0, 1.0, 1.0, 0.1, 0.0, 0.0, 0.08, 0.0)
    return replace(plain, **changes)  # type: ignore[arg-type]  # habit_seed, an int, is never changed here


def test_every_letter_of_the_alphabet_can_be_written() -> None:
    for character in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ":
        coverage, _ = cursive_words.render_words(character, make_style(), 40, np.random.default_rng(0))
        assert coverage.max() == 255, character


def test_a_capital_stands_on_the_baseline_as_tall_as_a_digit() -> None:
    coverage, baseline = cursive_words.render_words("H", make_style(), 60, np.random.default_rng(1))
    rows = np.flatnonzero((coverage > 96).any(axis=1))
    assert abs(rows.max() - baseline) <= 8
    assert 54 <= np.ptp(rows) <= 76


def test_joined_letters_are_one_component() -> None:
    import cv2

    loose, _ = cursive_words.render_words("nun", make_style(spacing=0.3), 60, np.random.default_rng(2))
    tied, _ = cursive_words.render_words("nun", make_style(spacing=0.3, joined_share=1.0), 60, np.random.default_rng(2))
    assert cv2.connectedComponents((loose > 96).view(np.uint8))[0] == 4
    assert cv2.connectedComponents((tied > 96).view(np.uint8))[0] == 2


def test_a_text_without_letterforms_is_an_error() -> None:
    with pytest.raises(ValueError, match="no letterform"):
        cursive_words.render_words("ß", make_style(), 40, np.random.default_rng(0))


def test_signatures_differ() -> None:
    first, second = (
        cursive_words.render_signature(make_style(), 40, np.random.default_rng(seed))[0] for seed in (0, 1)
    )
    assert first.max() == second.max() == 255
    assert first.shape != second.shape
