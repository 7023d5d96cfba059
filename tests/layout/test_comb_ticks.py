from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.image.stroke_width import measure_stroke_width
from scanner.layout.comb_ticks import extract_comb_ticks
from scanner.layout.line_segments import Direction
from scanner.layout.rules import Rules, find_rules, remove_rules

CHARACTER = 30.0
TICKS = range(50, 351, 60)


def page(length: int) -> NDArray[np.uint8]:
    """A line at row 150 with ticks on it, and a 1 in its second cell."""
    mask = np.zeros((220, 420), np.uint8)
    mask[149:152, 50:353] = 255
    for x in TICKS:
        mask[150 - length : 150, x : x + 3] = 255
    mask[105:140, 140:143] = 255
    return mask


def ink_of(mask: NDArray[np.uint8]) -> MeasuredInk:
    return MeasuredInk(mask.copy(), mask, measure_stroke_width(mask), label_components(mask), CHARACTER)


def found(mask: NDArray[np.uint8]) -> tuple[MeasuredInk, Rules]:
    ink = ink_of(mask)
    return ink, extract_comb_ticks(find_rules(ink), ink)


@pytest.mark.parametrize("length", [12, 25, 40])
def test_ticks_lower_and_higher_than_characters_are_removed(length: int) -> None:
    ink, rules = found(page(length))
    (comb,) = rules.comb_fields
    assert len(comb.cells) == 5
    assert [round(tick.across_at_begin) for tick in comb.ticks] == pytest.approx([x + 1 for x in TICKS], abs=1)
    assert rules.rules == ()
    left = remove_rules(ink, rules).mask
    assert (left[105:140, 140:143] == 255).all()
    left[100:145, 135:148] = 0
    # A corner of the line, less than a speck.
    assert np.count_nonzero(left) <= 2


def test_the_sides_of_boxes_are_no_ticks() -> None:
    mask = page(40)
    mask[108:111, 50:353] = 255
    _, rules = found(mask)
    assert rules.comb_fields == ()
    assert sum(rule.direction is Direction.HORIZONTAL for rule in rules.rules) == 2


def test_a_line_without_ticks_stays_a_rule() -> None:
    mask = np.zeros((220, 420), np.uint8)
    mask[149:152, 50:353] = 255
    ink = ink_of(mask)
    rules = find_rules(ink)
    assert extract_comb_ticks(rules, ink) is rules
