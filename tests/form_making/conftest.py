from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from scanner.form_making.cell_contents import PageContents

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.types import Box, Image

    Draw = Callable[..., Image]


def contents(
    printed: tuple[Box, ...] = (), digits: tuple[Box, ...] = (), writing: tuple[Box, ...] = ()
) -> PageContents:
    """A page on which print, handwritten numbers and other handwriting fill these boxes."""
    boxes = (*printed, *digits, *writing)
    kinds = np.repeat([0, 1, 2], [len(printed), len(digits), len(writing)])
    return PageContents(
        np.array([(box.x, box.y, box.right, box.bottom) for box in boxes], np.float64).reshape(-1, 4),
        np.array([box.width * box.height for box in boxes], np.float64),
        kinds == 0,
        (kinds == 1).astype(np.float64),
        (kinds == 2).astype(np.float64),
        kinds > 0,
        digits,
    )


@pytest.fixture
def page_with() -> Callable[..., PageContents]:
    return contents


@pytest.fixture
def paper() -> Draw:
    """White paper, shape (height, width), with rectangles drawn on it in black, lines two pixels wide."""

    def draw(width: int, height: int, *boxes: tuple[int, int, int, int], brightness: int = 0) -> Image:
        gray = np.full((height, width), 255, np.uint8)
        for x, y, w, h in boxes:
            cv2.rectangle(gray, (x, y), (x + w - 1, y + h - 1), brightness, 2)
        return gray

    return draw
