"""Limits on the files that are opened and the pictures decoded from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.types import Image

    NumberedContent = tuple[int, Image | str]
    """Page number (0: the whole file) with its picture, or with what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused or made smaller, so that no malicious or broken file can stop a batch."""

    file_bytes: int = 2**30
    """Largest file in bytes.  A file is held in memory; no scan of one document comes near a gibibyte."""
    pixels: int = 150_000_000
    """Largest picture in pixels: A0 at 300 dpi (140 million) passes.  Checked before decoding, at 3 bytes a pixel."""
    pages: int = 10_000
    """Maximum number of pages of a file: a day's work of a production scanner.  It also ends a malicious page list
    without end."""
    pdf_dpi: float = 300
    """Resolution at which PDF pages that are not scans are drawn: usual for forms; a 3 mm digit is 35 pixels high."""
    pdf_least_dpi: float = 72
    """Lowest resolution of a scan on a PDF page; a coarser picture is a background.  72 dpi is one pixel per point."""
    pdf_pixels: int = 40_000_000
    """Largest picture drawn of a PDF page, in pixels: A4 at 600 dpi (35 million) passes; a finer one adds nothing."""

    @property
    def acceptance_limits(self) -> tuple[int, ...]:
        """Limits that decide whether a page is read.  They never change what is read."""
        return self.file_bytes, self.pixels, self.pages

    @property
    def rendering_settings(self) -> tuple[float, ...]:
        """Settings that change how a page looks, and so what is read."""
        return self.pdf_dpi, self.pdf_least_dpi, self.pdf_pixels


DEFAULT_LIMITS = Limits()
