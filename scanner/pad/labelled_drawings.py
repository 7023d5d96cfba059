"""Drawings saved with the digit they show, to train with."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import cv2

from scanner.errors import OutputError
from scanner.pad.drawing import render_ink

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.pad.drawing import Drawing


def save_drawing(drawing: Drawing, label: int, folder: Path) -> Path:
    """Save a drawing as ``FOLDER/<label>/<number>.png``, never overwriting a file.

    The image is an 8-bit grey PNG of the whole canvas, black ink on white paper.  Numbers have at least four digits
    and start at 0001; the number of a deleted file may be used again.

    Args:
        drawing: with at least one stroke.
        label: the digit it shows, 0-9.
        folder: created if it does not exist.

    Returns:
        Path of the new file.

    Raises:
        ValueError: if there are no strokes or ``label`` is not a digit.
        OutputError: if the file cannot be written.
    """
    if not drawing.strokes:
        raise ValueError("there is nothing to save; draw a digit")
    if label not in range(10):
        raise ValueError(f"the label must be a digit from 0 to 9, not {label}")
    _, png = cv2.imencode(".png", 255 - render_ink(drawing))
    labelled = folder / str(label)
    try:
        labelled.mkdir(parents=True, exist_ok=True)
        return _write_numbered_file(labelled, png.tobytes())
    except OSError as error:
        raise OutputError(f"cannot save the drawing in {labelled}: {error.strerror or error}") from error


def _write_numbered_file(folder: Path, data: bytes) -> Path:
    path, file = _create_numbered_file(folder)
    try:
        with file:
            file.write(data)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path


def _create_numbered_file(folder: Path) -> tuple[Path, BinaryIO]:
    number = 1
    while True:
        path = folder / f"{number:04d}.png"
        try:
            # Exclusive creation: two pads that save at the same moment cannot take the same number.
            return path, path.open("xb")
        except FileExistsError:
            number += 1
