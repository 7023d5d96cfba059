"""PDF pages to pictures, by PDFium.

Forms and scripts are never run.  A page that is a scan is drawn so that one
pixel of the scan is one pixel of the picture.
"""

from __future__ import annotations

import logging
import math
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from scanner.sources.limits import Limits, NumberedContent
    from scanner.types import Image

# The unit of a PDF page is a point (ISO 32000-1, 8.3.2.3).
_POINTS_PER_INCH = 72
# A page is a scan if its pictures cover it but for the margins a scanner leaves.
_MIN_SCAN_PAGE_COVERAGE = 0.8
# Scans are stored in layers or strips of which some are smaller: those of at least
# half the largest one's area count, a logo in the corner does not.
_MIN_LAYER_AREA_RATIO = 0.5
# How much a scan is drawn narrower, in its own pixels: more than the rounding of
# 32-bit floats at any page size, too little to move a pixel.
_SCAN_INSET_PIXELS = 0.02
# The last bytes, in which a whole file has its end mark (ISO 32000-1, annex H, asks for 1024).
_END_MARK_SEARCH_BYTES = 2048

_LOCKED = "is locked with a password; save it without one"
_CUT_SHORT = "is cut short; copy or scan it again"
_DAMAGED = "is damaged; copy or scan it again"

logging.getLogger("pypdfium2").addHandler(logging.NullHandler())

# PDFium must not be entered by two threads.  A generator may be closed by the
# garbage collector in the middle of its own thread's call: hence re-entrant.
_pdfium_lock = threading.RLock()


class _PlacedPicture(NamedTuple):
    """A picture on a page."""

    pixels: int
    area: float
    """Square points as drawn."""
    dpi: float
    """Of the finer direction."""
    pdfium_object: Any
    """PDFium's object."""


def count_pages(data: bytes, max_pages: int) -> int:
    """How many pages a PDF has, up to a number; 0 if it cannot be opened."""
    import pypdfium2

    if _is_truncated(data):
        return 0
    with _pdfium_lock:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError:
            return 0
        try:
            return min(len(document), max_pages)
        finally:
            document.close()


def decode_pdf(data: bytes, limits: Limits, selected_pages: Container[int]) -> Iterator[NumberedContent]:
    """Draw the pages of a PDF one by one.

    Args:
        data: the whole file.
        limits: what to refuse, and how fine to draw.
        selected_pages: numbers of the pages to draw.

    Yields:
        Page number from 1 (0: the file cannot be opened) with a picture of
        shape (height, width, 3), BGR, or what is wrong and what to do.
    """
    import pypdfium2

    if _is_truncated(data):
        yield 0, _CUT_SHORT
        return
    try:
        with _pdfium_lock:
            document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code in {pypdfium2.raw.FPDF_ERR_PASSWORD, pypdfium2.raw.FPDF_ERR_SECURITY}
        yield 0, _LOCKED if locked else _DAMAGED
        return
    try:
        with _pdfium_lock:
            count = len(document)
        if count == 0:
            yield 0, "has no pages; scan it again"
        for number in range(1, min(count, limits.pages) + 1):
            if number in selected_pages:
                yield number, _open_and_render(document, number - 1, limits)
        if count > limits.pages and limits.pages + 1 in selected_pages:
            yield limits.pages + 1, f"is one of more than {limits.pages} pages; split the file"
    finally:
        with _pdfium_lock:
            document.close()


def _is_truncated(data: bytes) -> bool:
    """Whether the end is missing: PDFium mends such a file, and leaves out the pages that are gone."""
    tail = data.rstrip(b"\0\t\n\f\r ")[-_END_MARK_SEARCH_BYTES:]
    return b"%%EOF" not in tail and b"startxref" not in tail


