from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.layout.pale_rules import find_pale_rules

CHARACTER = 20.0
STROKE = 3.0
PALE = 14
"""Of 255: the noise of one pixel is 8."""


def paper(height: int = 240, width: int = 400, noise: float = 4.0) -> NDArray[np.uint8]:
    """A flattened page: half of the noise is lighter than the paper, and clipped."""
    drawn = np.random.default_rng(1).normal(0, noise, (height, width))
    return np.clip(drawn, 0, 255).astype(np.uint8)


def ink_of(mask: NDArray[np.uint8], character_height: float = CHARACTER) -> MeasuredInk:
    return MeasuredInk(mask, mask, STROKE, label_components(mask), character_height)


def pale_rules(flat: NDArray[np.uint8], mask: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    mask = np.zeros_like(flat) if mask is None else mask
    return np.asarray(find_pale_rules(flat, ink_of(mask)), np.uint8)


def with_table(flat: NDArray[np.uint8], strength: int) -> NDArray[np.uint8]:
    """Horizontal lines at y = 40, 100, 160 and 220, vertical ones at x = 40, 160, 280 and 390."""
    for y in (40, 100, 160, 220):
        flat[y, 40:391] = np.maximum(flat[y, 40:391], strength)
    for x in (40, 160, 280, 390):
        flat[40:221, x] = np.maximum(flat[40:221, x], strength)
    return flat


def test_lines_as_pale_as_the_noise_are_found_from_end_to_end() -> None:
    found = pale_rules(with_table(paper(), PALE))
    for y in (40, 100, 160, 220):
        assert (found[y, 48:384] == 255).mean() > 0.95
    for x in (40, 160, 280, 390):
        assert (found[48:216, x] == 255).mean() > 0.95


def test_nothing_else_is_found_beside_them() -> None:
    found = pale_rules(with_table(paper(), PALE)) > 0
    near = np.zeros_like(found)
    for y in (40, 100, 160, 220):
        near[y - 1 : y + 2] = True
    for x in (40, 160, 280, 390):
        near[:, x - 1 : x + 2] = True
    assert not (found & ~near).any()


def test_a_line_continues_beneath_a_stroke_that_crosses_it() -> None:
    flat = with_table(paper(), PALE)
    mask = np.zeros_like(flat)
    mask[80:121, 200:203] = 255
    flat[mask > 0] = 200
    found = pale_rules(flat, mask)
    assert (found[100, 180:224] == 255).mean() > 0.6


def test_a_slightly_skewed_line_is_found() -> None:
    flat = paper()
    for y in (40, 100, 160, 220):
        columns = np.arange(20, 380)
        flat[(y + columns * 0.004).astype(int), columns] = PALE
    assert (pale_rules(flat).max(axis=0)[28:372] == 255).mean() > 0.9


def test_a_shadow_is_no_line() -> None:
    flat = paper()
    flat[40:70, 20:380] = 2 * PALE
    flat[100:220, 300:330] = 2 * PALE
    assert not pale_rules(flat).any()


def test_print_is_no_line() -> None:
    flat, mask = paper(), np.zeros((240, 400), np.uint8)
    for y in range(30, 210, 40):
        for x in range(20, 380, 12):
            mask[y : y + 16, x : x + 3] = 255
            mask[y + 7 : y + 10, x : x + 8] = 255
    flat[mask > 0] = 180
    assert not pale_rules(flat, mask).any()


def test_lines_that_are_ink_are_not_found_again() -> None:
    flat = with_table(paper(), 150)
    assert not pale_rules(flat, (flat > 100).astype(np.uint8) * 255).any()


def test_a_single_line_makes_no_table() -> None:
    flat = paper()
    flat[100, 100:220] = PALE
    assert not pale_rules(flat).any()


@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (500, 3), (7, 7)])
def test_a_page_too_small_for_lines_has_none(shape: tuple[int, int]) -> None:
    assert not pale_rules(np.zeros(shape, np.uint8)).any()


def test_without_stroke_width_or_character_height_nothing_is_found() -> None:
    flat = with_table(paper(), PALE)
    mask = np.zeros_like(flat)
    assert not find_pale_rules(flat, replace(ink_of(mask), stroke_width=0.0)).any()
    assert not find_pale_rules(flat, ink_of(mask, character_height=0.0)).any()
