from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.image.stroke_width import measure_stroke_width
from scanner.layout.rules import find_rules, remove_rules
from scanner.synthesis.pen import random_writer, render_character

CHARACTER = 40.0


def ink_of(mask: NDArray[np.uint8], character_height: float = CHARACTER) -> MeasuredInk:
    return MeasuredInk(mask.copy(), mask, measure_stroke_width(mask), label_components(mask), character_height)


def without_rules(mask: NDArray[np.uint8], character_height: float = CHARACTER) -> MeasuredInk:
    ink = ink_of(mask, character_height)
    return remove_rules(ink, find_rules(ink))


def written(text: str, pitch: int, left: int, top: int, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Digits of 40 pixels, each with its left edge at a multiple of the pitch."""
    rng = np.random.default_rng(5)
    writer = random_writer(rng)
    mask = np.zeros(shape, np.uint8)
    for place, character in enumerate(text):
        digit = (render_character(character, writer, rng, 40) > 127).astype(np.uint8) * np.uint8(255)
        x = left + place * pitch
        mask[top : top + digit.shape[0], x : x + digit.shape[1]] = digit
    return mask


def test_a_comb_field_is_removed_and_its_digits_stay() -> None:
    digits = written("27035", 80, 38, 36, (130, 460))
    boxed = digits.copy()
    for place in range(5):
        cv2.rectangle(boxed, (20 + 80 * place, 15), (100 + 80 * place, 110), 255, 2)
    clear = without_rules(boxed)
    assert np.array_equal(clear.mask & digits, digits)
    left_over = np.count_nonzero(clear.mask & ~digits)
    assert left_over < 0.02 * np.count_nonzero(boxed & ~digits)


def test_separate_boxes_are_removed_too() -> None:
    digits = written("418", 130, 50, 36, (130, 460))
    boxed = digits.copy()
    for place in range(3):
        cv2.rectangle(boxed, (25 + 130 * place, 12), (125 + 130 * place, 112), 255, 3)
    clear = without_rules(boxed)
    assert np.array_equal(clear.mask & digits, digits)
    assert np.count_nonzero(clear.mask & ~digits) < 0.02 * np.count_nonzero(boxed & ~digits)


@pytest.mark.parametrize("thickness", [1, 2, 4])
def test_a_vertical_stroke_keeps_its_pixels_where_it_crosses_a_rule(thickness: int) -> None:
    one = np.zeros((120, 400), np.uint8)
    one[30:80, 200:205] = 255
    ruled = one.copy()
    ruled[60 : 60 + thickness, 10:390] = 255
    clear = without_rules(ruled)
    assert np.array_equal(clear.mask & one, one)
    far = clear.mask.copy()
    far[:, 196:209] = 0
    assert not far.any()


def test_a_horizontal_stroke_keeps_its_pixels_where_it_crosses_a_vertical_rule() -> None:
    bar = np.zeros((400, 200), np.uint8)
    bar[200:205, 80:115] = 255
    ruled = bar.copy()
    ruled[10:390, 100:102] = 255
    clear = without_rules(ruled)
    assert np.array_equal(clear.mask & bar, bar)
    assert not clear.mask[:190].any()


def test_a_digit_standing_on_a_rule_loses_nothing_above_it() -> None:
    digits = written("8235", 80, 40, 20, (120, 420))
    bottom = int(np.flatnonzero(digits.any(axis=1))[-1])
    ruled = digits.copy()
    ruled[bottom - 1 : bottom + 1, 5:415] = 255
    clear = without_rules(ruled)
    assert np.array_equal(clear.mask[: bottom - 4], digits[: bottom - 4])
    assert np.count_nonzero(clear.mask[bottom - 1 :]) < 0.35 * 2 * 410


@pytest.mark.parametrize("height", [30, 45, 56])
def test_a_lone_one_is_never_a_rule(height: int) -> None:
    mask = np.zeros((200, 200), np.uint8)
    mask[60 : 60 + height, 100:104] = 255
    ink = ink_of(mask)
    assert remove_rules(ink, find_rules(ink)) is ink


def test_digits_alone_are_the_same_ink() -> None:
    mask = written("0123456789", 60, 20, 20, (90, 640))
    ink = ink_of(mask)
    assert remove_rules(ink, find_rules(ink)) is ink


def test_a_bar_too_thick_for_a_rule_stays() -> None:
    mask = written("57", 60, 20, 20, (160, 300))
    mask[100:140, 10:290] = 255
    ink = ink_of(mask)
    assert not find_rules(ink).pixels[100:140].any()


def test_the_soft_edge_of_a_rule_is_removed_with_it() -> None:
    mask = np.zeros((100, 400), np.uint8)
    mask[50:52, 10:390] = 255
    strength = mask.copy()
    strength[[49, 52], 10:390] = 80
    ink = replace(ink_of(mask), strength=strength)
    clear = remove_rules(ink, find_rules(ink))
    assert not clear.mask.any()
    assert not clear.strength.any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (40, 50)])
@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("height", [0.0, 1.0, 40.0])
def test_blank_and_black_pages_are_no_error(shape: tuple[int, int], value: int, height: float) -> None:
    clear = without_rules(np.full(shape, value, np.uint8), height)
    assert clear.mask.shape == clear.strength.shape == shape


def test_rules_are_ink_and_nothing_else() -> None:
    mask = written("27035", 80, 38, 36, (130, 460))
    cv2.rectangle(mask, (20, 15), (430, 110), 255, 2)
    rules = find_rules(ink_of(mask)).pixels
    assert set(np.unique(rules)) == {0, 255}
    assert not (rules & ~mask).any()


def test_a_low_one_between_hair_lines_is_no_side() -> None:
    boxes = np.zeros((120, 400), np.uint8)
    boxes[[40, 74]] = 255
    boxes[41:74, [100, 200, 300]] = 255
    one = np.zeros_like(boxes)
    one[41:74, 248:252] = 255
    clear = without_rules(boxes | one)
    # Its ends touch the soft edges of the lines.
    assert np.array_equal(clear.mask[42:73], one[42:73])
    assert not (clear.mask & ~one).any()
