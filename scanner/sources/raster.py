"""PNG, JPEG, BMP, WebP, TIFF and HEIC files to pictures, by Pillow.

Pillow and the libraries under it keep settings and speak to the user for the
whole process.  Here they are kept quiet while they work, and what they say
becomes the error of the page: half a page is never passed off as a whole one.
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

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from numpy.typing import NDArray
    from PIL.ImageFile import ImageFile
    from PIL.TiffImagePlugin import TiffImageFile

    from scanner.sources.limits import Limits, NumberedContent
    from scanner.types import Image

# Opened by name, not through PIL.Image.open, which loads every plugin and has limits of its own.
_PILLOW_CLASSES = {
    "PNG": ("PIL.PngImagePlugin", "PngImageFile"),
    "JPEG": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "BMP": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "WEBP": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "TIFF": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "HEIF": ("pi_heif.as_plugin", "HeifImageFile"),
}

# What Pillow's parsers, written in Python, raise on bytes that are not what they should be.
_DECODING_ERRORS = (
    *(ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError),
    *(SyntaxError, TypeError, ValueError, struct.error, zlib.error),
)

# Tags of TIFF 6.0, sections 8 and 13.
_NEW_SUBFILE_TYPE_TAG = 254
_REDUCED_RESOLUTION_BIT = 1
_PHOTOMETRIC_TAG = 262
_MIN_IS_WHITE = 0

# An error line of libtiff: the function that found it, or the name Pillow gives every file, and a sentence.
_LIBTIFF_ERROR_LINE = re.compile(
    rb"(tempfile\.tif|\w*(TIFF|Fax|LZW|ZIP|LZMA|ZSTD|WEBP|JPEG|LERC|LogL|PixarLog|PackBits|Decode|Setup"
    rb"|Strip|Tile|Directory|MissingRequired)\w*): .*\.$"
)

# Pillow logs some broken files as errors, and Python prints what no handler takes.
logging.getLogger("PIL").addHandler(logging.NullHandler())

# The settings below are the process's, so one thread decodes at a time.
_pillow_lock = threading.RLock()


def count_tiff_pages(data: bytes, max_pages: int) -> int:
    """How many pages, previews included, a TIFF file says it has, up to a number."""
    return len(_find_tiff_directories(data, max_pages)[2])


def decode_raster(
    data: bytes, file_format: str, limits: Limits, selected_pages: Container[int]
) -> Iterator[NumberedContent]:
    """Decode the picture, or the pages of a TIFF one by one.

    Args:
        data: the whole file.
        file_format: ``"PNG"``, ``"JPEG"``, ``"BMP"``, ``"WEBP"``, ``"TIFF"`` or ``"HEIF"``.
        limits: what to refuse.
        selected_pages: numbers of the pages to decode.

    Yields:
        Page number from 1 (0: the file cannot be opened) with a picture of
        shape (height, width, 3), BGR, or what is wrong and what to do.
    """
    if file_format == "TIFF":
        yield from _decode_tiff_pages(data, limits, selected_pages)
        return
    if 1 not in selected_pages:
        return
    with _silenced_pillow():
        try:
            picture = _open_image(file_format, data)
        except ImportError:
            decoded: NumberedContent = 0, "is a HEIC file, which needs the package pi-heif; install digitscan[heic]"
        except _DECODING_ERRORS as error:
            decoded = 0, _describe_error(error)
        else:
            decoded = 1, _load_image(picture, limits)
    yield decoded


def _decode_tiff_pages(data: bytes, limits: Limits, wanted: Container[int]) -> Iterator[NumberedContent]:
    place, pointer, directories = _find_tiff_directories(data, limits.pages + 1)
    if not directories:
        yield 0, "has no pages; scan it again"
    for number, directory in enumerate(directories, start=1):
        if number not in wanted:
            continue
        if number > limits.pages:
            yield number, f"is one of more than {limits.pages} pages; split the file"
            return
        # Each page is opened as if it were the first, so that it stands for itself.
        first = struct.pack(pointer, directory)
        with _silenced_pillow():
            try:
                picture = _open_image("TIFF", data[:place] + first + data[place + len(first) :])
            except _DECODING_ERRORS as error:
                content: Image | str = _describe_error(error)
            else:
                if number > 1 and _is_preview(picture):
                    continue
                with _captured_libtiff_errors() as lines:
                    content = _load_image(picture, limits)
                if lines:
                    content = "is damaged; copy or scan it again"
        yield number, content


def _find_tiff_directories(data: bytes, most: int) -> tuple[int, str, list[int]]:
    """Where the first page's place is stored, its struct format, and the places of the pages (TIFF 6.0, section 2)."""
    order = "<" if data[:2] == b"II" else ">"
    big = 43 in data[2:4]
    place, pointer, count, entry_bytes = (8, order + "Q", order + "Q", 20) if big else (4, order + "I", order + "H", 12)
    directories: list[int] = []
    seen = {0}
    at = place
    while len(directories) < most:
        try:
            (directory,) = struct.unpack_from(pointer, data, at)
            if directory in seen:
                break
            seen.add(directory)
            directories.append(directory)
            (entries,) = struct.unpack_from(count, data, directory)
        except (struct.error, OverflowError):
            # The chain leads out of the file: let the page that is missing be reported as such.
            if not directories or directories[-1] < len(data):
                directories.append(len(data))
            break
        at = directory + struct.calcsize(count) + entries * entry_bytes
    return place, pointer, directories


