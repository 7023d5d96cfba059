"""The picture of a number, cut out of its page with what is around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.review.decoded_pages import encode_jpeg, shrunk
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.types import Image

_MARGIN_X, _MARGIN_Y = 1.2, 0.7
"""What is shown on either side, above and below, in heights of the box: the neighbours, so that it is seen whether a
digit is missing, and the rules of its cell."""
_MIN_MARGIN = 12
"""Least of these, pixels: the box of a dash is low."""
_MAX_WIDTH, _MAX_HEIGHT = 1400, 320
"""Largest picture, pixels: it is looked at on a screen."""
_JPEG_QUALITY = 82


@dataclass(frozen=True, slots=True)
class Crop:
    """A picture of a number."""

    frame: Box
    """The part of the original page that it shows."""
    jpeg: bytes


def crop_frame(box: Box, width: int, height: int) -> Box:
    """The part of a page that is shown of a number.

    Args:
        box: where the number is.
        width: width of the page, pixels.
        height: height of the page, pixels.
    """
    margin_x = max(_MIN_MARGIN, round(_MARGIN_X * box.height))
    margin_y = max(_MIN_MARGIN, round(_MARGIN_Y * box.height))
    left, top = min(max(0, box.x - margin_x), width - 1), min(max(0, box.y - margin_y), height - 1)
    right, bottom = max(left + 1, min(width, box.right + margin_x)), max(top + 1, min(height, box.bottom + margin_y))
    return Box(left, top, right - left, bottom - top)


def cut_crop(image: Image, box: Box) -> Crop:
    """Cut a number out of its page.

    Args:
        image: the original page, shape (height, width, 3), BGR.
        box: where the number is, pixels of the page.

    Raises:
        PageError: if the picture cannot be encoded.
    """
    frame = crop_frame(box, image.shape[1], image.shape[0])
    part = image[frame.y : frame.bottom, frame.x : frame.right]
    return Crop(frame, encode_jpeg(shrunk(part, _MAX_WIDTH, _MAX_HEIGHT), _JPEG_QUALITY))
