"""A small page in every file format that the program reads."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image as PillowImage

from scanner.errors import NotInstalledError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scanner.types import Image

_PAGE_COUNT = 3
"""Number of pages in multi-page files."""
_8_BIT_TO_16_BIT_FACTOR = 257
"""Factor from 8-bit to 16-bit levels: 255 becomes 65535."""
_DPI = 150
_JPEG_QUALITY = 90


def encode_originals(page: Image) -> Mapping[str, bytes]:
    """Encode a page in every format.

    Args:
        page: grey, shape (H, W), uint8.

    Returns:
        Contents of the files by name, such as ``lzw.tif``.

    Raises:
        NotInstalledError: if the package that writes HEIC is not installed.
    """
    return {name: encode(page) for name, encode in _ENCODERS.items()}


def _pillow_encoder(format_name: str, mode: str = "L", pages: int = 1, **options: Any) -> Callable[[Image], bytes]:
    def encode(page: Image) -> bytes:
        # Bilevel as by a scanner: without dithering where the paper is not quite white.
        first = PillowImage.fromarray(page).convert(mode, dither=PillowImage.Dither.NONE)
        more: dict[str, Any] = {}
        if pages > 1:
            # Turned, so that pages in the wrong order are noticed.
            rest = [first.transpose(PillowImage.Transpose.ROTATE_180) for _ in range(pages - 1)]
            more = {"save_all": True, "append_images": rest}
        stream = io.BytesIO()
        first.save(stream, format_name, **options, **more)
        return stream.getvalue()

    return encode


def _opencv_encoder(suffix: str, channels: int) -> Callable[[Image], bytes]:
    """Encoder for 16-bit images, which Pillow does not write in colour."""

    def encode(page: Image) -> bytes:
        deep = page.astype(np.uint16) * np.uint16(_8_BIT_TO_16_BIT_FACTOR)
        encoded, data = cv2.imencode(suffix, np.repeat(deep[:, :, None], channels, axis=2))
        assert encoded, f"OpenCV cannot encode {suffix}"
        return data.tobytes()

    return encode


def _heic_encoder(channels: str) -> Callable[[Image], bytes]:
    def encode(page: Image) -> bytes:
        try:
            import pillow_heif
        except ImportError as error:
            raise NotInstalledError("writing HEIC needs pillow-heif: install digitscan[dev]") from error
        stream = io.BytesIO()
        pillow_heif.from_pillow(PillowImage.fromarray(page).convert(channels)).save(stream, quality=_JPEG_QUALITY)
        return stream.getvalue()

    return encode


_ENCODERS: Mapping[str, Callable[[Image], bytes]] = {
    "bilevel.png": _pillow_encoder("PNG", "1"),
    "gray.png": _pillow_encoder("PNG"),
    "colour.png": _pillow_encoder("PNG", "RGB"),
    "palette.png": _pillow_encoder("PNG", "P"),
    "transparent.png": _pillow_encoder("PNG", "RGBA"),
    "gray16.png": _opencv_encoder(".png", 1),
    "colour16.png": _opencv_encoder(".png", 3),
    "gray.jpg": _pillow_encoder("JPEG", quality=_JPEG_QUALITY),
    "colour.jpg": _pillow_encoder("JPEG", "RGB", quality=_JPEG_QUALITY),
    "progressive.jpg": _pillow_encoder("JPEG", "RGB", quality=_JPEG_QUALITY, progressive=True),
    "bilevel.bmp": _pillow_encoder("BMP", "1"),
    "gray.bmp": _pillow_encoder("BMP"),
    "colour.bmp": _pillow_encoder("BMP", "RGB"),
    "lossy.webp": _pillow_encoder("WEBP", "RGB", quality=_JPEG_QUALITY),
    "lossless.webp": _pillow_encoder("WEBP", "RGB", lossless=True),
    "gray.heic": _heic_encoder("L"),
    "colour.heic": _heic_encoder("RGB"),
    "plain.tif": _pillow_encoder("TIFF"),
    "lzw.tif": _pillow_encoder("TIFF", "RGB", compression="tiff_lzw"),
    "deflate.tif": _pillow_encoder("TIFF", compression="tiff_adobe_deflate"),
    "jpeg.tif": _pillow_encoder("TIFF", "RGB", compression="jpeg"),
    "fax.tif": _pillow_encoder("TIFF", "1", compression="group4"),
    "gray16.tif": _opencv_encoder(".tif", 1),
    "colour16.tif": _opencv_encoder(".tif", 3),
    "pages.tif": _pillow_encoder("TIFF", pages=_PAGE_COUNT, compression="tiff_lzw"),
    "faxes.tif": _pillow_encoder("TIFF", "1", pages=_PAGE_COUNT, compression="group4"),
    "gray.pdf": _pillow_encoder("PDF", resolution=_DPI),
    "fax.pdf": _pillow_encoder("PDF", "1", resolution=_DPI),
    "pages.pdf": _pillow_encoder("PDF", "RGB", pages=_PAGE_COUNT, resolution=_DPI),
}
