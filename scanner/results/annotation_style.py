"""How annotated pages are kept: the format of the pictures and their quality.

Importing this module takes little time, so the command line can show the choices in its help.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

DEFAULT_JPEG_QUALITY = 85
"""Pen strokes have no visible blocks, and a page of A4 at 300 dpi takes about a megabyte, a tenth of its PNG."""
MAX_JPEG_QUALITY = 95
"""Above it, files grow without looking better."""


class AnnotationFormat(Enum):
    """Format of annotated pages."""

    JPEG = "jpeg"
    """One JPEG per page."""
    PNG = "png"
    """One PNG per page: every pixel as drawn."""
    PDF = "pdf"
    """One PDF per file, with its pages as JPEG."""


@dataclass(frozen=True, slots=True)
class AnnotationStyle:
    """Format and quality of annotated pages."""

    format: AnnotationFormat = AnnotationFormat.JPEG
    quality: int = DEFAULT_JPEG_QUALITY
    """JPEG quality, 1 to ``MAX_JPEG_QUALITY``; a PNG has none."""

    @property
    def picture_suffix(self) -> str:
        """Suffix of the picture of a page; a PDF is made of JPEGs."""
        return ".png" if self.format is AnnotationFormat.PNG else ".jpg"


DEFAULT_ANNOTATION_STYLE = AnnotationStyle()
