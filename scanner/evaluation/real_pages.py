"""How well real pages are read, as they are and as they may come: askew, on their side, upside down, smaller."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.atomic_write import write_chunks
from scanner.evaluation.comparison import compare_with_truth
from scanner.geometry.page_map import quarter_turn_map, rotation_map
from scanner.pipeline import scan_page
from scanner.results.csv_tables import read_results_csv, results_csv
from scanner.sources.decoding import decode_file
from scanner.sources.discovery import find_files
from scanner.types import PageImage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.evaluation.comparison import OutcomeCounts
    from scanner.evaluation.ground_truth import PageTruth
    from scanner.recognition.models import Models
    from scanner.types import Image


@dataclass(frozen=True, slots=True)
class PageVariant:
    """How a page comes."""

    name: str
    quarter_turns: int = 0
    """Quarter turns counter-clockwise."""
    degrees: float = 0.0
    """Turned counter-clockwise beyond that."""
    scale: float = 1.0
    """Part of its resolution that is left."""


UNCHANGED = PageVariant("as it is")
VARIANTS = (
    PageVariant("turned by 3 degrees", degrees=3),
    PageVariant("turned by 10 degrees", degrees=10),
    PageVariant("turned by 90 degrees", quarter_turns=1),
    PageVariant("turned by 180 degrees", quarter_turns=2),
    PageVariant("at half resolution", scale=0.5),
)
"""A sheet laid down carelessly, as far askew as one does, fed in sideways or the wrong way round, scanned coarsely."""


def make_variant(image: Image, variant: PageVariant) -> Image:
    """A page as it would have been scanned had it come so; all of it is on the picture, on more of its own paper.

    Args:
        image: shape (H, W, 3), BGR.
        variant: how it comes.
    """
    height, width = image.shape[:2]
    lying = np.asarray(quarter_turn_map(width, height, variant.quarter_turns).warp(image), np.uint8)
    if variant.degrees:
        page_map = rotation_map(lying.shape[1], lying.shape[0], variant.degrees)
        paper = np.median(image.reshape(-1, image.shape[2]), axis=0).tolist()
        # Cubic: a scanner would not have softened the page as a linear resampling does.
        lying = np.asarray(
            cv2.warpAffine(lying, page_map.matrix[:2], page_map.target_size, flags=cv2.INTER_CUBIC, borderValue=paper),
            np.uint8,
        )
    if variant.scale != 1:
        lying = np.asarray(
            cv2.resize(lying, None, fx=variant.scale, fy=variant.scale, interpolation=cv2.INTER_AREA), np.uint8
        )
    return lying


def read_real_pages(
    folder: Path, truths: Sequence[PageTruth], models: Models, variant: PageVariant = UNCHANGED
) -> OutcomeCounts:
    """What becomes of the numbers on pages.

    Numbers are told by text and order wherever the page is not as it is: the truth's boxes are of the page as it is.

    Args:
        folder: that the files of ``truths`` are relative to.
        truths: of the pages to read.
        models: what they are read with.
        variant: how the pages come.
    """
    wanted = {(truth.file, truth.page_number) for truth in truths}
    results = [
        scan_page(PageImage(file, page.page_number, make_variant(page.image, variant)), models)
        for file in sorted({file for file, _ in wanted})
        for page in decode_pages(folder / file)
        if (file, page.page_number) in wanted
    ]
    if variant != UNCHANGED:
        truths = [replace(truth, number_boxes=(), digit_boxes=()) for truth in truths]
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "results.csv"
        write_chunks(path, results_csv(results))
        return compare_with_truth(read_results_csv(path), truths).totals


def exact_points_lost(before: OutcomeCounts, after: OutcomeCounts) -> float:
    """By how many points of a hundred the share of numbers read exactly is lower; at least one number is written."""
    return 100 * (before.exact / before.written - after.exact / after.written)


def decode_pages(path: Path) -> Iterator[PageImage]:
    """The pages of a file, all of which can be read."""
    for page in decode_file(find_files([path])[0]):
        assert isinstance(page, PageImage), path
        yield page
