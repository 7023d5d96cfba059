"""PNG, JPEG, BMP, WebP, TIFF and HEIC files decoded by Pillow.

Pillow and the libraries it uses have settings and messages that belong to the whole process.  Here they are silenced
while they decode, and their messages become the error of the page, so that half a page never passes for a whole one.
"""

from __future__ import annotations

import importlib
import io
import logging
import os
import re
import struct
import tempfile
import threading
import warnings
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from scanner.memory_limit import current_limit
from scanner.sources.failure_reasons import (
    CUT_SHORT,
    DAMAGED,
    NO_PAGES,
    too_many_pages,
    too_many_pixels,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from numpy.typing import NDArray
    from PIL.ImageFile import ImageFile
    from PIL.TiffImagePlugin import TiffImageFile

    from scanner.sources.limits import Limits, NumberedContent
    from scanner.types import Image

# Classes are loaded by name and not through PIL.Image.open, which loads every plugin and has limits of its own.
_PILLOW_CLASSES = {
    "PNG": ("PIL.PngImagePlugin", "PngImageFile"),
    "JPEG": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "BMP": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "WEBP": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "TIFF": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "HEIF": ("pi_heif.as_plugin", "HeifImageFile"),
}

# Exceptions that Pillow's parsers, which are written in Python, raise on malformed bytes.
_DECODING_ERRORS = (
    *(ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError),
    *(SyntaxError, TypeError, ValueError, struct.error, zlib.error),
)

# Tags of TIFF 6.0, sections 8 and 13.
_NEW_SUBFILE_TYPE_TAG = 254
_REDUCED_RESOLUTION_BIT = 1
_PHOTOMETRIC_TAG = 262
_MIN_IS_WHITE = 0

# An error line of libtiff: the function that found the error, or the name that Pillow gives every file, and a sentence.
_LIBTIFF_ERROR_LINE = re.compile(
    rb"(tempfile\.tif|\w*(TIFF|Fax|LZW|ZIP|LZMA|ZSTD|WEBP|JPEG|LERC|LogL|PixarLog|PackBits|Decode|Setup"
    rb"|Strip|Tile|Directory|MissingRequired)\w*): .*\.$"
)

# Pillow logs some broken files as errors, and Python prints records that have no handler.
logging.getLogger("PIL").addHandler(logging.NullHandler())

# The settings changed below belong to the whole process, so only one thread decodes at a time.
_pillow_lock = threading.RLock()


def count_tiff_pages(data: bytes, max_pages: int) -> int:
    """Count the pages that a TIFF file claims to have, previews included, up to ``max_pages``."""
    return len(_find_tiff_directories(data, max_pages)[2])


def decode_raster(
    data: bytes, file_format: str, limits: Limits, selected_pages: Container[int]
) -> Iterator[NumberedContent]:
    """Decode a picture, or the pages of a TIFF one by one.

    Args:
        data: the whole file.
        file_format: ``"PNG"``, ``"JPEG"``, ``"BMP"``, ``"WEBP"``, ``"TIFF"`` or ``"HEIF"``.
        limits: what to refuse.
        selected_pages: numbers of the pages to decode.

    Yields:
        Page number from 1 (0: the file cannot be opened) with a ``uint8`` BGR picture of shape (height, width, 3), or
        with what is wrong and what to do.
    """
    if file_format == "TIFF":
        yield from _decode_tiff_pages(data, limits, selected_pages)
        return
    if 1 not in selected_pages:
        return
    with _silenced_pillow():
        try:
            picture = _open_image(file_format, io.BytesIO(data))
        except ImportError:
            decoded: NumberedContent = 0, "is a HEIC file, which needs the package pi-heif; install digitscan[heic]"
        except _DECODING_ERRORS as error:
            decoded = 0, _describe_error(error)
        else:
            decoded = 1, _load_image(picture, limits)
    yield decoded


def _decode_tiff_pages(data: bytes, limits: Limits, selected_pages: Container[int]) -> Iterator[NumberedContent]:
    pointer_offset, pointer_format, directories = _find_tiff_directories(data, limits.pages + 1)
    if not directories:
        yield 0, NO_PAGES
    for number, directory in enumerate(directories, start=1):
        if number not in selected_pages:
            continue
        if number > limits.pages:
            yield number, too_many_pages(limits.pages)
            return
        # Each page is opened as if it were the first, so that a damaged page does not affect the others.
        pointer = struct.pack(pointer_format, directory)
        stream = io.BytesIO(data)
        if data[pointer_offset : pointer_offset + len(pointer)] != pointer:
            # The stream shares the bytes of the file until something is written to it.
            stream.seek(pointer_offset)
            stream.write(pointer)
            stream.seek(0)
        with _silenced_pillow():
            try:
                picture = _open_image("TIFF", stream)
            except _DECODING_ERRORS as error:
                content: Image | str = _describe_error(error)
            else:
                if number > 1 and _is_preview(picture):
                    continue
                with _captured_libtiff_errors() as lines:
                    content = _load_image(picture, limits)
                if lines:
                    content = DAMAGED
        yield number, content


def _find_tiff_directories(data: bytes, max_pages: int) -> tuple[int, str, list[int]]:
    """Find the directories of the pages (TIFF 6.0, section 2).

    Returns:
        Offset in the file of the pointer to the first directory, the struct format of such pointers, and the offset of
        each directory.
    """
    order = "<" if data[:2] == b"II" else ">"
    if 43 in data[2:4]:  # BigTIFF
        first_pointer, pointer_format, count_format, entry_bytes = 8, f"{order}Q", f"{order}Q", 20
    else:
        first_pointer, pointer_format, count_format, entry_bytes = 4, f"{order}I", f"{order}H", 12
    directories: list[int] = []
    seen = {0}
    offset = first_pointer
    while len(directories) < max_pages:
        try:
            (directory,) = struct.unpack_from(pointer_format, data, offset)
            if directory in seen:
                break
            seen.add(directory)
            directories.append(directory)
            (entries,) = struct.unpack_from(count_format, data, directory)
        except (struct.error, OverflowError):
            # The chain leads out of the file: the missing page is listed, so that decoding it reports an error.
            if not directories or directories[-1] < len(data):
                directories.append(len(data))
            break
        offset = directory + struct.calcsize(count_format) + entries * entry_bytes
    return first_pointer, pointer_format, directories


def _is_preview(picture: TiffImageFile) -> bool:
    subfile_type = picture.tag_v2.get(_NEW_SUBFILE_TYPE_TAG, 0)
    return isinstance(subfile_type, int) and bool(subfile_type & _REDUCED_RESOLUTION_BIT)


def _open_image(file_format: str, stream: io.BytesIO) -> Any:
    module, name = _PILLOW_CLASSES[file_format]
    return getattr(importlib.import_module(module), name)(stream)


def _load_image(picture: ImageFile, limits: Limits) -> Image | str:
    width, height = picture.size
    if width * height > limits.pixels:
        return too_many_pixels(limits.pixels, (width, height))
    try:
        picture.load()
        return _to_bgr(picture)
    except _DECODING_ERRORS as error:
        return _describe_error(error)


def _describe_error(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return current_limit().failure_reason()
    message = str(error).lower()
    if isinstance(error, EOFError) or "truncated" in message or "end of file" in message:
        return CUT_SHORT
    if "not been built in" in message:  # libheif says so of AVIF in a file that claims to be HEIF
        return "is compressed in a way that is not supported; save it as PNG or JPEG"
    return DAMAGED


def _to_bgr(picture: ImageFile) -> Image:
    from PIL import Image as PillowImage

    _apply_exif_orientation(picture)
    flat: PillowImage.Image = picture
    if flat.mode[0] in "IF":
        return _gray_to_bgr(_scale_to_8_bits(np.asarray(flat), _is_min_white(picture)))
    if flat.mode == "LAB":
        flat = flat.getchannel("L")
    elif "transparency" in flat.info or flat.mode in {"RGBA", "RGBa", "LA", "La", "PA"}:
        paper = PillowImage.new("RGBA", flat.size, "white")
        flat = PillowImage.alpha_composite(paper, (flat.convert("LA") if flat.mode == "La" else flat).convert("RGBA"))
        flat = flat.convert("RGB")
    elif flat.mode == "1":
        flat = flat.convert("L")
    elif flat.mode not in {"L", "RGB"}:
        flat = flat.convert("RGB")
    if flat.mode == "L":
        return _gray_to_bgr(np.asarray(flat))
    return np.frombuffer(flat.tobytes("raw", "BGR"), np.uint8).reshape(flat.height, flat.width, 3)


def _apply_exif_orientation(picture: ImageFile) -> None:
    from PIL import ImageOps

    if picture.format == "TIFF":  # Pillow has applied it already
        return
    try:
        ImageOps.exif_transpose(picture, in_place=True)
    except (LookupError, OSError, SyntaxError, TypeError, ValueError, struct.error):
        # Damaged EXIF data does not mean that the pixels are damaged.
        return


def _gray_to_bgr(gray: Image) -> Image:
    import cv2

    return np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), np.uint8)


