"""The values that flow through the pipeline.

All are frozen.  A box is ``(x, y, width, height)`` in pixels with the origin at the top left; unless a name says
otherwise its pixels are those of the original page.  Images are NumPy arrays: ``uint8``, rows first, colour in BGR
order.

Page -> Ink -> Glyph -> DigitReading -> Number -> PageResult

Importing this package does not import NumPy: the values with images are loaded when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from scanner.types.box import Box
from scanner.types.results import (
    DIGIT_CLASS_COUNT,
    NO_DIGIT_LABEL,
    PICTURE_KIND,
    TICK_KIND,
    BrokenRule,
    Digit,
    DigitReading,
    Finding,
    Number,
    Opinion,
    PageRef,
    PageResult,
    SettingValue,
    Step,
)

if TYPE_CHECKING:
    from scanner.types.images import Glyph, Image, Ink, PageImage

__all__ = [
    "DIGIT_CLASS_COUNT",
    "NO_DIGIT_LABEL",
    "PICTURE_KIND",
    "TICK_KIND",
    "Box",
    "BrokenRule",
    "Digit",
    "DigitReading",
    "Finding",
    "Glyph",
    "Image",
    "Ink",
    "Number",
    "Opinion",
    "PageImage",
    "PageRef",
    "PageResult",
    "SettingValue",
    "Step",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("scanner.types.images"), name)
