"""A sheet that crops and strokes of ink are put on before its size is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.types import Box

if TYPE_CHECKING:
    from scanner.types import Image

    Point = tuple[float, float]


class InkSheet:
    """Crops and strokes at positions in pixels; negative coordinates are allowed."""

    def __init__(self) -> None:
        """Start without ink."""
        self._crops: list[tuple[Image, int, int]] = []
        self._strokes: list[tuple[Point, Point, int]] = []

    def add_crop(self, crop: Image, left: float, top: float) -> None:
        """Put a crop of ink, uint8, 0 = paper, at its top left corner."""
        self._crops.append((crop, round(left), round(top)))

    def add_stroke(self, start: Point, end: Point, pen: int) -> None:
        """Draw a straight stroke ``pen`` pixels wide, at least one."""
        self._strokes.append((start, end, max(pen, 1)))

    def extent(self) -> Box:
        """The smallest box around all crops and strokes, pixels; one pixel if there are none."""
        boxes = [Box(left, top, crop.shape[1], crop.shape[0]) for crop, left, top in self._crops]
        for start, end, pen in self._strokes:
            reach = pen // 2 + 1
            low, high = np.floor(np.minimum(start, end)).astype(int), np.ceil(np.maximum(start, end)).astype(int)
            width, height = (int(n) + 2 * reach for n in high - low)
            boxes.append(Box(int(low[0]) - reach, int(low[1]) - reach, width, height))
        return Box.around(boxes or [Box(0, 0, 1, 1)])

    def paint(self, margin: int) -> tuple[Image, tuple[int, int]]:
        """Paint all of it.

        Returns:
            The ink, shape (H, W), uint8, 255 = ink, with a margin on each side, in pixels, and the position (x, y) of
            its top left corner on the sheet.  Without any crop or stroke it is all margin.
        """
        hull = self.extent()
        left, top = hull.x - margin, hull.y - margin
        ink = np.zeros((hull.height + 2 * margin, hull.width + 2 * margin), np.uint8)
        for crop, x, y in self._crops:
            window = ink[y - top : y - top + crop.shape[0], x - left : x - left + crop.shape[1]]
            np.maximum(window, crop, out=window)
        for (x0, y0), (x1, y1), pen in self._strokes:
            # Sixteenths of a pixel, so that short strokes keep their direction.
            start, end = ((round((x - left) * 16), round((y - top) * 16)) for x, y in ((x0, y0), (x1, y1)))
            cv2.line(ink, start, end, 255, pen, cv2.LINE_AA, 4)
        return ink, (left, top)
