"""Fonts to print pages with: those that come in Python packages, and those of the system.

Text is drawn by FreeType through Pillow.  A font counts only if it has every
character that pages are printed with, so that no page shows the empty boxes
of a missing glyph.
"""

from __future__ import annotations

import os
import string
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scanner.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from PIL.ImageFont import FreeTypeFont

    from scanner.types import Image

REQUIRED_CHARACTERS = string.ascii_letters + string.digits + ".,:;-+=()/%#'"
"""What a font has to have."""

_FONT_SUFFIXES = (".ttf", ".otf")
# Sizes of glyphs at which they are compared with that of a character no font has.
_PROBE_SIZE_PIXELS = 24
_UNASSIGNED_CHARACTER = "\U0010fffd"
# Faces and styles that no page is printed with: symbols, handwriting, weights that are all but invisible.
_EXCLUDED_NAME_PARTS = ("symbol", "math", "fallback", "lastresort", "d050000l", "z003", "nonuni", "thin", "variablefont", "cmsy",
          "cmex", "amatic", "emoji", "dingbat", "script", "hand", "cmmi")  # fmt: skip  # in columns
_SYSTEM_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
    "C:/Windows/Fonts",
)
# Faces whose characters are all equally wide.
_MONOSPACE_NAME_PARTS = ("mono", "typewriter", "courier", "consol", "code")
# What the faces of a family are called, the preferred first.
_REGULAR_STYLE_NAMES = ("regular", "roman", "book", "normal", "medium", "light")
_BOLD_STYLE_NAMES = ("bold", "semibold", "demi", "heavy", "black")
_ITALIC_STYLE_NAMES = ("italic", "book italic", "regular italic", "it", "light italic", "medium italic")
# Computer Modern names each face as a family of its own.
_COMPUTER_MODERN_FACES = {
    "cmr10": ("Computer Modern", "Regular"),
    "cmb10": ("Computer Modern", "Bold"),
    "cmti10": ("Computer Modern", "Italic"),
    "cmss10": ("Computer Modern Sans", "Regular"),
    "cmtt10": ("Computer Modern Typewriter", "Regular"),
}


def find_packaged_fonts() -> tuple[Path, ...]:
    """Fonts of installed Python packages, sorted by file name.

    These are the packages that announce their files as ``fonts_ttf`` (PyPI:
    ``font-roboto``, ``font-source-serif-pro`` ...) and Matplotlib, which brings
    Computer Modern, STIX and DejaVu.
    """
    folders = []
    for entry in entry_points(group="fonts_ttf"):
        spec = find_spec(entry.module)
        if spec is not None and spec.origin is not None:
            folders.append(Path(spec.origin).parent)
    matplotlib = find_spec("matplotlib")
    if matplotlib is not None and matplotlib.origin is not None:
        folders.append(Path(matplotlib.origin).parent / "mpl-data" / "fonts" / "ttf")
    return _find_usable_fonts(folders)


def find_system_fonts() -> tuple[Path, ...]:
    """Fonts in the folders where operating systems keep them, sorted by file name."""
    return _find_usable_fonts(Path(folder).expanduser() for folder in _SYSTEM_FOLDERS)


def find_fonts() -> tuple[Path, ...]:
    """The packaged fonts; without any of them those of the system.

    Raises:
        DataError: if there are none either.
    """
    found = find_packaged_fonts() or find_system_fonts()
    if not found:
        raise DataError("no fonts to print pages with; install some: pip install font-roboto font-source-serif-pro")
    return found


def is_usable_font(path: Path) -> bool:
    """Whether text can be printed with the font: it has all of ``REQUIRED_CHARACTERS`` and is no font of symbols."""
    if any(word in path.name.lower() for word in _EXCLUDED_NAME_PARTS):
        return False
    try:
        font = open_font(path, _PROBE_SIZE_PIXELS)
    except OSError:
        return False
    missing = bytes(font.getmask(_UNASSIGNED_CHARACTER))
    masks = {character: bytes(font.getmask(character)) for character in REQUIRED_CHARACTERS}
    return all(any(mask) and mask != missing for mask in masks.values()) and masks["a"] != masks["b"]


@dataclass(frozen=True, slots=True)
class FontFamily:
    """The faces of one design that a page is printed with; a face that there is not is replaced by ``regular``."""

    name: str
    regular: Path
    bold: Path
    italic: Path

    @property
    def monospaced(self) -> bool:
        """Whether its name says that its characters are equally wide."""
        return any(word in self.name.lower() for word in _MONOSPACE_NAME_PARTS)


def group_by_family(paths: Iterable[Path]) -> tuple[FontFamily, ...]:
    """Fonts by family, sorted by name: a family with twelve weights is printed with no more often than one with two.

    Raises:
        OSError: if a file is no font.
    """
    faces: dict[str, dict[str, Path]] = {}
    for path in paths:
        family, style = _COMPUTER_MODERN_FACES.get(path.stem) or open_font(path, _PROBE_SIZE_PIXELS).getname()
        faces.setdefault(family or path.stem, {})[(style or "").lower().replace("oblique", "italic")] = path
    return tuple(_to_family(name, styles) for name, styles in sorted(faces.items()))


def _to_family(name: str, styles: Mapping[str, Path]) -> FontFamily:
    regular = next((styles[style] for style in _REGULAR_STYLE_NAMES if style in styles), styles[min(styles)])
    bold = next((styles[style] for style in _BOLD_STYLE_NAMES if style in styles), regular)
    italic = next((styles[style] for style in _ITALIC_STYLE_NAMES if style in styles), regular)
    return FontFamily(name, regular, bold, italic)


@lru_cache(maxsize=256)
def open_font(path: Path, size: int) -> FreeTypeFont:
    """The font with ``size`` pixels to the em.

    Raises:
        OSError: if the file is no font.
    """
    from PIL import ImageFont

    # The basic layout is the same on every machine; Raqm is there on some only.
    return ImageFont.truetype(os.fspath(path), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=1024)
def render_text(text: str, path: Path, size: int) -> tuple[Image, int, int, float]:
    """Text as ink.

    Args:
        text: one line; not blank.
        path: of the font.
        size: pixels to the em.

    Returns:
        Cover, shape (H, W), uint8, 255 = ink, not to be written to; the x of its left and the y of its top edge from
        where the baseline begins; and how far the pen moves on, pixels.
    """
    font = open_font(path, size)
    mask, (left, top) = font.getmask2(text, mode="L", anchor="ls")
    width, height = mask.size
    coverage = np.frombuffer(bytes(mask), np.uint8).reshape(height, width)
    return coverage, int(left), int(top), float(font.getlength(text))


def _find_usable_fonts(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Fit fonts in the folders and those below; one of those that have the same name."""
    paths = {
        path.stem: path
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in _FONT_SUFFIXES
    }
    return tuple(path for _, path in sorted(paths.items()) if is_usable_font(path))