def _is_min_white(picture: ImageFile) -> bool:
    # Pillow inverts such pictures itself, but only those of up to 8 bits.
    tags: Any = getattr(picture, "tag_v2", {})
    return bool(tags.get(_PHOTOMETRIC_TAG, 1) == _MIN_IS_WHITE)


def _scale_to_8_bits(values: NDArray[Any], negative: bool) -> Image:
    """Scale 16 or 32 bit integers, or floats, to 0-255.

    White is not the brightest value in the picture, so that a dark page stays dark, but the largest of its bit depth.
    That is taken as the fewest bits that hold all values, because scanners of 10, 12 or 14 bits store 16 with the high
    bits zero.  Floats within 0-1 have white at 1.  Negative values move black down; NaN is white, like paper.
    """
    import cv2

    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if finite.size == 0:
        return np.full(values.shape, 255, np.uint8)
    black, top = min(0.0, float(finite.min())), float(finite.max())
    white = 1.0 if values.dtype.kind == "f" and top <= 1 else float(2 ** max(8, int(top).bit_length()) - 1)
    if values.dtype.kind == "f":
        values = np.nan_to_num(values, nan=white, posinf=white, neginf=black)
    scale = 255 / (white - black)
    scaled = np.asarray(cv2.convertScaleAbs(values, alpha=scale, beta=-black * scale), np.uint8)
    return 255 - scaled if negative else scaled


