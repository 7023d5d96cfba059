"""Images of pages: arrays that users pass, and the image that belongs to a page that was read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from scanner.errors import PageError
from scanner.sources.decoding import PageFailure, decode_bytes, read_file

if TYPE_CHECKING:
    from scanner.sources.limits import Limits
    from scanner.types import Image as Image
    from scanner.types import PageRef
else:
    # Annotations can be evaluated without loading NumPy.
    Image = Any

ARRAYS = "an array of uint8, shape (height, width, 3) in BGR order or (height, width) in greyscale"
"""The arrays that are accepted as images, for errors."""


class ImageSource(Protocol):
    """Provides the image of a page that was read."""

    def load(self) -> Image:
        """Return the image, shape (height, width, 3), BGR.

        Raises:
            PageError: if it cannot be loaded any more.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class ArraySource:
    """The image of a page that was passed as an array."""

    image: Image

    def load(self) -> Image:
        """Return the image."""
        return self.image


@dataclass(frozen=True, slots=True, eq=False)
class BytesSource:
    """The image of a page of a file that is in memory."""

    data: bytes
    name: str
    page_number: int
    limits: Limits

    def load(self) -> Image:
        """Decode the page again."""
        for page in decode_bytes(self.data, self.name, self.limits, (self.page_number,)):
            if isinstance(page, PageFailure):
                raise PageError(page.error)
            return page.image
        raise PageError(f"{self.name}: has no page {self.page_number}")


@dataclass(frozen=True, slots=True, eq=False)
class FileSource:
    """The image of a page of a file on disk, which is read again: a long document would fill the memory."""

    ref: PageRef
    page_number: int
    sha256: str
    limits: Limits

    def load(self) -> Image:
        """Read the file and decode the page again."""
        try:
            data = read_file(self.ref, self.limits)
        except OSError as error:
            raise PageError(f"{self.ref.file}: cannot be read again ({error.strerror}); pass the image") from error
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise PageError(f"{self.ref.file}: was changed after it was read; read it again")
        return BytesSource(data, self.ref.file, self.page_number, self.limits).load()


def to_page_image(image: object, name: str = "image", accepted: str = ARRAYS) -> Image:
    """Check an array and convert it to the image of a page.

    Args:
        image: the array, uint8: colour in BGR order, shape (height, width, 3), or greyscale, shape (height, width) or
            (height, width, 1).
        name: name of the argument, for errors.
        accepted: what the argument may be, for errors.

    Returns:
        A copy, shape (height, width, 3), BGR, contiguous.

    Raises:
        ValueError: for any other type, shape or dtype; it quotes what was given.
    """
    import numpy as np

    if not isinstance(image, np.ndarray):
        raise ValueError(f"{name}={_shorten(image)}: give {accepted}")
    channels: Any = image.shape[2:] or (1,)
    if image.dtype != np.uint8 or image.ndim not in {2, 3} or channels not in {(1,), (3,)} or not image.size:
        raise ValueError(f"{name} has shape {image.shape} and dtype {image.dtype}: give {accepted}")
    colour = image.reshape(*image.shape[:2], *channels)
    return np.ascontiguousarray(np.broadcast_to(colour, (*image.shape[:2], 3))).copy()


def _shorten(value: object, length: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= length else f"{text[:length]}..."
