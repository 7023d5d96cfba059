"""Rectangles on a page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class _BoxFields(NamedTuple):
    x: int
    y: int
    width: int
    height: int


class Box(_BoxFields):
    """A rectangle of whole pixels: it includes column ``x`` and row ``y``, but not ``right`` and ``bottom``.

    Raises:
        ValueError: if width or height is less than 1.
    """

    __slots__ = ()

    def __new__(cls, x: int, y: int, width: int, height: int) -> Box:
        """Check the size."""
        if width < 1 or height < 1:
            raise ValueError(f"a box is at least 1 x 1 pixels, not {width} x {height}")
        return super().__new__(cls, x, y, width, height)

    @property
    def right(self) -> int:
        """First column to the right of the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row below the box."""
        return self.y + self.height

    @property
    def center(self) -> tuple[float, float]:
        """Centre as (x, y)."""
        return self.x + self.width / 2, self.y + self.height / 2

    def includes(self, point: tuple[float, float]) -> bool:
        """Whether a point (x, y) lies in the box, its left and upper edges included."""
        return self.x <= point[0] < self.right and self.y <= point[1] < self.bottom

    @classmethod
    def around(cls, boxes: Iterable[Box]) -> Box:
        """The smallest box around all of ``boxes``.

        Raises:
            ValueError: if there are none.
        """
        boxes = list(boxes)
        if not boxes:
            raise ValueError("no boxes to put a box around")
        x = min(b.x for b in boxes)
        y = min(b.y for b in boxes)
        return cls(x, y, max(b.right for b in boxes) - x, max(b.bottom for b in boxes) - y)