def _open_and_render(document: Any, index: int, limits: Limits) -> Image | str:
    import pypdfium2

    with _pdfium_lock:
        try:
            page = document[index]
        except pypdfium2.PdfiumError:
            return _DAMAGED
        try:
            return _render_page(page, limits)
        except (pypdfium2.PdfiumError, ValueError, ArithmeticError):
            return _DAMAGED
        except MemoryError:
            return "needs more memory than there is; save it with smaller pages"
        finally:
            page.close()


def _render_page(page: Any, limits: Limits) -> Image | str:
    from pypdfium2 import PdfBitmap, raw

    placed = _find_pictures(page)
    if any(picture.pixels > limits.pixels for picture in placed):
        return (
            f"holds a picture of more than the {limits.pixels / 1e6:.0f} million pixels that are read; "
            "scan it at a lower resolution"
        )
    page_width, page_height = page.get_size()
    dpi = _choose_dpi(placed, page_width * page_height, limits)
    dpi = min(dpi, _POINTS_PER_INCH * math.sqrt(limits.pdf_pixels / (page_width * page_height)))
    # Rounded, not rounded up as PdfPage.render does: one column too many would resample a whole scan.
    width, height = (max(1, round(side * dpi / _POINTS_PER_INCH)) for side in (page_width, page_height))
    # A page as thin as a hair is a pixel wide and longer than its area says.
    width = min(width, limits.pdf_pixels)
    height = min(height, limits.pdf_pixels // width)
    for picture in placed:
        _inset_picture(picture.pdfium_object)
    bitmap = PdfBitmap.new_native(width, height, raw.FPDFBitmap_BGR)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
    raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, raw.FPDF_ANNOT)
    image: Image = np.ascontiguousarray(bitmap.to_numpy())
    if placed and image.min() == 255 and not all(_can_be_decoded(picture) for picture in placed):
        return _DAMAGED
    return image


def _inset_picture(picture: Any) -> None:
    """Shrink a picture about its centre by a fiftieth of a pixel, in memory.

    PDFium draws into the whole pixels that a picture touches.  When rounding
    makes a scan of 2339 rows reach 2339.0001, it is stretched over 2340 and blurred.
    """
    from pypdfium2 import PdfMatrix

    width, height = picture.get_px_size()
    matrix = picture.get_matrix()
    across, down = _SCAN_INSET_PIXELS / max(width, 1), _SCAN_INSET_PIXELS / max(height, 1)
    picture.set_matrix(
        PdfMatrix(
            matrix.a * (1 - across),
            matrix.b * (1 - across),
            matrix.c * (1 - down),
            matrix.d * (1 - down),
            matrix.e + (matrix.a * across + matrix.c * down) / 2,
            matrix.f + (matrix.b * across + matrix.d * down) / 2,
        )
    )


def _can_be_decoded(picture: _PlacedPicture) -> bool:
    # PDFium leaves out a picture it cannot decode: the page looks blank, not broken.
    import pypdfium2

    try:
        picture.pdfium_object.get_bitmap()
    except pypdfium2.PdfiumError:
        return False
    return True


def _find_pictures(page: Any) -> list[_PlacedPicture]:
    from pypdfium2 import raw

    placed = []
    for picture in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]):
        width, height = picture.get_px_size()
        matrix, container = picture.get_matrix(), picture.container
        while container is not None:
            matrix, container = matrix.multiply(container.get_matrix()), container.container
        across, down = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
        if across > 0 and down > 0:
            dpi = max(width / across, height / down) * _POINTS_PER_INCH
            placed.append(_PlacedPicture(width * height, across * down, dpi, picture))
    return placed


def _choose_dpi(placed: Sequence[_PlacedPicture], page_area: float, limits: Limits) -> float:
    if sum(picture.area for picture in placed) < _MIN_SCAN_PAGE_COVERAGE * page_area:
        return limits.pdf_dpi
    largest = max(picture.area for picture in placed)
    finest = max(picture.dpi for picture in placed if picture.area >= _MIN_LAYER_AREA_RATIO * largest)
    return finest if finest >= limits.pdf_least_dpi else limits.pdf_dpi
