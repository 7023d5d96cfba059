"""A file to its pages.

``read_file`` reads it, ``decode_file`` and ``decode_bytes`` decode it, page by
page.  A page that cannot be read is a value like any other (``PageFailure``),
so it never keeps the pages after it from being read.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.sources.limits import DEFAULT_LIMITS, Limits
from scanner.types import PageImage

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from scanner.sources.limits import NumberedContent
    from scanner.types import PageRef

# The formats, known by their first bytes: a suffix is only what somebody called the file.
_FORMAT_SIGNATURES = (
    ("PNG", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("JPEG", re.compile(rb"\xff\xd8\xff")),
    ("TIFF", re.compile(rb"II[*+]\0|MM\0[*+]")),
    ("WEBP", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    ("BMP", re.compile(rb"BM")),
    # Brands of ISO 23008-12 with pictures coded by HEVC.
    ("HEIF", re.compile(rb"....ftyp(hei[cmsx]|hev[cmsx]|mif1|msf1)", re.DOTALL)),
    # PDF readers accept up to 1024 bytes of anything before the header (ISO 32000-1, annex H).
    ("PDF", re.compile(rb".{0,1024}%PDF-", re.DOTALL)),
)
_SIGNATURE_BYTES = 1024 + 5

ALL_PAGES = range(1, sys.maxsize)
"""The numbers of all pages there may be."""


@dataclass(frozen=True, slots=True)
class PageFailure:
    """A page, or a whole file, that could not be read."""

    file: str
    """Name in results, as in ``PageImage``."""
    page_number: int
    """Page number within the file, from 1; 0 when the file could not be opened at all."""
    error: str
    """One line for the user: the file, what is wrong with it and what to do."""


def read_file(ref: PageRef, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Read a file whole, once, without waiting for anybody to write it.

    Args:
        ref: the file.
        limits: of a larger file than ``file_bytes`` one byte more is returned, which ``decode_bytes`` refuses.

    Raises:
        OSError: if it cannot be read, is refused, or is a regular file no more: a folder, pipe, socket or device took
            its place since it was found.
    """
    if ref.refusal_reason:
        raise PermissionError(errno.EPERM, ref.refusal_reason, str(ref.path))
    with open(ref.path, "rb", opener=_open_nonblocking) as stream:
        # Asked of what was opened: the path may lead elsewhere by now.
        at = os.fstat(stream.fileno())
        if not stat.S_ISREG(at.st_mode):
            raise OSError(errno.ENXIO, "not a regular file", str(ref.path))
        # As much memory as is asked for is taken, whatever there is to read.
        return stream.read(min(limits.file_bytes, at.st_size) + 1)


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
    """Which pages a file seems to have, found out without decoding any.

    Asked for one by one with ``decode_bytes`` they are what it yields for all: one of them may turn out to be no
    page, as a preview in a TIFF, or to stand for all that is wrong with the file.

    Args:
        data: the whole file.
        limits: what to refuse.

    Returns:
        Page numbers from 1; 0 alone, which stands for the whole file, where it cannot be opened.
    """
    kind = _detect_format(data)
    whole_file = range(1)
    if not kind or len(data) > limits.file_bytes:
        return whole_file
    if kind not in {"TIFF", "PDF"}:
        return range(1, 2)
    # One more than is read: it tells that there are more.
    if kind == "PDF":
        from scanner.sources.pdf import count_pages

        count = count_pages(data, limits.pages + 1)
    else:
        from scanner.sources.raster import count_tiff_pages

        count = count_tiff_pages(data, limits.pages + 1)
    return range(1, count + 1) if count else whole_file


def decode_bytes(
    data: bytes, name: str, limits: Limits = DEFAULT_LIMITS, selected_pages: Container[int] = ALL_PAGES
) -> Iterator[PageImage | PageFailure]:
    """Decode the pages of a PNG, JPEG, BMP, WebP, TIFF, HEIC or PDF file, each when it is asked for.

    Nothing is raised for what is in the file.  Pictures come upright (EXIF
    orientation), transparent parts over white, brighter is larger; a PDF page
    that is a scan comes at the scan's own resolution.  The first frame of an
    animation is its page; small previews stored as TIFF pages are left out.

    Args:
        data: the whole file.
        name: of the file in results and errors.
        limits: what to refuse.
        selected_pages: numbers of the pages to decode; what is wrong with the whole file is told all the same.

    Yields:
        In page order: ``PageImage`` with a read-only, contiguous image, or ``PageFailure``.
    """
    kind = _detect_format(data)
    for number, content in _decode_pages(data, kind, limits, selected_pages):
        if isinstance(content, str):
            place = f"{name}, page {number}" if number and kind in {"TIFF", "PDF"} else name
            yield PageFailure(name, number, f"{place}: {content}")
        else:
            content.flags.writeable = False
            yield PageImage(name, number, content)


def _detect_format(data: bytes) -> str:
    return next((kind for kind, start in _FORMAT_SIGNATURES if start.match(data[:_SIGNATURE_BYTES])), "")


def _decode_pages(data: bytes, kind: str, limits: Limits, wanted: Container[int]) -> Iterator[NumberedContent]:
    # The decoders are imported only when needed: PDFium and Pillow each cost a
    # noticeable part of a second when the program starts.
    if not data:
        return iter([(0, "is empty; copy or scan it again")])
    if len(data) > limits.file_bytes:
        return iter([(0, f"is larger than {limits.file_bytes / 2**20:.0f} MiB; split it into smaller files")])
    if kind == "PDF":
        from scanner.sources.pdf import decode_pdf

        return decode_pdf(data, limits, wanted)
    if kind:
        from scanner.sources.raster import decode_raster

        return decode_raster(data, kind, limits, wanted)
    return iter([(0, "is not a PNG, JPEG, BMP, WebP, TIFF, HEIC or PDF file; save it as one of these")])


def _read_error_advice(error: OSError) -> str:
    match error:
        case PermissionError():
            return "may not be opened; change its permissions"
        case FileNotFoundError():
            return "is not there any more; give its new place"
        case IsADirectoryError():
            return "is a folder, not a file; give the name of a file"
        case BlockingIOError():
            return "is held by another program; close it there and try again"
        case OSError(errno=errno.ENXIO):
            return "is no file any more; put the file back and try again"
        case _:
            return f"cannot be read ({error.strerror}); copy it to another disk and try again"


def _open_nonblocking(path: str, flags: int) -> int:
    # A pipe that nobody writes to would keep its reader waiting for ever, a terminal would become the program's own.
    # Windows has neither.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
