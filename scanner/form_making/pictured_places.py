"""Tell where QR codes and pictures are, in which small rectangles are no boxes to write in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.background import page_brightness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.preparation import PreparationOutputs
    from scanner.types import Box, Image

_SMALL_SIDE_HEIGHTS = 4.0
"""Maximum side, character heights, of a rectangle that may be part of a picture."""
_MAX_INK_AROUND_SHARE = 0.3
"""Maximum share of ink around a small box, close to it and as far as its side: bold letters have more, and emblems."""
_NEAR_PART = 4
"""What is close to a box is a fourth of its side."""
_RING_SHARE = 0.1
"""Width of the white ring in a corner of a QR code that is surely white, relative to its side: all is a fifth."""
_MIN_BLACK_SHARE = 0.7
"""Minimum share of black in the square in its middle, and of white around it."""
_MAX_INK_BRIGHTNESS_SHARE = 0.5
"""Maximum brightness, relative to the paper of the page, of the inside of black shapes, which is no ink."""


@dataclass(frozen=True, slots=True, eq=False)
class PicturedPlaces:
    """What is dark on a page, and where QR codes are."""

    dark: Image
    """Shape (H, W): 255 where there is ink, or the inside of a black shape."""
    codes: tuple[NDArray[np.float32], ...]
    """Corners of QR codes, each of shape (4, 2), (x, y) in pixels."""
    small_side: float
    """Maximum side of a rectangle that may be part of a picture, pixels."""
    line_width: int
    """Width of the line around a box, pixels, at most."""

    @classmethod
    def of_page(cls, prepared: PreparationOutputs) -> PicturedPlaces:
        """Look for them on a level page."""
        gray, ink = prepared.scan.gray, prepared.rectified.ink
        darkest_paper = _MAX_INK_BRIGHTNESS_SHARE * page_brightness(gray)
        black = cv2.threshold(gray, darkest_paper, 255, cv2.THRESH_BINARY_INV)[1]
        return cls(
            np.asarray(cv2.max(ink.mask, black), np.uint8),
            _find_codes(gray),
            _SMALL_SIDE_HEIGHTS * ink.character_height,
            max(round(2 * ink.stroke_width), 2),
        )

    def include(self, box: Box) -> bool:
        """Whether a box is part of one."""
        x, y = box.center
        if any(cv2.pointPolygonTest(code, (x, y), measureDist=False) >= 0 for code in self.codes):
            return True
        if max(box.width, box.height) > self.small_side:
            return False
        if self._is_finder_pattern(box):
            return True
        side = max(box.width, box.height)
        return any(self._dark_share(box, reach) > _MAX_INK_AROUND_SHARE for reach in (side // _NEAR_PART, side))

    def _is_finder_pattern(self, box: Box) -> bool:
        """Whether a box is the white ring around the black square in a corner of a QR code."""
        inside = self.dark[box.y : box.bottom, box.x : box.right] > 0
        edge_y, edge_x = round(_RING_SHARE * box.height), round(_RING_SHARE * box.width)
        middle_y, middle_x = round(2.2 * _RING_SHARE * box.height), round(2.2 * _RING_SHARE * box.width)
        middle = inside[middle_y : box.height - middle_y, middle_x : box.width - middle_x]
        ring = np.count_nonzero(inside) - np.count_nonzero(
            inside[edge_y : box.height - edge_y, edge_x : box.width - edge_x]
        )
        ring_size = inside.size - (box.height - 2 * edge_y) * (box.width - 2 * edge_x)
        return bool(middle.size and middle.mean() >= _MIN_BLACK_SHARE and ring <= (1 - _MIN_BLACK_SHARE) * ring_size)

    def _dark_share(self, box: Box, reach: int) -> float:
        """Share of what is dark around a box, up to so many pixels beside its line."""
        outer, inner = (
            self.dark[max(box.y - margin, 0) : box.bottom + margin, max(box.x - margin, 0) : box.right + margin]
            for margin in (self.line_width + max(reach, 1), self.line_width)
        )
        dark = np.count_nonzero(outer) - np.count_nonzero(inner)
        return float(dark / max(outer.size - inner.size, 1))


def _find_codes(gray: Image) -> tuple[NDArray[np.float32], ...]:
    found, corners = cv2.QRCodeDetector().detectMulti(gray)
    return tuple(np.asarray(corners, np.float32)) if found else ()
