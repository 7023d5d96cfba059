"""Level the lines of a page, and the way back to the original.

The tilt is the angle at which the horizontal projection of the ink is most
sharply peaked (Postl, "Detection of linear oblique structures and skew scan in
digitized documents", ICPR 1986), found coarse to fine on a small copy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.types import Box, Ink

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

_MAX_TILT = 8.0
"""Degrees looked for to either side: a sheet laid or fed askew."""
_COARSE_STEP = 0.5
_FINE_STEP = 0.05
"""Degrees; at 0.05 a rule across an A4 page at 300 dpi is level within 2 pixels."""
_LONGEST = 1000
"""Pixels of the small copy's longer side: enough to see a line of writing, quick to turn."""
_SMALLEST_TILT = 0.15
"""Degrees below which a page is left as it is: turning it would blur more than it mends."""
_SMALLEST_PAGE_STROKES = 60
"""Only a page this many stroke widths high has lines to level; a cut-out number is left as it is."""
_CLEAR_PEAK = 1.05
"""The best angle's sharpness against that of no turn at all, at least: else the page has no lines to go by."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A rotation of the page about its middle, onto a canvas that holds all of it."""

    degrees: float
    """Counter-clockwise, as seen; 0 leaves the page as it is."""
    width: int
    """Of the original page, pixels."""
    height: int

    @property
    def matrix(self) -> NDArray[np.float64]:
        """Shape (2, 3): from pixels of the original page to pixels of the straightened page."""
        new_width, new_height = self.size
        matrix = cv2.getRotationMatrix2D(((self.width - 1) / 2, (self.height - 1) / 2), self.degrees, 1.0)
        matrix[0, 2] += (new_width - self.width) / 2
        matrix[1, 2] += (new_height - self.height) / 2
        return np.asarray(matrix, np.float64)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the straightened page."""
        if self.degrees == 0:
            return self.width, self.height
        cos, sin = abs(math.cos(math.radians(self.degrees))), abs(math.sin(math.radians(self.degrees)))
        return (
            math.ceil(self.width * cos + self.height * sin),
            math.ceil(self.width * sin + self.height * cos),
        )

    def to_original(self, box: Box) -> Box:
        """The upright box on the original page around a box on the straightened one, cut off at the page's edge."""
        if self.degrees == 0:
            return box
        left, top, right, bottom = box.x, box.y, box.right - 1, box.bottom - 1
        corners = np.array([[left, top], [right, top], [left, bottom], [right, bottom]], float)
        x, y = cv2.transform(corners[:, None], cv2.invertAffineTransform(self.matrix))[:, 0].T
        x1, x2 = (int(np.clip(round(v), 0, self.width - 1)) for v in (x.min(), x.max()))
        y1, y2 = (int(np.clip(round(v), 0, self.height - 1)) for v in (y.min(), y.max()))
        return Box(x1, y1, x2 - x1 + 1, y2 - y1 + 1)


def find_tilt(ink: Ink) -> float:
    """How far the page's lines are from level.

    Returns:
        Degrees to turn the page counter-clockwise to level it, within +-8; 0.0 if its lines
        are level, or if it has none.
    """
    height, width = ink.mask.shape
    if ink.stroke_width == 0 or min(height, width) < _SMALLEST_PAGE_STROKES * ink.stroke_width:
        return 0.0
    scale = min(_LONGEST / max(height, width), 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = cv2.resize(ink.mask, size, interpolation=cv2.INTER_AREA)
    ys, xs = np.nonzero(small > 127)
    if not ys.size:
        return 0.0
    coarse = _sharpest(xs, ys, np.arange(-_MAX_TILT, _MAX_TILT + _COARSE_STEP / 2, _COARSE_STEP))
    best = _sharpest(xs, ys, coarse + np.arange(-_COARSE_STEP, _COARSE_STEP + _FINE_STEP / 2, _FINE_STEP))
    clear = _sharpness(xs, ys, best) >= _CLEAR_PEAK * _sharpness(xs, ys, 0.0)
    return float(best) if abs(best) >= _SMALLEST_TILT and clear else 0.0


def straighten(ink: Ink, turn: Turn) -> Ink:
    """Turn the ink.

    Args:
        ink: of the original page.
        turn: made for a page of this size.

    Returns:
        Ink of the straightened page.
    """
    if turn.degrees == 0:
        return ink
    strength = cv2.warpAffine(ink.strength, turn.matrix, turn.size, flags=cv2.INTER_LINEAR)
    mask = cv2.warpAffine(ink.mask, turn.matrix, turn.size, flags=cv2.INTER_LINEAR)
    return Ink(np.asarray(strength, np.uint8), _two_level(mask), ink.stroke_width)


def _two_level(mask: cv2.typing.MatLike) -> Image:
    return np.asarray(cv2.threshold(mask, 127, 255, cv2.THRESH_BINARY)[1], np.uint8)


def _sharpest(xs: NDArray[np.int64], ys: NDArray[np.int64], angles: NDArray[np.float64]) -> float:
    return float(max(angles, key=lambda angle: _sharpness(xs, ys, angle)))


def _sharpness(xs: NDArray[np.int64], ys: NDArray[np.int64], degrees: float) -> float:
    """Sum of squares of the projection across lines at this angle: largest when each line falls into few rows."""
    rows = ys * math.cos(math.radians(degrees)) - xs * math.sin(math.radians(degrees))
    counts = np.bincount(np.rint(rows - rows.min()).astype(np.int64)).astype(np.float64)
    return float(np.dot(counts, counts))
