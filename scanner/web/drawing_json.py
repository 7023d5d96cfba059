"""Drawings as the browser sends them, parsed and checked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from scanner.pad.drawing import Drawing

if TYPE_CHECKING:
    from scanner.pad.drawing import Point, Stroke

MAX_CANVAS_SIDE = 1000
"""Largest width or height of a canvas, pixels: three times that of the web page, and still quick to render."""
MAX_STROKES = 100
"""Maximum number of strokes in a drawing; a digit has one to three."""
MAX_POINTS = 10_000
"""Maximum number of points in all strokes of a drawing together; a digit has a few hundred."""


def parse_drawing(data: bytes) -> Drawing:
    """Parse ``{"width": w, "height": h, "strokes": [[[x, y], ...], ...]}``.

    Args:
        data: JSON; w and h are whole pixels, x and y are pixels from the top left corner of the canvas.

    Raises:
        ValueError: if ``data`` has another form or exceeds a limit; the message is one line for the user.
    """
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError("the drawing is not valid JSON") from error
    if not isinstance(value, dict):
        raise ValueError("the drawing is not a JSON object")
    width, height = _parse_side(value, "width"), _parse_side(value, "height")
    strokes = value.get("strokes")
    if not isinstance(strokes, list) or not all(isinstance(stroke, list) and stroke for stroke in strokes):
        raise ValueError("strokes must be a list of non-empty lists of points")
    if len(strokes) > MAX_STROKES or sum(map(len, strokes)) > MAX_POINTS:
        raise ValueError(
            f"the drawing has more than {MAX_STROKES} strokes or {MAX_POINTS} points; clear it and draw again"
        )
    return Drawing(width, height, tuple(_parse_stroke(stroke) for stroke in strokes))


def _parse_side(value: dict[str, object], name: str) -> int:
    side = value.get(name)
    if type(side) is not int or not 1 <= side <= MAX_CANVAS_SIDE:
        raise ValueError(f"{name} must be a whole number from 1 to {MAX_CANVAS_SIDE}")
    return side


def _parse_stroke(points: list[object]) -> Stroke:
    return tuple(_parse_point(point) for point in points)


def _parse_point(value: object) -> Point:
    if not isinstance(value, list) or len(value) != 2 or not all(_is_coordinate(part) for part in value):
        raise ValueError(f"a point must be [x, y] with numbers from {-MAX_CANVAS_SIDE} to {2 * MAX_CANVAS_SIDE}")
    x, y = cast("list[float]", value)
    return float(x), float(y)


def _is_coordinate(value: object) -> bool:
    # The pointer may leave the canvas during a stroke; NaN fails the comparison.
    return type(value) in {int, float} and -MAX_CANVAS_SIDE <= cast("float", value) <= 2 * MAX_CANVAS_SIDE
