from __future__ import annotations

import cv2
import numpy as np
import pytest

from scanner.form_making.levelling import squaring_map
from scanner.layout.line_segments import Direction, Rule

SIZE = (800, 600)
HEIGHT = 16.0


def horizontal(y: float, slope: float, begin: float = 100, end: float = 700) -> Rule:
    """A rule at this height in the middle of the page."""
    return Rule(Direction.HORIZONTAL, begin, end, y + slope * (begin - 400), y + slope * (end - 400), 2.0)


def vertical(x: float, slope: float, begin: float = 50, end: float = 550) -> Rule:
    return Rule(Direction.VERTICAL, begin, end, x + slope * (begin - 300), x + slope * (end - 300), 2.0)


def slopes_after(rules: list[Rule]) -> list[float]:
    """Slope of each rule, about its own axis, when the page was squared."""
    matrix = squaring_map(SIZE, rules, HEIGHT).matrix
    slopes = []
    for rule in rules:
        (x1, y1), (x2, y2) = cv2.perspectiveTransform(np.array([rule.endpoints], np.float64), matrix)[0]
        slopes.append((y2 - y1) / (x2 - x1) if rule.direction is Direction.HORIZONTAL else (x2 - x1) / (y2 - y1))
    return slopes


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [horizontal(100, 0), vertical(200, 0)],
        [horizontal(100, 0.02, 100, 200)],
        [horizontal(100, 0.2), vertical(200, -0.2)],
    ],
    ids=["none", "level", "short", "oblique"],
)
def test_without_long_rules_that_are_nearly_level_the_page_stays(rules: list[Rule]) -> None:
    assert squaring_map(SIZE, rules, HEIGHT).is_identity


def test_shear_is_undone() -> None:
    rules = [*(horizontal(y, 0.015) for y in (100, 300, 500)), *(vertical(x, 0.004) for x in (100, 400, 700))]
    assert slopes_after(rules) == pytest.approx([0] * 6, abs=1e-3)


def test_lines_that_converge_become_parallel() -> None:
    rules = [*(horizontal(y, 0.00006 * (y - 300)) for y in range(50, 551, 100)), vertical(400, 0)]
    assert max(map(abs, slopes_after(rules))) < 1e-3


def test_a_single_rule_turns_the_page_but_does_not_distort_it() -> None:
    (slope,) = slopes_after([horizontal(100, 0.01)])
    assert abs(slope) < 1e-4
