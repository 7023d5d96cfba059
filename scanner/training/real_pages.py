"""How well real pages are read, as they are and as they may come: askew, on their side, upside down, smaller."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.evaluate import compare
from scanner.export import read_results_csv, results_csv
from scanner.files import write_chunks
from scanner.geometry import quarter_turn, rotation
from scanner.inputs import find_files
from scanner.pipeline import scan_page
from scanner.sources import pages_of
from scanner.types import Page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.evaluate import Counts
    from scanner.models import Models
    from scanner.truth import PageTruth
    from scanner.types import Image


@dataclass(frozen=True, slots=True)
class Turn:
    """How a page comes."""

    name: str
    quarters: int = 0
    """Quarter turns counter-clockwise."""
    degrees: float = 0.0
    """Turned counter-clockwise beyond that."""
    scale: float = 1.0
    """Part of its resolution that is left."""


AS_IT_IS = Turn("as it is")
TURNS = (
    Turn("turned by 3 degrees", degrees=3),
    Turn("turned by 10 degrees", degrees=10),
    Turn("turned by 90 degrees", quarters=1),
    Turn("turned by 180 degrees", quarters=2),
    Turn("at half resolution", scale=0.5),
)
"""A sheet laid down carelessly, as far askew as one does, fed in sideways or the wrong way round, scanned coarsely."""


def turned(image: Image, turn: Turn) -> Image:
    """A page as it would have been scanned had it come so; all of it is on the picture, on more of its own paper.

    Args:
        image: shape (H, W, 3), BGR.
        turn: how it comes.
    """
    height, width = image.shape[:2]
    lying = np.asarray(quarter_turn(width, height, turn.quarters).warp(image), np.uint8)
    if turn.degrees:
        page_map = rotation(lying.shape[1], lying.shape[0], turn.degrees)
        paper = np.median(image.reshape(-1, image.shape[2]), axis=0).tolist()
        # Cubic: a scanner would not have softened the page as a linear resampling does.
        lying = np.asarray(
            cv2.warpAffine(lying, page_map.matrix[:2], page_map.size, flags=cv2.INTER_CUBIC, borderValue=paper),
            np.uint8,
        )
    if turn.scale != 1:
        lying = np.asarray(
            cv2.resize(lying, None, fx=turn.scale, fy=turn.scale, interpolation=cv2.INTER_AREA), np.uint8
        )
    return lying


def read_real_pages(folder: Path, truths: Sequence[PageTruth], models: Models, turn: Turn = AS_IT_IS) -> Counts:
    """What becomes of the numbers on pages.

    Numbers are told by text and order wherever the page is not as it is: the truth's boxes are of the page as it is.

    Args:
        folder: that the files of ``truths`` are relative to.
        truths: of the pages to read.
        models: what they are read with.
        turn: how the pages come.
    """
    wanted = {(truth.file, truth.page) for truth in truths}
    results = [
        scan_page(Page(file, page.number, turned(page.image, turn)), models)
        for file in sorted({file for file, _ in wanted})
        for page in pages_in(folder / file)
        if (file, page.number) in wanted
    ]
    if turn != AS_IT_IS:
        truths = [replace(truth, boxes=(), digit_boxes=()) for truth in truths]
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "results.csv"
        write_chunks(path, results_csv(results))
        return compare(read_results_csv(path), truths).totals


def points_lost(before: Counts, after: Counts) -> float:
    """By how many points of a hundred the share of numbers read exactly is lower; at least one number is written."""
    return 100 * (before.exact / before.numbers - after.exact / after.numbers)


def pages_in(path: Path) -> Iterator[Page]:
    """The pages of a file, all of which can be read."""
    for page in pages_of(find_files([path])[0]):
        assert isinstance(page, Page), path
        yield page
