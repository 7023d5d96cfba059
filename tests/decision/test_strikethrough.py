from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.decision.strikethrough import CERTAIN_SCORE, NO_EVIDENCE_SCORE, is_crossed_out, strikethrough_score
from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.layout.line_segments import Direction, Rule
from scanner.types import Box

HEIGHT = 60
STROKE = 5
PITCH = 60
LEFT, TOP = 80, 60

Points = list[tuple[float, float]]

# Strokes in shares of a digit's height.
DIGITS: dict[str, list[Points]] = {
    "0": [[(0.25 + 0.25 * np.cos(a), 0.5 + 0.5 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 40)]],
    "1": [[(0.0, 0.3), (0.25, 0.0), (0.25, 1.0)]],
    "2": [[(0.0, 0.2), (0.15, 0.0), (0.4, 0.05), (0.45, 0.3), (0.0, 1.0), (0.55, 1.0)]],
    "3": [
        [(0.0, 0.1), (0.25, 0.0), (0.45, 0.2), (0.2, 0.45)],
        [(0.2, 0.45), (0.5, 0.7), (0.3, 1.0), (0.0, 0.9)],
    ],
    "4": [[(0.3, 0.0), (0.0, 0.6), (0.6, 0.6)], [(0.45, 0.3), (0.45, 1.0)]],
    "5": [[(0.5, 0.0), (0.1, 0.0), (0.05, 0.4), (0.4, 0.5), (0.45, 0.8), (0.2, 1.0), (0.0, 0.9)]],
    "7": [[(0.0, 0.0), (0.5, 0.0), (0.15, 1.0)], [(0.1, 0.5), (0.45, 0.5)]],
    "9": [
        [(0.25 + 0.22 * np.cos(a), 0.25 + 0.25 * np.sin(a)) for a in np.linspace(0, 6.3, 30)],
        [(0.47, 0.2), (0.4, 1)],
    ],
}


def written(text: str, *lines: Points, stroke: int = STROKE) -> NDArray[np.uint8]:
    """The digits, and lines over them in shares of the number's box."""
    page = np.zeros((200, 520), np.uint8)
    width = PITCH * (len(text) - 1) + HEIGHT / 2
    paths = [
        [(LEFT + PITCH * place + x * HEIGHT, TOP + y * HEIGHT) for x, y in path]
        for place, digit in enumerate(text)
        for path in DIGITS[digit]
    ]
    paths += [[(LEFT + x * width, TOP + y * HEIGHT) for x, y in line] for line in lines]
    for path in paths:
        cv2.polylines(page, [np.rint(np.array(path)).astype(np.int32)], False, 255, stroke)
    return page


def box_of(text: str) -> Box:
    return Box(LEFT - 2, TOP - 2, round(PITCH * (len(text) - 1) + HEIGHT / 2) + 4, HEIGHT + 4)


def ink_of(mask: NDArray[np.uint8], stroke_width: float) -> MeasuredInk:
    return MeasuredInk(mask, mask, stroke_width, label_components(mask), 60.0)


def score(page: NDArray[np.uint8], text: str, rules: tuple[Rule, ...] = ()) -> float:
    box = box_of(text)
    return strikethrough_score(box, box, ink_of(page, STROKE), rules)


@pytest.mark.parametrize(
    ("text", "beyond"),
    [*((digit, 0.6) for digit in "023459"), ("30", 0.2), ("47", 0.3), ("0352", 0.1), ("20459", 0.1)],
)
def test_a_line_through_the_middle(text: str, beyond: float) -> None:
    through = [(-beyond, 0.5), (1 + beyond, 0.45)]
    assert is_crossed_out(score(written(text, through), text), 1.0)


def test_a_line_through_a_number_of_many_digits() -> None:
    # Scaled, this number is 300 pixels wide: its runs of ink do not fit a byte.
    text = "2305230592"
    mask = np.zeros((200, 800), np.uint8)
    for place, digit in enumerate(text):
        for path in DIGITS[digit]:
            points = [(LEFT + PITCH * place + x * HEIGHT, TOP + y * HEIGHT) for x, y in path]
            cv2.polylines(mask, [np.rint(np.array(points)).astype(np.int32)], False, 255, STROKE)
    cv2.line(mask, (LEFT - 30, TOP + 28), (LEFT + 10 * PITCH, TOP + 32), 255, STROKE)
    box = box_of(text)
    assert strikethrough_score(box, box, ink_of(mask, STROKE), ()) > 0


