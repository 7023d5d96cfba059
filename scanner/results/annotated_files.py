"""Files of annotated pages: pictures, and documents to page through.

Each bears a mark, so that the program never removes or replaces by itself what somebody else made.
"""

from __future__ import annotations

import io
import os
import tempfile
from typing import TYPE_CHECKING

import numpy as np

from scanner.atomic_write import write_binary_chunks, write_bytes
from scanner.sources.pdf import pdfium_lock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from scanner.results.annotation_style import AnnotationStyle
    from scanner.types import Image

_MARK = "annotated by digitscan"
_PDF_MARK = f"% {_MARK}, contents "
"""Last line of a document: a comment of PDF, which ends with the fingerprint of its contents."""
_LONGEST_PDF_MARK_BYTES = 200
_PDF_PAGE_HEIGHT_POINTS = 842.0
"""Height of the pages of a document: A4, whatever the resolution."""
_CHUNK_BYTES = 2**20


def write_annotated_picture(path: Path, image: Image, style: AnnotationStyle) -> None:
    """Write the picture of an annotated page.

    Args:
        path: path of the file, with ``style.picture_suffix``.
        image: BGR, shape (height, width, 3).
        style: how to keep it.

    Raises:
        OutputError: if the file cannot be written.
    """
    import PIL.Image
    from PIL.PngImagePlugin import PngInfo

    picture = PIL.Image.fromarray(np.ascontiguousarray(image[:, :, ::-1]))
    stream = io.BytesIO()
    if style.picture_suffix == ".png":
        info = PngInfo()
        info.add_text("Comment", _MARK)
        picture.save(stream, "PNG", pnginfo=info, compress_level=1)
    else:
        picture.save(stream, "JPEG", quality=style.quality, comment=_MARK)
    write_bytes(path, stream.getvalue())


def write_annotated_document(path: Path, pages: Sequence[Path], fingerprint: str) -> None:
    """Write a PDF of the pictures of annotated pages; no more than one of them is in memory at a time.

    Args:
        path: path of the PDF.
        pages: JPEGs of the pages, in order; at least one.
        fingerprint: ASCII text of at most 100 characters that changes with the contents; ``document_fingerprint``
            returns it later.

    Raises:
        OutputError: if the PDF cannot be written.
    """
    import pypdfium2

    with tempfile.TemporaryFile() as stream:
        with pdfium_lock:
            document = pypdfium2.PdfDocument.new()
            try:
                for picture in pages:
                    _append_page(document, picture)
                document.save(stream)
            finally:
                document.close()
        stream.write(f"\n{_PDF_MARK}{fingerprint}\n".encode())
        stream.seek(0)
        write_binary_chunks(path, iter(lambda: stream.read(_CHUNK_BYTES), b""))


def document_fingerprint(path: Path) -> str:
    """Return the fingerprint of a document that ``write_annotated_document`` wrote; empty if there is none."""
    try:
        with path.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - _LONGEST_PDF_MARK_BYTES))
            _, mark, fingerprint = stream.read().rpartition(_PDF_MARK.encode())
    except OSError:
        return ""
    return fingerprint.decode("ascii", "replace").strip() if mark else ""


def is_annotated_file(path: Path) -> bool:
    """Whether this program wrote a picture or a document of annotated pages."""
    import PIL.Image

    if path.suffix == ".pdf":
        return bool(document_fingerprint(path))
    try:
        with PIL.Image.open(path) as picture:
            comment = picture.info.get("comment", picture.info.get("Comment", b""))
    except (OSError, ValueError):
        return False
    return comment in (_MARK, _MARK.encode())


def _append_page(document: Any, picture: Path) -> None:
    import pypdfium2

    image = pypdfium2.PdfImage.new(document)
    image.load_jpeg(_FileOpenedWhenRead(picture), inline=False, autoclose=False)
    width, height = image.get_px_size()
    size = width / height * _PDF_PAGE_HEIGHT_POINTS, _PDF_PAGE_HEIGHT_POINTS
    image.set_matrix(pypdfium2.PdfMatrix().scale(*size))
    page = document.new_page(*size)
    page.insert_obj(image)
    page.gen_content()
    page.close()


class _FileOpenedWhenRead(io.RawIOBase):
    """A file that is open only while it is read: a document has more pages than a process may have open files."""

    def __init__(self, path: Path) -> None:
        self._path, self._size, self._position = path, path.stat().st_size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = start + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        with self._path.open("rb") as stream:
            stream.seek(self._position)
            count = stream.readinto(buffer)
        self._position += count
        return count
