"""Synthetic numbers as files, to look at and to try things on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.csv_lines import csv_lines
from scanner.files import write_image, write_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from scanner.types import Image

SHEET = "sheet.png"
"""Name of the contact sheet."""
TRUTH = "truth.csv"
_ON_SHEET = 200
"""Pictures on the contact sheet: more are not looked at."""
_COLUMNS = 6
_CELL = (260, 96)
"""Width and height of a place on the sheet, pixels."""
_CAPTION = 22
"""Rows of it that are for the text."""
_BACKGROUND, _INK = 235, 30


def write_specimens(directory: Path, pictures: Sequence[tuple[Image, str]]) -> Iterator[Path]:
    """Write pictures of numbers, ``truth.csv`` (image,text) and a contact sheet; one path at a time, when written.

    Args:
        directory: made if it is not there; files of the same names are overwritten.
        pictures: gray, shape (H, W), uint8, each with its text.

    Raises:
        OutputError: if a file cannot be written.
    """
    names = [f"{place:05}.png" for place in range(1, len(pictures) + 1)]
    for name, (gray, _) in zip(names, pictures, strict=True):
        write_image(directory / name, gray)
        yield directory / name
    rows = [("image", "text"), *((name, text) for name, (_, text) in zip(names, pictures, strict=True))]
    write_text(directory / TRUTH, csv_lines(rows))
    yield directory / TRUTH
    if pictures:
        write_image(directory / SHEET, contact_sheet(pictures[:_ON_SHEET]))
        yield directory / SHEET


def contact_sheet(pictures: Sequence[tuple[Image, str]]) -> Image:
    """Pictures side by side, each with its text below, shrunk where they are too large.

    Args:
        pictures: gray, shape (H, W), uint8, each with its text; at least one.

    Returns:
        Gray, uint8.
    """
    width, height = _CELL
    rows = -(-len(pictures) // _COLUMNS)
    sheet = np.full((rows * height, min(_COLUMNS, len(pictures)) * width), _BACKGROUND, np.uint8)
    room = (width - 8, height - _CAPTION - 6)
    for place, (gray, text) in enumerate(pictures):
        top, left = place // _COLUMNS * height, place % _COLUMNS * width
        scale = min(room[0] / gray.shape[1], room[1] / gray.shape[0], 1.0)
        size = (max(round(gray.shape[1] * scale), 1), max(round(gray.shape[0] * scale), 1))
        small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
        # At the bottom of its place: the text belongs to the picture above it, not to the one below.
        bottom = top + height - _CAPTION
        sheet[bottom - size[1] : bottom, left + 4 : left + 4 + size[0]] = small
        caption = text or "(nothing)"
        cv2.putText(sheet, caption, (left + 4, top + height - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.5, _INK, 1, cv2.LINE_AA)
    return sheet