def test_a_line_through_one_digit_must_overhang_far_since_sevens_have_bars() -> None:
    assert not is_crossed_out(score(written("7", [(0.0, 0.5), (1.1, 0.5)]), "7"), 0.5)
    assert is_crossed_out(score(written("7", [(-0.7, 0.5), (1.7, 0.5)]), "7"), 1.0)


@pytest.mark.parametrize(
    "lines",
    [
        [[(-0.2, 0.35), (1.2, 0.3)], [(-0.2, 0.65), (1.2, 0.62)]],
        [[(-0.15, 1.1), (1.15, -0.1)]],
        [[(-0.15, -0.1), (1.15, 1.1)]],
        [[(-0.1, 0.0), (1.15, 1.0)], [(1.1, 0.0), (-0.15, 1.0)]],
        [[(-0.2, 0.5), (0.5, 0.55), (1.2, 0.45)]],
    ],
    ids=["two", "slash", "backslash", "cross", "bent"],
)
@pytest.mark.parametrize("text", ["305", "2039"])
def test_other_ways_to_cross_out(text: str, lines: list[Points]) -> None:
    assert is_crossed_out(score(written(text, *lines), text), 1.0)


@pytest.mark.parametrize("text", [*DIGITS, "47", "74", "77", "1417", "2222", "0000", "5577"])
def test_bars_stems_and_bases_of_digits_are_no_strikethroughs(text: str) -> None:
    assert not is_crossed_out(score(written(text), text), 0.0)


@pytest.mark.parametrize("level", [0.0, 0.97])
def test_digits_joined_along_their_upper_or_lower_edge_are_not_crossed_out(level: float) -> None:
    assert not is_crossed_out(score(written("305", [(-0.2, level), (1.2, level)]), "305"), 0.0)


def test_an_underline_is_no_strikethrough() -> None:
    assert not is_crossed_out(score(written("305", [(-0.3, 1.15), (1.3, 1.15)]), "305"), 0.0)


def test_a_dash_by_itself_is_no_crossed_out_number() -> None:
    page = np.zeros((200, 520), np.uint8)
    cv2.line(page, (LEFT - 20, TOP + 30), (LEFT + 50, TOP + 30), 255, STROKE)
    assert not is_crossed_out(score(page, "0"), 0.0)


def test_a_number_is_crossed_out_if_one_of_its_digits_is() -> None:
    assert is_crossed_out(score(written("3052", [(-0.1, 0.5), (0.22, 0.5)]), "3052"), 1.0)


def rule(begin: float, end: float, level: float, direction: Direction = Direction.HORIZONTAL) -> Rule:
    return Rule(direction, begin, end, level, level, 2.0)


# The number stands from x = 78 to 232 and from y = 58 to 122.
@pytest.mark.parametrize(
    ("removed", "found"),
    [
        (rule(60, 260, 90), True),
        (rule(85, 210, 80), True),
        (rule(60, 260, 115), False),
        (rule(60, 260, 66), False),
        (rule(0, 500, 90), False),
        (rule(60, 400, 90), False),
        (rule(60, 140, 90), False),
        (rule(60, 260, 90, Direction.VERTICAL), False),
    ],
    ids=["through", "within", "to write on", "above", "across the page", "to the right", "of its half", "vertical"],
)
def test_a_strikethrough_removed_as_a_rule_is_found(removed: Rule, *, found: bool) -> None:
    assert (score(written("305"), "305", (removed,)) == CERTAIN_SCORE) is found


def test_without_ink_there_is_no_evidence() -> None:
    assert score(np.zeros((200, 520), np.uint8), "12") == NO_EVIDENCE_SCORE
    assert not is_crossed_out(NO_EVIDENCE_SCORE, 0.0)


@pytest.mark.parametrize("size", [(1, 1), (1, 60), (60, 1), (3, 3), (60, 60)])
def test_blots_of_any_size_are_scored(size: tuple[int, int]) -> None:
    page = np.zeros((200, 520), np.uint8)
    page[TOP : TOP + size[0], LEFT : LEFT + size[1]] = 255
    box = Box(LEFT, TOP, size[1], size[0])
    assert NO_EVIDENCE_SCORE <= strikethrough_score(box, box, ink_of(page, 1.0), ()) <= CERTAIN_SCORE


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_the_score_does_not_depend_on_scale(scale: float) -> None:
    for text, lines, expected in (("305", ([(-0.2, 0.5), (1.2, 0.45)],), True), ("47", (), False)):
        page = cv2.resize(written(text, *lines), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        larger = np.asarray((page >= 128) * np.uint8(255), np.uint8)
        box = Box(*(round(side * scale) for side in box_of(text)))
        found = strikethrough_score(box, box, ink_of(larger, STROKE * scale), ())
        assert is_crossed_out(found, 1.0) is expected
