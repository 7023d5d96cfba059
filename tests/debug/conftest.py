from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from scanner.options import PageOrCrop, ScanOptions
from scanner.pipeline import run_stages
from scanner.reading_models import Models
from scanner.types import DigitReading

if TYPE_CHECKING:
    from scanner.pipeline import StageOutputs
    from scanner.types import Image


class Sevens:
    """Reads everything as a seven."""

    name = "sevens"

    def read(self, frames: Image) -> tuple[DigitReading, ...]:
        return (DigitReading((*[0.0] * 7, 0.97, *[0.003] * 3)),) * len(frames)


def sevens(image: Image, x: int, y: int) -> None:
    """Draw three sevens side by side."""
    for left in (x, x + 40, x + 80):
        cv2.polylines(image, [np.array([(left, y), (left + 24, y), (left + 8, y + 40)])], False, (0, 0, 0), 4)


def page_with_a_table() -> Image:
    """A page of 600 x 400 pixels: a table of two cells, a number in the first, an underline and a number above it."""
    image = np.full((400, 600, 3), 255, np.uint8)
    for x in (60, 300, 540):
        cv2.line(image, (x, 60), (x, 160), (0, 0, 0), 2)
    for y in (60, 160):
        cv2.line(image, (60, y), (540, y), (0, 0, 0), 2)
    cv2.line(image, (60, 320), (400, 320), (0, 0, 0), 2)
    sevens(image, 100, 90)
    sevens(image, 200, 260)
    return image


def stages_of(image: Image, page_or_crop: PageOrCrop) -> StageOutputs:
    return run_stages(image, Models(Sevens()), ScanOptions(page_or_crop=page_or_crop))


@pytest.fixture(scope="session")
def page() -> StageOutputs:
    """The stages of a page with a table, read without page network and line reader."""
    return stages_of(page_with_a_table(), PageOrCrop.PAGE)


@pytest.fixture(scope="session")
def crop() -> StageOutputs:
    """The stages of the crop of one number."""
    image = np.full((60, 140, 3), 255, np.uint8)
    sevens(image, 15, 10)
    return stages_of(image, PageOrCrop.CROP)


@pytest.fixture(scope="session")
def empty() -> StageOutputs:
    """The stages of an empty page."""
    return stages_of(np.full((300, 200, 3), 255, np.uint8), PageOrCrop.PAGE)
