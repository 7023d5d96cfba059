from scanner.layout.line_segments import Direction, Rule
from scanner.layout.rule_selection import select_rules

HEIGHT = 20.0
"""Character height, pixels."""


def horizontal(begin: float, end: float, at: float, slope: float = 0.0, thickness: float = 2.0) -> Rule:
    return Rule(Direction.HORIZONTAL, begin, end, at, at + slope * (end - begin), thickness)


def vertical(begin: float, end: float, at: float, slope: float = 0.0) -> Rule:
    return Rule(Direction.VERTICAL, begin, end, at, at + slope * (end - begin), 2.0)


def test_a_long_line_is_a_rule_and_a_stem_is_none() -> None:
    assert select_rules([horizontal(0, 80, 50)], [vertical(10, 40, 30)], 4, HEIGHT) == ({0}, set())


def test_a_hairline_is_a_rule_and_the_stem_of_a_pen_is_none() -> None:
    hairline = Rule(Direction.VERTICAL, 10, 60, 30, 30, 1.5)
    stem = Rule(Direction.VERTICAL, 10, 60, 30, 30, 3.0)
    assert select_rules([], [hairline, stem], 4, HEIGHT) == (set(), {0})


def test_a_line_perpendicular_from_rule_to_rule_is_a_rule() -> None:
    horizontals = [horizontal(0, 300, 50), horizontal(0, 300, 90)]
    verticals = [
        vertical(50, 90, 60),  # a side
        vertical(55, 90, 100),  # stands on the lower one
        vertical(50, 90, 140, slope=0.2),  # leans
        vertical(50, 90, 320),  # beside them
    ]
    assert select_rules(horizontals, verticals, 4, HEIGHT) == ({0, 1}, {0})


def test_a_stroke_between_hair_lines_is_thicker_than_a_side() -> None:
    horizontals = [horizontal(0, 300, 50, thickness=1.5), horizontal(0, 300, 90, thickness=1.5)]
    one = Rule(Direction.VERTICAL, 50, 90, 60, 60, 5.0)
    assert select_rules(horizontals, [one], 4, HEIGHT)[1] == set()
    assert select_rules([horizontals[0], horizontal(0, 300, 90, thickness=4.0)], [one], 4, HEIGHT)[1] == set()
    assert select_rules([horizontal(0, 300, at, thickness=3.0) for at in (50, 90)], [one], 4, HEIGHT)[1] == {0}


def test_sides_are_perpendicular_to_a_skewed_rule() -> None:
    horizontals = [horizontal(0, 300, 50, slope=0.09), horizontal(0, 300, 90, slope=0.09)]
    verticals = [vertical(60, 100, 110, slope=-0.09), vertical(70, 110, 220, slope=0.09)]
    assert select_rules(horizontals, verticals, 4, HEIGHT)[1] == {0}


def test_four_short_lines_make_a_box_and_three_do_not() -> None:
    horizontals = [horizontal(10, 50, 20), horizontal(10, 50, 60)]
    verticals = [vertical(20, 60, 10), vertical(20, 60, 50)]
    assert select_rules(horizontals, verticals, 4, HEIGHT) == ({0, 1}, {0, 1})
    assert select_rules(horizontals[:1], verticals, 4, HEIGHT) == (set(), set())
    assert select_rules(horizontals, verticals[:1], 4, HEIGHT) == (set(), set())


def test_a_row_of_sides_hangs_from_a_long_rule() -> None:
    verticals = [vertical(50, 90, x) for x in (0, 100, 200)]
    assert select_rules([horizontal(0, 200, 50)], verticals, 4, HEIGHT) == ({0}, {0, 1, 2})
    # Strokes in the middle alone are written.
    assert select_rules([horizontal(0, 200, 50)], verticals[1:2], 4, HEIGHT) == ({0}, set())


def test_no_lines_are_no_rules() -> None:
    assert select_rules([], [], 4, HEIGHT) == (set(), set())
