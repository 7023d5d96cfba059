"""Checks that the pages decoded from any bytes must pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.sources.decoding import PageFailure, decode_bytes, list_page_numbers
from scanner.sources.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.types import PageImage

_FILE_NAME = "scan.of-7"
"""Name under which the bytes are decoded."""
TIGHT_LIMITS = Limits(file_bytes=2**16, pixels=500_000, pages=4, pdf_pixels=200_000, pdf_dpi=72)
"""Decoding limits so low that small files exceed each of them."""


def check_decoding(data: bytes) -> None:
    """Decode all pages of a file, together and one by one, and check them.

    Args:
        data: contents of the file.

    Raises:
        AssertionError: if a page is not an image, is too large or has a wrong number, if an error names another file,
            or if decoding one by one gives other pages than decoding together.
        Exception: whatever a decoder fails to catch.
    """
    together = list(decode_bytes(data, _FILE_NAME, TIGHT_LIMITS))
    assert together, "neither a page nor an error"
    for page in together:
        _check_page(page)
    numbers = list_page_numbers(data, TIGHT_LIMITS)
    alone = [
        page for number in numbers for page in decode_bytes(data, _FILE_NAME, TIGHT_LIMITS, range(number, number + 1))
    ]
    assert _page_fingerprints(alone) == _page_fingerprints(together), (
        f"decoded one by one: {_page_fingerprints(alone)}, together: {_page_fingerprints(together)}"
    )


def _check_page(page: PageImage | PageFailure) -> None:
    assert page.file == _FILE_NAME, f"wrong file name {page.file}"
    assert 0 <= page.page_number <= TIGHT_LIMITS.pages + 1, f"wrong page number {page.page_number}"
    if isinstance(page, PageFailure):
        assert page.error.startswith(_FILE_NAME), f"error of another file: {page.error}"
        assert page.error.isprintable(), f"error of more than one line: {page.error!r}"
        return
    height, width, channels = page.image.shape
    assert page.page_number, "page without a number"
    assert page.image.dtype == np.uint8
    assert channels == 3
    assert 0 < height * width <= max(TIGHT_LIMITS.pixels, TIGHT_LIMITS.pdf_pixels), f"{width} x {height} pixels"


def _page_fingerprints(pages: Sequence[PageImage | PageFailure]) -> list[tuple[int, str]]:
    return [
        (page.page_number, page.error if isinstance(page, PageFailure) else f"{page.image.shape}, {page.image.sum()}")
        for page in pages
    ]
