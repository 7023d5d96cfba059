"""What is to be true of the pages of any bytes whatever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.sources.decoding import PageFailure, decode_bytes, list_page_numbers
from scanner.sources.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.types import PageImage

_FILE_NAME = "scan.of-7"
"""What the bytes are called."""
TIGHT_LIMITS = Limits(file_bytes=2**16, pixels=500_000, pages=4, pdf_pixels=200_000, pdf_dpi=72)
"""So that all of them are met, and soon."""


def check_decoding(data: bytes) -> None:
    """Decode all pages of a file, together and one by one.

    Args:
        data: of the file.

    Raises:
        AssertionError: if a page is no picture, is too large, has a wrong number, or is blamed under another name;
            or if one by one they are others than together.
        Exception: what a decoder lets through.
    """
    together = list(decode_bytes(data, _FILE_NAME, TIGHT_LIMITS))
    assert together, "no page at all"
    for page in together:
        _check_page(page)
    numbers = list_page_numbers(data, TIGHT_LIMITS)
    alone = [
        page for number in numbers for page in decode_bytes(data, _FILE_NAME, TIGHT_LIMITS, range(number, number + 1))
    ]
    assert _page_fingerprints(alone) == _page_fingerprints(together), (
        f"{_page_fingerprints(alone)} one by one, {_page_fingerprints(together)} together"
    )


def _check_page(page: PageImage | PageFailure) -> None:
    assert page.file == _FILE_NAME, f"is called {page.file}"
    assert 0 <= page.page_number <= TIGHT_LIMITS.pages + 1, f"page {page.page_number}"
    if isinstance(page, PageFailure):
        assert page.error.startswith(_FILE_NAME), f"blames another: {page.error}"
        assert page.error.isprintable(), f"more than a line: {page.error!r}"
        return
    height, width, channels = page.image.shape
    assert page.page_number, "a page without a number"
    assert page.image.dtype == np.uint8
    assert channels == 3
    assert 0 < height * width <= max(TIGHT_LIMITS.pixels, TIGHT_LIMITS.pdf_pixels), f"{width} x {height} pixels"


def _page_fingerprints(pages: Sequence[PageImage | PageFailure]) -> list[tuple[int, str]]:
    return [
        (page.page_number, page.error if isinstance(page, PageFailure) else f"{page.image.shape}, {page.image.sum()}")
        for page in pages
    ]
