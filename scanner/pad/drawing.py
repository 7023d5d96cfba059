"""Drawings as values: strokes, the ink they leave, and the digit they show.

The pad and the web page share this module, so that both read the same strokes as the same digit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.recognition.single_digit import read_digit_ink

if TYPE_CHECKING:
    from scanner.recognition.digit_classifier import Classifier
    from scanner.types import DigitReading, Image

Point = tuple[float, float]
Stroke = tuple[Point, ...]

PEN_WIDTH_PER_CANVAS_SIDE = 0.07
"""Width of the pen as a share of the shorter side of the canvas.

In MNIST strokes are about 2.5 pixels wide and digits 20 pixels high, a ratio of one eighth; people draw a digit a
little more than half as high as the canvas.
"""

_SUPERSAMPLING_FACTOR = 4
"""Strokes are drawn this much larger, then averaged: OpenCV's anti-aliased lines are up to 2.4 pixels too wide."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What has been drawn on a canvas so far.

    Every change returns a new drawing.  Points are (x, y) in pixels from the top left corner of the canvas, and may
    lie outside it.

    Raises:
        ValueError: if width or height is less than 1.
    """

    width: int
    """Width of the canvas, pixels."""
    height: int
    """Height of the canvas, pixels."""
    strokes: tuple[Stroke, ...] = ()
    """Strokes in the order drawn; each has at least one point."""

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a canvas is at least 1 x 1 pixels, not {self.width} x {self.height}")

    @property
    def pen_width(self) -> float:
        """Width of the pen, pixels."""
        return PEN_WIDTH_PER_CANVAS_SIDE * min(self.width, self.height)

    def begin_stroke(self, x: float, y: float) -> Drawing:
        """The drawing with a new stroke, which is a dot until it is extended."""
        return replace(self, strokes=(*self.strokes, ((x, y),)))

    def extend_stroke(self, x: float, y: float) -> Drawing:
        """The drawing with one more point in its last stroke.

        Raises:
            ValueError: if there is no stroke.
        """
        if not self.strokes:
            raise ValueError("there is no stroke to extend")
        *before, last = self.strokes
        return replace(self, strokes=(*before, (*last, (x, y))))

    def without_last_stroke(self) -> Drawing:
        """The drawing without its last stroke; an empty drawing stays empty."""
        return replace(self, strokes=self.strokes[:-1])

    def cleared(self) -> Drawing:
        """The drawing without any strokes."""
        return replace(self, strokes=())


def render_ink(drawing: Drawing) -> Image:
    """Render the strokes as drawn with a round pen.

    Returns:
        Shape (height, width), uint8: 0 = paper, 255 = ink, in between at the edges of strokes.
    """
    size = (drawing.height * _SUPERSAMPLING_FACTOR, drawing.width * _SUPERSAMPLING_FACTOR)
    large = np.zeros(size, np.uint8)
    diameter = drawing.pen_width * _SUPERSAMPLING_FACTOR
    for stroke in drawing.strokes:
        # Canvas coordinates start at the corner of the first pixel, OpenCV's at its centre.
        points = np.rint(np.asarray(stroke, np.float64) * _SUPERSAMPLING_FACTOR - 0.5).astype(np.int32)
        if len(points) == 1:
            cv2.circle(large, (int(points[0, 0]), int(points[0, 1])), round(diameter / 2), 255, cv2.FILLED)
        else:
            # OpenCV draws thick lines one pixel wider than asked.
            cv2.polylines(large, [points], False, 255, max(1, round(diameter) - 1))
    ink = cv2.resize(large, (drawing.width, drawing.height), interpolation=cv2.INTER_AREA)
    return ink.astype(np.uint8, copy=False)


def read_drawing(drawing: Drawing, classifier: Classifier) -> DigitReading | None:
    """Read the drawing as one digit.

    Returns:
        The reading, or None if there is no ink on the canvas.  A dot is no digit.
    """
    return read_digit_ink(render_ink(drawing), classifier)
