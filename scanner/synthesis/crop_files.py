"""Synthetic numbers as files, to look at and to try things on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.atomic_write import write_image, write_text
from scanner.csv_lines import csv_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from scanner.types import Image

CONTACT_SHEET_NAME = "sheet.png"
"""Name of the contact sheet."""
TRUTH_FILE_NAME = "truth.csv"
_MAX_CROPS_ON_SHEET = 200
"""Pictures on the contact sheet: more are not looked at."""
_SHEET_COLUMNS = 6
_TILE_SIZE_PIXELS = (260, 96)
"""Width and height of a place on the sheet, pixels."""
_CAPTION_HEIGHT_PIXELS = 22
"""Rows of it that are for the text."""
_BACKGROUND_LEVEL, _CAPTION_LEVEL = 235, 30


def write_number_crops(directory: Path, crops: Sequence[tuple[Image, str]]) -> Iterator[Path]:
    """Write pictures of numbers, ``truth.csv`` (image,text) and a contact sheet; one path at a time, when written.

    Args:
        directory: made if it is not there; files of the same names are overwritten.
        crops: gray, shape (H, W), uint8, each with its text.

    Raises:
        OutputError: if a file cannot be written.
    """
    names = [f"{place:05}.png" for place in range(1, len(crops) + 1)]
    for name, (gray, _) in zip(names, crops, strict=True):
        write_image(directory / name, gray)
        yield directory / name
    rows = [("image", "text"), *((name, text) for name, (_, text) in zip(names, crops, strict=True))]
    write_text(directory / TRUTH_FILE_NAME, csv_lines(rows))
    yield directory / TRUTH_FILE_NAME
    if crops:
        write_image(directory / CONTACT_SHEET_NAME, draw_contact_sheet(crops[:_MAX_CROPS_ON_SHEET]))
        yield directory / CONTACT_SHEET_NAME


def draw_contact_sheet(crops: Sequence[tuple[Image, str]]) -> Image:
    """Pictures side by side, each with its text below, shrunk where they are too large.

    Args:
        crops: gray, shape (H, W), uint8, each with its text; at least one.

    Returns:
        Gray, uint8.
    """
    width, height = _TILE_SIZE_PIXELS
    rows = -(-len(crops) // _SHEET_COLUMNS)
    sheet = np.full((rows * height, min(_SHEET_COLUMNS, len(crops)) * width), _BACKGROUND_LEVEL, np.uint8)
    room = (width - 8, height - _CAPTION_HEIGHT_PIXELS - 6)
    for place, (gray, text) in enumerate(crops):
        top, left = place // _SHEET_COLUMNS * height, place % _SHEET_COLUMNS * width
        scale = min(room[0] / gray.shape[1], room[1] / gray.shape[0], 1.0)
        size = (max(round(gray.shape[1] * scale), 1), max(round(gray.shape[0] * scale), 1))
        small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
        # At the bottom of its place: the text belongs to the picture above it, not to the one below.
        bottom = top + height - _CAPTION_HEIGHT_PIXELS
        sheet[bottom - size[1] : bottom, left + 4 : left + 4 + size[0]] = small
        caption = text or "(nothing)"
        cv2.putText(
            sheet, caption, (left + 4, top + height - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.5, _CAPTION_LEVEL, 1, cv2.LINE_AA
        )
    return sheet
