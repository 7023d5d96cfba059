"""Fonts of Python packages and of the system, and text rendered with them.

Text is rendered by FreeType through Pillow.  Fonts that lack a required character are not used, so that no page shows
the boxes of missing glyphs.
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
"""Characters that every font must have."""

_FONT_SUFFIXES = (".ttf", ".otf")
_PROBE_SIZE_PIXELS = 24
"""Size at which the glyphs of a font are compared with its glyph for a missing character, pixels per em."""
_UNASSIGNED_CHARACTER = "\U0010fffd"
"""A character that no font has."""
_EXCLUDED_NAME_PARTS = (
    *("symbol", "math", "fallback", "lastresort", "d050000l", "z003", "nonuni", "thin", "variablefont", "cmsy"),
    *("cmex", "amatic", "emoji", "dingbat", "script", "hand", "cmmi"),
)
"""Parts of the file names of fonts that are not used: symbols, handwriting, hairline weights."""
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
_MONOSPACE_NAME_PARTS = ("mono", "typewriter", "courier", "consol", "code")
"""Parts of the names of monospaced families."""
# Styles of the faces of a family, the preferred first.
_REGULAR_STYLE_NAMES = ("regular", "roman", "book", "normal", "medium", "light")
_BOLD_STYLE_NAMES = ("bold", "semibold", "demi", "heavy", "black")
_ITALIC_STYLE_NAMES = ("italic", "book italic", "regular italic", "it", "light italic", "medium italic")
_COMPUTER_MODERN_FACES = {
    "cmr10": ("Computer Modern", "Regular"),
    "cmb10": ("Computer Modern", "Bold"),
    "cmti10": ("Computer Modern", "Italic"),
    "cmss10": ("Computer Modern Sans", "Regular"),
    "cmtt10": ("Computer Modern Typewriter", "Regular"),
}
"""Family and style of Computer Modern fonts, each of which names itself as a family of its own."""


def find_packaged_fonts() -> tuple[Path, ...]:
    """Find the fonts of installed Python packages, sorted by file name.

    These are packages with the entry point ``fonts_ttf`` (on PyPI: ``font-roboto``, ``font-source-serif-pro`` ...) and
    Matplotlib, which has Computer Modern, STIX and DejaVu.
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
    """Find the fonts in the font folders of the operating system, sorted by file name."""
    return _find_usable_fonts(Path(folder).expanduser() for folder in _SYSTEM_FOLDERS)


def find_fonts_in(folder: Path) -> tuple[Path, ...]:
    """Find the fonts in a folder and its subfolders, sorted by file name; none if there is no such folder."""
    return _find_usable_fonts((folder,))


def find_fonts() -> tuple[Path, ...]:
    """Find the fonts of Python packages or, if there are none, those of the system.

    Raises:
        DataError: if there are no fonts at all.
    """
    paths = find_packaged_fonts() or find_system_fonts()
    if not paths:
        raise DataError(
            "there are no fonts to print pages with; install some: pip install font-roboto font-source-serif-pro"
        )
    return paths


def is_usable_font(path: Path) -> bool:
    """Whether a font has all of ``REQUIRED_CHARACTERS`` and is not excluded by its name."""
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
    """The faces of a font family; ``regular`` stands in for a missing face."""

    name: str
    regular: Path
    bold: Path
    italic: Path

    @property
    def monospaced(self) -> bool:
        """Whether the family is monospaced, by its name."""
        return any(word in self.name.lower() for word in _MONOSPACE_NAME_PARTS)


def group_by_family(paths: Iterable[Path]) -> tuple[FontFamily, ...]:
    """Group fonts by family, sorted by name, so that families with many weights are not used more often.

    Raises:
        OSError: if a file is not a font.
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
    """Open a font at ``size`` pixels per em.

    Raises:
        OSError: if the file is not a font.
    """
    from PIL import ImageFont

    # The basic layout is the same on every machine; Raqm is installed on some only.
    return ImageFont.truetype(os.fspath(path), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=1024)
def render_text(text: str, path: Path, size: int) -> tuple[Image, int, int, float]:
    """Render text.

    Args:
        text: one line, not blank.
        path: file of the font.
        size: pixels per em.

    Returns:
        Read-only coverage, shape (H, W), uint8, 255 = ink; x of its left and y of its top edge relative to the start of
        the baseline; and the advance width, pixels.
    """
    font = open_font(path, size)
    mask, (left, top) = font.getmask2(text, mode="L", anchor="ls")
    width, height = mask.size
    coverage = np.frombuffer(bytes(mask), np.uint8).reshape(height, width)
    return coverage, int(left), int(top), float(font.getlength(text))


def _find_usable_fonts(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Find the usable fonts in folders and their subfolders; only one of each file name."""
    paths = {
        path.stem: path
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in _FONT_SUFFIXES
    }
    return tuple(path for _, path in sorted(paths.items()) if is_usable_font(path))
