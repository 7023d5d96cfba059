"""A sheet that crops and strokes of ink are put on before its size is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

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

    def paint(self, margin: int) -> tuple[Image, tuple[int, int]]:
        """Paint all of it.

        Returns:
            The ink, shape (H, W), uint8, 255 = ink, with a margin on each side, in pixels, and the position (x, y) of
            its top left corner on the sheet.  Without any crop or stroke it is all margin.
        """
        corners = [(left, top, left + crop.shape[1], top + crop.shape[0]) for crop, left, top in self._crops]
        for (x0, y0), (x1, y1), pen in self._strokes:
            corners.append(
                (int(min(x0, x1)) - pen, int(min(y0, y1)) - pen, int(max(x0, x1)) + pen + 1, int(max(y0, y1)) + pen + 1)
            )
        extents = np.array(corners or [(0, 0, 1, 1)])
        left, top = (int(n) - margin for n in extents[:, :2].min(axis=0))
        right, bottom = (int(n) + margin for n in extents[:, 2:].max(axis=0))
        ink = np.zeros((bottom - top, right - left), np.uint8)
        for crop, x, y in self._crops:
            window = ink[y - top : y - top + crop.shape[0], x - left : x - left + crop.shape[1]]
            np.maximum(window, crop, out=window)
        for (x0, y0), (x1, y1), pen in self._strokes:
            # Sixteenths of a pixel, so that short strokes keep their direction.
            start, end = ((round((x - left) * 16), round((y - top) * 16)) for x, y in ((x0, y0), (x1, y1)))
            cv2.line(ink, start, end, 255, pen, cv2.LINE_AA, 4)
        return ink, (left, top)
