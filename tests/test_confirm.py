from dataclasses import replace

import numpy as np
import pytest

from scanner.confirm import confirmed
from scanner.kinds import InkKind, KindMap
from scanner.rules import Ruling
from scanner.segments import Direction, Rule


def upright(x: float) -> Rule:
    return Rule(Direction.UPRIGHT, 4.0, 35.0, x, x, 2.0)


def page(*rules: Rule) -> Ruling:
    """Forty by forty pixels with these lines."""
    pixels = np.zeros((40, 40), np.uint8)
    for rule in rules:
        at, along = int(rule.at_begin), slice(int(rule.begin), int(rule.end) + 1)
        if rule.direction is Direction.UPRIGHT:
            pixels[along, at - 1 : at + 1] = 255
        else:
            pixels[at - 1 : at + 1, along] = 255
    return Ruling(rules, pixels)


def looks_like(kind: InkKind, rows: slice = slice(None)) -> KindMap:
    """The left half of the page in these rows of ten cells is of a kind, the rest is rules."""
    shares = np.zeros((10, 10, len(InkKind)), np.float32)
    shares[..., InkKind.RULE] = 1
    shares[rows, :5] = np.eye(len(InkKind))[kind]
    return KindMap(shares, (0.25, 0.25))


@pytest.mark.parametrize("kind", [InkKind.DIGIT, InkKind.WRITING, InkKind.PRINT])
def test_a_stroke_that_looks_ruled_is_given_back(kind: InkKind) -> None:
    found = confirmed(page(upright(10), upright(30)), looks_like(kind))
    assert [rule.at_begin for rule in found.rules] == [30]
    assert not found.pixels[:, :20].any()
    assert found.pixels[4:36, 29:31].all()


def test_a_border_that_writing_stands_close_to_stays_one() -> None:
    ruling = page(upright(10))
    # Six of its eight cells look written; its ends do not.
    assert confirmed(ruling, looks_like(InkKind.DIGIT, slice(2, 8))) is ruling


def test_a_level_line_is_never_a_digit() -> None:
    ruling = page(Rule(Direction.LEVEL, 2.0, 18.0, 10.0, 10.0, 2.0))
    assert confirmed(ruling, looks_like(InkKind.DIGIT)) is ruling


def test_marks_are_no_writing() -> None:
    ruling = page(upright(10))
    assert confirmed(ruling, looks_like(InkKind.MARK)) is ruling


def test_a_line_at_the_pitch_of_the_sides_beside_it_is_one_of_them() -> None:
    sides = [upright(x) for x in (22, 28, 34)]
    ruling = page(upright(10), *sides)
    narrow = [Rule(Direction.UPRIGHT, 4.0, 15.0, x, x, 2.0) for x in (10.0, 22.0, 28.0, 34.0)]
    assert confirmed(page(*narrow), looks_like(InkKind.DIGIT)).rules == tuple(narrow)
    # Hatching: the lines are seven times as long as they are apart.
    assert [rule.at_begin for rule in confirmed(ruling, looks_like(InkKind.DIGIT)).rules] == [22, 28, 34]


def test_a_stroke_off_the_pitch_of_the_sides_is_given_back() -> None:
    narrow = [Rule(Direction.UPRIGHT, 4.0, 15.0, x, x, 2.0) for x in (13.0, 22.0, 28.0, 34.0)]
    found = confirmed(page(*narrow), looks_like(InkKind.DIGIT))
    assert [rule.at_begin for rule in found.rules] == [22, 28, 34]


def test_a_one_in_the_middle_of_a_cell_is_given_back_whatever_it_looks_like() -> None:
    # Cells 6 pixels wide and 11 high, and a 1 in the third.
    sides = [Rule(Direction.UPRIGHT, 4.0, 15.0, x, x, 2.0) for x in (4.0, 10.0, 16.0, 22.0, 28.0)]
    one = Rule(Direction.UPRIGHT, 4.0, 15.0, 19.0, 19.0, 2.0)
    found = confirmed(page(*sides, one), looks_like(InkKind.RULE))
    assert found.rules == tuple(sides)
    assert not found.pixels[:, 18:20].any()
    # Beside the field, or among the sides of cells for more than a digit, it may be a border.
    beside = replace(one, at_begin=36.0, at_end=36.0)
    assert confirmed(page(*sides, beside), looks_like(InkKind.RULE)).rules == (*sides, beside)
    # Every other side is lost, and one that was not is no stroke.
    lost = [*sides[::2], Rule(Direction.UPRIGHT, 4.0, 15.0, 34.0, 34.0, 2.0), sides[1]]
    assert confirmed(page(*lost), looks_like(InkKind.RULE)).rules == tuple(lost)
    wide = [replace(rule, end=7.0) for rule in (*sides, one)]
    assert confirmed(page(*wide), looks_like(InkKind.RULE)).rules == tuple(wide)
