"""The pages of a stack as pictures, the last few of them kept."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

import cv2
import numpy as np

from scanner.batch.failure_isolation import isolate_decoding_errors
from scanner.errors import PageError
from scanner.sources.decoding import PageFailure, decode_bytes, page_label, read_file
from scanner.sources.discovery import find_files
from scanner.types import PageRef

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from scanner.review.stack import StackPage
    from scanner.types import Image

_Kept = TypeVar("_Kept")

_KEPT_PAGES = 2
"""Decoded pages that are kept: the one that is looked at, and the one that is cut ahead.  One may take 120 MB."""
_KEPT_PICTURES = 6
"""Encoded pages that are kept, each about a megabyte: who pages back and forth does not wait."""
_MAX_PICTURE_SIDE = 2400
"""Longest side of the picture of a page, pixels: 205 dpi of A4, at which pen strokes are seen when enlarged."""
_JPEG_QUALITY = 82


class DecodedPages:
    """Pages by their index in the stack; may be used by several threads."""

    def __init__(self, pages: Sequence[StackPage], folder: Path | None = None) -> None:
        """Remember where the pages are.

        Args:
            pages: the pages.
            folder: the folder that was scanned, if it is elsewhere now; None to look where the files were.

        Raises:
            NothingToReadError: if there are no files in the folder.
        """
        self._pages = pages
        self._paths = None if folder is None else {ref.file: ref for ref in find_files([folder])}
        self._decoded: OrderedDict[int, Image] = OrderedDict()
        self._pictures: OrderedDict[int, bytes] = OrderedDict()
        # One page is decoded at a time: that bounds the memory.
        self._lock = Lock()

    def image(self, index: int) -> Image:
        """The original page, shape (height, width, 3), BGR.

        Raises:
            PageError: if its file is not there any more, is another one now, or cannot be decoded.
        """
        with self._lock:
            if index not in self._decoded:
                self._decoded[index] = _decode(self._pages[index], self._paths)
            return _kept(self._decoded, index, _KEPT_PAGES)

    def picture(self, index: int) -> bytes:
        """The page as a JPEG to look at, made smaller if it is large.

        Raises:
            PageError: as for ``image``.
        """
        with self._lock:
            if index in self._pictures:
                return _kept(self._pictures, index, _KEPT_PICTURES)
        picture = encode_jpeg(shrunk(self.image(index), _MAX_PICTURE_SIDE, _MAX_PICTURE_SIDE), _JPEG_QUALITY)
        with self._lock:
            self._pictures[index] = picture
            return _kept(self._pictures, index, _KEPT_PICTURES)


def shrunk(image: Image, max_width: int, max_height: int) -> Image:
    """A picture made smaller, if need be, so that it is no larger than that."""
    height, width = image.shape[:2]
    scale = min(max_width / width, max_height / height)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def encode_jpeg(image: Image, quality: int) -> bytes:
    """Encode a picture as JPEG."""
    encoded, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not encoded:
        raise PageError("the picture cannot be shown")
    return data.tobytes()


def _kept(kept: OrderedDict[int, _Kept], index: int, count: int) -> _Kept:
    kept.move_to_end(index)
    while len(kept) > count:
        kept.popitem(last=False)
    return kept[index]


def _decode(page: StackPage, paths: Mapping[str, PageRef] | None) -> Image:
    label = page_label(page.file, page.page_number)
    if page.error:
        raise PageError(page.error)
    read_at = None if page.path is None else PageRef(page.path, page.file)
    ref = read_at if paths is None else paths.get(page.file)
    if ref is None:
        raise PageError(f"{label}: is not known where it is; name the folder that was scanned with --pages")
    try:
        data = read_file(ref)
    except OSError as error:
        raise PageError(f"{label}: cannot be opened; name the folder that was scanned with --pages") from error
    if hashlib.sha256(data).hexdigest() != page.sha256:
        raise PageError(f"{label}: has changed since it was read; scan again")
    selected = range(page.page_number, page.page_number + 1)
    for decoded in isolate_decoding_errors(decode_bytes(data, page.file, selected_pages=selected), page.file):
        if isinstance(decoded, PageFailure):
            raise PageError(decoded.error)
        if decoded.page_number == page.page_number:
            return decoded.image
    raise PageError(f"{label}: is not in its file")
