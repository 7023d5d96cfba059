"""PDF pages drawn as pictures by PDFium.

Forms and scripts are never run.  A page that is a scan is drawn so that one pixel of the scan is one pixel of the
picture.
"""

from __future__ import annotations

import logging
import math
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from scanner.memory_limit import current_limit
from scanner.sources.failure_reasons import (
    CUT_SHORT,
    DAMAGED,
    LOCKED,
    NO_PAGES,
    too_many_pages,
    too_many_pixels,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from scanner.sources.limits import Limits, NumberedContent
    from scanner.types import Image

_POINTS_PER_INCH = 72
"""Points, the unit of a PDF page, per inch (ISO 32000-1, 8.3.2.3)."""
_MIN_SCAN_PAGE_COVERAGE = 0.8
"""Smallest share of a page that the pictures of a scan cover: all but the margins that a scanner leaves."""
_MIN_LAYER_AREA_RATIO = 0.5
"""Smallest area of a picture that counts as part of a scan, relative to the largest picture on the page.

Scans are stored in layers or stripes, some smaller than others; a logo in the corner does not count.
"""
_SCAN_INSET_PIXELS = 0.02
"""Width by which a scan is drawn narrower, in pixels of the scan.

It is more than the rounding of 32-bit floats at any page size, and too little to move a pixel.
"""
_END_MARK_SEARCH_BYTES = 2048
"""Number of bytes at the end of a file in which the end mark is searched for (ISO 32000-1, annex H, asks for 1024)."""
_PADDING = b"\0\t\n\f\r "
"""Bytes that may follow the end mark."""

logging.getLogger("pypdfium2").addHandler(logging.NullHandler())

# PDFium must not be used by two threads at the same time.  The lock is re-entrant because the garbage collector may
# close a generator in the middle of a call of the same thread.
pdfium_lock = threading.RLock()


class _PlacedPicture(NamedTuple):
    """A picture on a page."""

    pixels: int
    area: float
    """Area on the page, square points."""
    dpi: float
    """Resolution in the finer direction."""
    pdfium_object: Any
    """PDFium's object of the picture."""


def count_pages(data: bytes, max_pages: int) -> int:
    """Count the pages of a PDF, up to ``max_pages``; 0 if it cannot be opened."""
    import pypdfium2

    if _is_truncated(data):
        return 0
    with pdfium_lock:
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
        limits: what to refuse, and at which resolution to draw.
        selected_pages: numbers of the pages to draw.

    Yields:
        Page number from 1 (0: the file cannot be opened) with a ``uint8`` BGR picture of shape (height, width, 3), or
        with what is wrong and what to do.
    """
    import pypdfium2

    if _is_truncated(data):
        yield 0, CUT_SHORT
        return
    try:
        with pdfium_lock:
            document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code in {pypdfium2.raw.FPDF_ERR_PASSWORD, pypdfium2.raw.FPDF_ERR_SECURITY}
        yield 0, LOCKED if locked else DAMAGED
        return
    try:
        with pdfium_lock:
            count = len(document)
        if count == 0:
            yield 0, NO_PAGES
        for number in range(1, min(count, limits.pages) + 1):
            if number in selected_pages:
                yield number, _open_and_render(document, number - 1, limits)
        if count > limits.pages and limits.pages + 1 in selected_pages:
            yield limits.pages + 1, too_many_pages(limits.pages)
    finally:
        with pdfium_lock:
            document.close()


def _is_truncated(data: bytes) -> bool:
    """Whether the end of the file is missing: PDFium would repair it and silently leave out the lost pages."""
    end = len(data)
    # Block by block, because stripping the whole file would copy it.
    while end and not (block := data[max(end - _END_MARK_SEARCH_BYTES, 0) : end].rstrip(_PADDING)):
        end = max(end - _END_MARK_SEARCH_BYTES, 0)
    if end:
        end = max(end - _END_MARK_SEARCH_BYTES, 0) + len(block)
    tail = data[max(end - _END_MARK_SEARCH_BYTES, 0) : end]
    return b"%%EOF" not in tail and b"startxref" not in tail


def _open_and_render(document: Any, index: int, limits: Limits) -> Image | str:
    import pypdfium2

    with pdfium_lock:
        try:
            page = document[index]
        except pypdfium2.PdfiumError:
            return DAMAGED
        try:
            return _render_page(page, limits)
        except (pypdfium2.PdfiumError, ValueError, ArithmeticError):
            return DAMAGED
        except MemoryError:
            return current_limit().failure_reason("save it with smaller pages")
        finally:
            page.close()


def _render_page(page: Any, limits: Limits) -> Image | str:
    from pypdfium2 import PdfBitmap, raw

    placed = _find_pictures(page)
    if any(picture.pixels > limits.pixels for picture in placed):
        return too_many_pixels(limits.pixels)
    page_width, page_height = page.get_size()
    dpi = _choose_dpi(placed, page_width * page_height, limits)
    dpi = min(dpi, _POINTS_PER_INCH * math.sqrt(limits.pdf_pixels / (page_width * page_height)))
    # Rounded, and not rounded up as by PdfPage.render: one extra column would resample a whole scan.
    width, height = (max(1, round(side * dpi / _POINTS_PER_INCH)) for side in (page_width, page_height))
    # An extremely thin page is at least a pixel wide, and so could have more pixels than its area allows.
    width = min(width, limits.pdf_pixels)
    height = min(height, limits.pdf_pixels // width)
    for picture in placed:
        _inset_picture(picture.pdfium_object)
    bitmap = PdfBitmap.new_native(width, height, raw.FPDFBitmap_BGR)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
    raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, raw.FPDF_ANNOT)
    image: Image = np.ascontiguousarray(bitmap.to_numpy())
    if placed and image.min() == 255 and not all(_can_be_decoded(picture) for picture in placed):
        return DAMAGED
    return image


def _inset_picture(picture: Any) -> None:
    """Shrink a picture about its centre by a fiftieth of a pixel, in memory.

    PDFium stretches a picture over all pixels that it touches.  A scan of 2339 rows that ends at 2339.0001 because of
    rounding would be stretched over 2340 rows and blurred.
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
    # PDFium leaves out a picture that it cannot decode, so the page looks blank and not broken.
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
