"""Limits on what is opened, and the pictures that are decoded within them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.types import Image

    NumberedContent = tuple[int, Image | str]
    """Page number (0: the whole file) and its picture, or what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused or made smaller, so that one hostile or broken file cannot stop a batch."""

    file_bytes: int = 2**30
    """Largest file, bytes.  It is held in memory; no scan of one document comes near a gibibyte."""
    pixels: int = 150_000_000
    """Most pixels of a picture: A0 at 300 dpi (140 million) passes.  Checked before decoding, 3 bytes each."""
    pages: int = 10_000
    """Most pages of a file: a day of a production scanner.  Ends what a hostile page list would not."""
    pdf_dpi: float = 300
    """Resolution for PDF pages that are no scan: the usual one for forms; a 3 mm digit is 35 pixels high."""
    pdf_least_dpi: float = 72
    """A coarser picture on a PDF page is a background, not a scan: 72 is one pixel per point."""
    pdf_pixels: int = 40_000_000
    """A PDF page is drawn no larger than this: A4 at 600 dpi (35 million) passes, finer shows no more of a pen."""

    @property
    def acceptance_limits(self) -> tuple[int, ...]:
        """Those by which a page is read or not; what is read on it when it is, they do not change."""
        return self.file_bytes, self.pixels, self.pages

    @property
    def rendering_settings(self) -> tuple[float, ...]:
        """Those by which a page looks as it does."""
        return self.pdf_dpi, self.pdf_least_dpi, self.pdf_pixels


DEFAULT_LIMITS = Limits()
