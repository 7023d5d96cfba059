"""Files decoded into pages.

``read_file`` reads a file, ``decode_file`` and ``decode_bytes`` decode it page by page.  A page that cannot be read is
a value like any other (``PageFailure``), so the pages after it are still read.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.sources.failure_reasons import too_many_bytes
from scanner.sources.limits import DEFAULT_LIMITS, Limits
from scanner.types import PageResult

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from scanner.sources.limits import NumberedContent
    from scanner.types import PageImage, PageRef

# Formats are recognized by their first bytes: anyone can give a file any suffix.
_FORMAT_SIGNATURES = (
    ("PNG", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("JPEG", re.compile(rb"\xff\xd8\xff")),
    ("TIFF", re.compile(rb"II[*+]\0|MM\0[*+]")),
    ("WEBP", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    ("BMP", re.compile(rb"BM")),
    # Brands of ISO 23008-12 for pictures encoded with HEVC.
    ("HEIF", re.compile(rb"....ftyp(hei[cmsx]|hev[cmsx]|mif1|msf1)", re.DOTALL)),
    # PDF readers accept up to 1024 bytes of anything before the header (ISO 32000-1, annex H).
    ("PDF", re.compile(rb".{0,1024}%PDF-", re.DOTALL)),
)
_SIGNATURE_BYTES = 1024 + 5
_MULTI_PAGE_FORMATS = frozenset({"TIFF", "PDF"})

ALL_PAGES = range(1, sys.maxsize)
"""Selects all pages of a file, however many it has."""
WHOLE_FILE = range(1)
"""Page number 0 alone, which stands for a whole file that cannot be opened."""


@dataclass(frozen=True, slots=True)
class PageFailure:
    """A page, or a whole file, that could not be read."""

    file: str
    """Name in results, as in ``PageImage``."""
    page_number: int
    """Page number within the file, from 1; 0 if the file could not be opened at all."""
    error: str
    """One line for the user: the file, what is wrong with it and what to do."""

    def to_result(self) -> PageResult:
        """Make the result of this page, which has no numbers and no size."""
        return PageResult(self.file, self.page_number, 0, 0, error=self.error)


def page_label(file: str, page_number: int) -> str:
    """Name a page in messages: ``FILE, page N``, or ``FILE`` for page 0, the whole file."""
    return f"{file}, page {page_number}" if page_number else file


def read_file(ref: PageRef, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Read a whole file once, without waiting for a writer.

    Args:
        ref: the file.
        limits: of a file larger than ``file_bytes``, one byte more than that is returned, which ``decode_bytes``
            refuses.

    Raises:
        OSError: if the file cannot be read, is refused, or is no longer a regular file because a folder, pipe, socket
            or device has replaced it since it was found.
    """
    if ref.refusal_reason:
        raise PermissionError(errno.EPERM, ref.refusal_reason, str(ref.path))
    with open(ref.path, "rb", opener=_open_nonblocking) as stream:
        # The opened file is examined, not the path, which may belong to another file by now.
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.ENXIO, "not a regular file", str(ref.path))
        # read() allocates as many bytes as it is asked for, even if the file is smaller.
        return stream.read(min(limits.file_bytes, status.st_size) + 1)


def decode_file(ref: PageRef, limits: Limits = DEFAULT_LIMITS) -> Iterator[PageImage | PageFailure]:
    """Read a file and decode its pages; see ``decode_bytes``.

    A file that cannot be read, or is refused, is one ``PageFailure`` with number 0.
    """
    if ref.refusal_reason:
        yield PageFailure(ref.file, 0, f"{ref.file}: {ref.refusal_reason}")
        return
    try:
        data = read_file(ref, limits)
    except OSError as error:
        yield PageFailure(ref.file, 0, f"{ref.file}: {_read_error_advice(error)}")
        return
    yield from decode_bytes(data, ref.file, limits)


