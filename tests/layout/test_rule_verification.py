from dataclasses import replace

import numpy as np
import pytest

from scanner.layout.ink_classes import InkClass, InkClassMap
from scanner.layout.line_segments import Direction, Rule
from scanner.layout.rule_verification import verify_rules
from scanner.layout.rules import Rules


def vertical(x: float) -> Rule:
    return Rule(Direction.VERTICAL, 4.0, 35.0, x, x, 2.0)


def page(*rules: Rule) -> Rules:
    """Forty by forty pixels with these lines."""
    pixels = np.zeros((40, 40), np.uint8)
    for rule in rules:
        at, along = int(rule.across_at_begin), slice(int(rule.begin), int(rule.end) + 1)
        if rule.direction is Direction.VERTICAL:
            pixels[along, at - 1 : at + 1] = 255
        else:
            pixels[at - 1 : at + 1, along] = 255
    return Rules(rules, pixels)


def looks_like(ink_class: InkClass, rows: slice = slice(None)) -> InkClassMap:
    """A map of ten by ten cells: in these rows the left half is of one class, the rest is rules."""
    shares = np.zeros((10, 10, len(InkClass)), np.float32)
    shares[..., InkClass.RULE] = 1
    shares[rows, :5] = np.eye(len(InkClass))[ink_class]
    return InkClassMap(shares, (0.25, 0.25))


@pytest.mark.parametrize("ink_class", [InkClass.DIGIT, InkClass.WRITING, InkClass.PRINT])
def test_a_character_stroke_among_the_rules_is_returned_to_the_ink(ink_class: InkClass) -> None:
    found = verify_rules(page(vertical(10), vertical(30)), looks_like(ink_class))
    assert [rule.across_at_begin for rule in found.rules] == [30]
    assert not found.pixels[:, :20].any()
    assert found.pixels[4:36, 29:31].all()


def test_a_border_with_writing_close_to_it_stays_a_rule() -> None:
    rules = page(vertical(10))
    # Six of its eight cells look written; its ends do not.
    assert verify_rules(rules, looks_like(InkClass.DIGIT, slice(2, 8))) is rules


def test_a_horizontal_line_is_never_a_digit() -> None:
    rules = page(Rule(Direction.HORIZONTAL, 2.0, 18.0, 10.0, 10.0, 2.0))
    assert verify_rules(rules, looks_like(InkClass.DIGIT)) is rules


def test_a_line_that_looks_like_a_mark_stays_a_rule() -> None:
    rules = page(vertical(10))
    assert verify_rules(rules, looks_like(InkClass.MARK)) is rules


def test_a_line_at_the_pitch_of_the_sides_beside_it_stays_a_rule() -> None:
    sides = [vertical(x) for x in (22, 28, 34)]
    rules = page(vertical(10), *sides)
    narrow = [Rule(Direction.VERTICAL, 4.0, 15.0, x, x, 2.0) for x in (10.0, 22.0, 28.0, 34.0)]
    assert verify_rules(page(*narrow), looks_like(InkClass.DIGIT)).rules == tuple(narrow)
    # Hatching: the lines are seven times as long as they are apart.
    assert [rule.across_at_begin for rule in verify_rules(rules, looks_like(InkClass.DIGIT)).rules] == [22, 28, 34]


def test_a_stroke_off_the_pitch_of_the_sides_is_returned_to_the_ink() -> None:
    narrow = [Rule(Direction.VERTICAL, 4.0, 15.0, x, x, 2.0) for x in (13.0, 22.0, 28.0, 34.0)]
    found = verify_rules(page(*narrow), looks_like(InkClass.DIGIT))
    assert [rule.across_at_begin for rule in found.rules] == [22, 28, 34]


def test_a_one_inside_a_comb_cell_is_returned_to_the_ink_whatever_it_looks_like() -> None:
    # Cells 6 pixels wide and 11 high, and a 1 in the third.
    sides = [Rule(Direction.VERTICAL, 4.0, 15.0, x, x, 2.0) for x in (4.0, 10.0, 16.0, 22.0, 28.0)]
    one = Rule(Direction.VERTICAL, 4.0, 15.0, 19.0, 19.0, 2.0)
    found = verify_rules(page(*sides, one), looks_like(InkClass.RULE))
    assert found.rules == tuple(sides)
    assert not found.pixels[:, 18:20].any()
    # Beside the comb field, or between cells for more than one digit, it may be a border.
    beside = replace(one, across_at_begin=36.0, across_at_end=36.0)
    assert verify_rules(page(*sides, beside), looks_like(InkClass.RULE)).rules == (*sides, beside)
    # Where every other side is lost, a remaining one is no stroke.
    lost = [*sides[::2], Rule(Direction.VERTICAL, 4.0, 15.0, 34.0, 34.0, 2.0), sides[1]]
    assert verify_rules(page(*lost), looks_like(InkClass.RULE)).rules == tuple(lost)
    wide = [replace(rule, end=7.0) for rule in (*sides, one)]
    assert verify_rules(page(*wide), looks_like(InkClass.RULE)).rules == tuple(wide)
