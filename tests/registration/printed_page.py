"""Pages to register: printed by a random generator, so that one seed is one form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from scanner.types import Image

_LETTERS = np.array(list("ABCDEFGHJKLMNPRSTUVWXYZabdefghkmnpqrstuyz"))


def printed_page(form: int, size: tuple[int, int] = (420, 560)) -> Image:
    """A blank form, darkness relative to the paper: words at the left of ruled lines."""
    rng = np.random.default_rng(form)
    width, height = size
    page = np.zeros((height, width), np.uint8)
    y = 40
    while y < height - 20:
        words = ["".join(rng.choice(_LETTERS, rng.integers(3, 8))) for _ in range(rng.integers(2, 4))]
        cv2.putText(page, " ".join(words), (int(rng.integers(15, 60)), y), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 1)
        if rng.random() < 0.5:
            page[y + 8 : y + 10, 20 : width - 20] = 255
        y += int(rng.integers(24, 40))
    return page


def write_on(page: Image, hand: int, strokes: int = 25) -> Image:
    """The same page with scribbles."""
    rng = np.random.default_rng(1000 + hand)
    written = page.copy()
    height, width = page.shape
    for _ in range(strokes):
        start = rng.uniform((0.4 * width, 0), (0.9 * width, height))
        line = start + np.cumsum(rng.normal(0, 6, (8, 2)), axis=0)
        cv2.polylines(written, [line.astype(np.int32)], False, 255, 2)
    return written