@contextmanager
def _silenced_pillow() -> Iterator[None]:
    """Silence Pillow's warnings and turn off its pixel limit; ``Limits`` is checked before anything is decoded."""
    from PIL import Image as PillowImage

    with _pillow_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        limit, PillowImage.MAX_IMAGE_PIXELS = PillowImage.MAX_IMAGE_PIXELS, None
        try:
            yield
        finally:
            PillowImage.MAX_IMAGE_PIXELS = limit


@contextmanager
def _captured_libtiff_errors() -> Iterator[list[bytes]]:
    """Collect libtiff's error lines; the list is filled when the block ends.

    After a bad code word in fax data libtiff continues with white rows, and only a line on the process's stderr says
    so.  Pillow has no way to set libtiff's error handler, so stderr is redirected to a file meanwhile; whatever else
    was written there is passed on.
    """
    lines: list[bytes] = []
    try:
        stderr = os.dup(2)
    except OSError:  # a process without stderr: no lines can be captured
        yield lines
        return
    with tempfile.TemporaryFile() as captured:
        os.dup2(captured.fileno(), 2)
        try:
            yield lines
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            captured.seek(0)
            for line in captured:
                if _LIBTIFF_ERROR_LINE.match(line.rstrip()):
                    lines.append(line)
                else:
                    os.write(2, line)