def list_page_numbers(data: bytes, limits: Limits = DEFAULT_LIMITS) -> range:
    """List the pages that a file seems to have, without decoding any.

    Decoding them one by one with ``decode_bytes`` gives the same as decoding all at once.  A listed page may turn out
    to be no page, such as a preview in a TIFF, or to report what is wrong with the whole file.

    Args:
        data: the whole file.
        limits: what to refuse.

    Returns:
        Page numbers from 1; ``WHOLE_FILE`` if the file cannot be opened.
    """
    file_format = _detect_format(data)
    if not file_format or len(data) > limits.file_bytes:
        return WHOLE_FILE
    if file_format not in _MULTI_PAGE_FORMATS:
        return range(1, 2)
    # One more page than is read, for the message that there are more.
    if file_format == "PDF":
        from scanner.sources.pdf import count_pages

        count = count_pages(data, limits.pages + 1)
    else:
        from scanner.sources.raster import count_tiff_pages

        count = count_tiff_pages(data, limits.pages + 1)
    return range(1, count + 1) if count else WHOLE_FILE


def decode_bytes(
    data: bytes, name: str, limits: Limits = DEFAULT_LIMITS, selected_pages: Container[int] = ALL_PAGES
) -> Iterator[PageImage | PageFailure]:
    """Decode the pages of a PNG, JPEG, BMP, WebP, TIFF, HEIC or PDF file, each when the caller asks for it.

    Nothing is raised because of the contents of the file.  Pictures are turned upright (EXIF orientation), transparent
    parts are white, and larger values are brighter; a PDF page that is a scan has the scan's own resolution.  Of an
    animation the first frame is the page; small previews stored as TIFF pages are left out.

    Args:
        data: the whole file.
        name: name of the file in results and errors.
        limits: what to refuse.
        selected_pages: numbers of the pages to decode; what is wrong with the whole file is reported in any case.

    Yields:
        In page order: ``PageImage`` with a read-only, contiguous image, or ``PageFailure``.
    """
    from scanner.types import PageImage

    file_format = _detect_format(data)
    for number, content in _decode_pages(data, file_format, limits, selected_pages):
        if isinstance(content, str):
            label = page_label(name, number) if file_format in _MULTI_PAGE_FORMATS else name
            yield PageFailure(name, number, f"{label}: {content}")
        else:
            content.flags.writeable = False
            yield PageImage(name, number, content)


def _detect_format(data: bytes) -> str:
    return next((name for name, start in _FORMAT_SIGNATURES if start.match(data[:_SIGNATURE_BYTES])), "")


def _decode_pages(
    data: bytes, file_format: str, limits: Limits, selected_pages: Container[int]
) -> Iterator[NumberedContent]:
    # The decoders are imported only when needed: PDFium and Pillow each take a noticeable part of a second to load.
    if not data:
        return iter([(0, "is empty; copy or scan it again")])
    if len(data) > limits.file_bytes:
        return iter([(0, too_many_bytes(limits.file_bytes))])
    if file_format == "PDF":
        from scanner.sources.pdf import decode_pdf

        return decode_pdf(data, limits, selected_pages)
    if file_format:
        from scanner.sources.raster import decode_raster

        return decode_raster(data, file_format, limits, selected_pages)
    return iter([(0, "is not a PNG, JPEG, BMP, WebP, TIFF, HEIC or PDF file; save it as one of these")])


def _read_error_advice(error: OSError) -> str:
    match error:
        case PermissionError():
            return "cannot be opened; change its permissions"
        case FileNotFoundError():
            return "does not exist any more; give its new path"
        case IsADirectoryError():
            return "is a folder, not a file; give the name of a file"
        case BlockingIOError():
            return "is held by another program; close it there and try again"
        case OSError(errno=errno.ENXIO):
            return "is no longer a file; put the file back and try again"
        case _:
            return f"cannot be read ({error.strerror}); copy it to another disk and try again"


def _open_nonblocking(path: str, flags: int) -> int:
    # Opening a pipe would wait forever for a writer, and a terminal would become the program's controlling terminal.
    # Windows has neither flag.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
