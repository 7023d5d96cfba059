"""What is to be true of the pages of any bytes whatever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.limits import Limits
from scanner.sources import PageFailure, page_numbers, pages_of_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.types import Page

_NAME = "scan.of-7"
"""What the bytes are called."""
LIMITS = Limits(file_bytes=2**16, pixels=500_000, pages=4, pdf_pixels=200_000, pdf_dpi=72)
"""So that all of them are met, and soon."""


def check(data: bytes) -> None:
    """Decode all pages of a file, together and one by one.

    Args:
        data: of the file.

    Raises:
        AssertionError: if a page is no picture, is too large, has a wrong number, or is blamed under another name;
            or if one by one they are others than together.
        Exception: what a decoder lets through.
    """
    together = list(pages_of_bytes(data, _NAME, LIMITS))
    assert together, "no page at all"
    for page in together:
        _check_page(page)
    numbers = page_numbers(data, LIMITS)
    alone = [page for number in numbers for page in pages_of_bytes(data, _NAME, LIMITS, range(number, number + 1))]
    assert _told(alone) == _told(together), f"{_told(alone)} one by one, {_told(together)} together"


def _check_page(page: Page | PageFailure) -> None:
    assert page.file == _NAME, f"is called {page.file}"
    assert 0 <= page.number <= LIMITS.pages + 1, f"page {page.number}"
    if isinstance(page, PageFailure):
        assert page.error.startswith(_NAME), f"blames another: {page.error}"
        assert page.error.isprintable(), f"more than a line: {page.error!r}"
        return
    height, width, channels = page.image.shape
    assert page.number, "a page without a number"
    assert page.image.dtype == np.uint8
    assert channels == 3
    assert 0 < height * width <= max(LIMITS.pixels, LIMITS.pdf_pixels), f"{width} x {height} pixels"


def _told(pages: Sequence[Page | PageFailure]) -> list[tuple[int, str]]:
    return [
        (page.number, page.error if isinstance(page, PageFailure) else f"{page.image.shape}, {page.image.sum()}")
        for page in pages
    ]