def _is_preview(picture: TiffImageFile) -> bool:
    kind = picture.tag_v2.get(_NEW_SUBFILE_TYPE_TAG, 0)
    return isinstance(kind, int) and bool(kind & _REDUCED_RESOLUTION_BIT)


def _open_image(kind: str, data: bytes) -> Any:
    module, name = _PILLOW_CLASSES[kind]
    return getattr(importlib.import_module(module), name)(io.BytesIO(data))


def _load_image(picture: ImageFile, limits: Limits) -> Image | str:
    width, height = picture.size
    if width * height > limits.pixels:
        return (
            f"has {width} x {height} pixels, more than the {limits.pixels / 1e6:.0f} million that are read; "
            "scan it at a lower resolution"
        )
    try:
        picture.load()
        return _to_bgr(picture)
    except _DECODING_ERRORS as error:
        return _describe_error(error)


def _describe_error(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "needs more memory than there is; scan it at a lower resolution"
    said = str(error).lower()
    if isinstance(error, EOFError) or "truncated" in said or "end of file" in said:
        return "is cut short; copy or scan it again"
    if "not been built in" in said:  # libheif, of AVIF that calls itself HEIF
        return "is compressed in a way that is not read; save it as PNG or JPEG"
    return "is damaged; copy or scan it again"


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

    if picture.format == "TIFF":  # Pillow has turned it already
        return
    try:
        ImageOps.exif_transpose(picture, in_place=True)
    except (LookupError, OSError, SyntaxError, TypeError, ValueError, struct.error):
        # EXIF that cannot be parsed says nothing of the pixels, which can.
        return


def _gray_to_bgr(gray: Image) -> Image:
    import cv2

    return np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), np.uint8)


def _is_min_white(picture: ImageFile) -> bool:
    # Pillow inverts such pictures itself up to 8 bits, but not beyond.
    tags: Any = getattr(picture, "tag_v2", {})
    return bool(tags.get(_PHOTOMETRIC_TAG, 1) == _MIN_IS_WHITE)


def _scale_to_8_bits(values: NDArray[Any], negative: bool) -> Image:
    """Scale whole numbers of 16 or 32 bits, or floats, to 0-255.

    White is not the brightest value there is (a dark page stays dark) but the
    largest of its bit depth, taken as the fewest bits that hold all values:
    scanners of 10, 12 or 14 bits store theirs in 16, the high bits zero.
    Floats that stay within 0-1 have white at 1.  Negative values move black
    down; what is not a number is white, as paper is.
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
    """Pillow without warnings and without its own pixel limit: ``Limits`` is checked before anything is decoded."""
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
    """Collect libtiff's error lines, filled in when the block ends.

    libtiff carries on after a bad code word of fax data with white rows, and
    only its line on the process's stderr tells.  Pillow has no way to set its
    error handler, so stderr is lent to a file meanwhile; whatever else was
    written there is passed on.
    """
    lines: list[bytes] = []
    try:
        stderr = os.dup(2)
    except OSError:  # a process without stderr: nothing can be heard
        yield lines
        return
    with tempfile.TemporaryFile() as heard:
        os.dup2(heard.fileno(), 2)
        try:
            yield lines
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            heard.seek(0)
            for line in heard:
                if _LIBTIFF_ERROR_LINE.match(line.rstrip()):
                    lines.append(line)
                else:
                    os.write(2, line)
