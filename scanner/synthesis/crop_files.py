"""Synthetic number crops as files, with their truth and a contact sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.atomic_write import write_image, write_text
from scanner.safe_csv import csv_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from scanner.types import Image

TRUTH_FILE_NAME = "truth.csv"
"""File name of the truth, a CSV with the columns image and text."""
_MAX_CROPS_ON_SHEET = 200
"""Maximum number of crops on the contact sheet; nobody looks at more."""
_SHEET_COLUMNS = 6
"""Crops side by side on the contact sheet."""
_TILE_SIZE_PIXELS = (260, 96)
"""Width and height of a tile with one crop, pixels."""
_CAPTION_HEIGHT_PIXELS = 22
"""Height of the caption at the bottom of a tile, pixels."""
_BACKGROUND_LEVEL, _CAPTION_LEVEL = 235, 30
"""Gray levels of the contact sheet."""


def write_number_crops(directory: Path, crops: Sequence[tuple[Image, str]]) -> Iterator[Path]:
    """Write crops and their truth into a folder, and a contact sheet beside it, so that it is not read as one of them.

    Args:
        directory: created if missing; files of the same names are overwritten.
        crops: grey, shape (H, W), uint8, each with its text.

    Yields:
        The path of each file once it is written.

    Raises:
        OutputError: if a file cannot be written.
    """
    names = [f"{number:05}.png" for number in range(1, len(crops) + 1)]
    for name, (gray, _) in zip(names, crops, strict=True):
        write_image(directory / name, gray)
        yield directory / name
    rows = [("image", "text"), *((name, text) for name, (_, text) in zip(names, crops, strict=True))]
    write_text(directory / TRUTH_FILE_NAME, csv_lines(rows))
    yield directory / TRUTH_FILE_NAME
    if crops:
        sheet = contact_sheet_path(directory)
        write_image(sheet, draw_contact_sheet(crops[:_MAX_CROPS_ON_SHEET]))
        yield sheet


def contact_sheet_path(directory: Path) -> Path:
    """Path of the contact sheet of the crops in a folder: ``FOLDER-sheet.png``, beside it."""
    # A path such as "." has no name of its own.
    whole = directory if directory.name else directory.resolve()
    return whole.with_name(f"{whole.name}-sheet.png")


def draw_contact_sheet(crops: Sequence[tuple[Image, str]]) -> Image:
    """Draw crops in a grid, each with its text below it; large crops are scaled down.

    Args:
        crops: grey, shape (H, W), uint8, each with its text; at least one.

    Returns:
        Gray, shape (H, W), uint8.
    """
    width, height = _TILE_SIZE_PIXELS
    rows = -(-len(crops) // _SHEET_COLUMNS)
    sheet = np.full((rows * height, min(_SHEET_COLUMNS, len(crops)) * width), _BACKGROUND_LEVEL, np.uint8)
    room = (width - 8, height - _CAPTION_HEIGHT_PIXELS - 6)
    for index, (gray, text) in enumerate(crops):
        top, left = index // _SHEET_COLUMNS * height, index % _SHEET_COLUMNS * width
        scale = min(room[0] / gray.shape[1], room[1] / gray.shape[0], 1.0)
        size = (max(round(gray.shape[1] * scale), 1), max(round(gray.shape[0] * scale), 1))
        small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
        # At the bottom of its tile, close to its caption.
        bottom = top + height - _CAPTION_HEIGHT_PIXELS
        sheet[bottom - size[1] : bottom, left + 4 : left + 4 + size[0]] = small
        caption = text or "(nothing)"
        cv2.putText(
            sheet, caption, (left + 4, top + height - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.5, _CAPTION_LEVEL, 1, cv2.LINE_AA
        )
    return sheet
