"""Evaluation on real pages, unchanged and as they might have been scanned: rotated, or at half the resolution."""

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

    from scanner.evaluation.comparison import Evaluation, OutcomeCounts
    from scanner.evaluation.ground_truth import PageTruth
    from scanner.reading_models import Models
    from scanner.types import Image


@dataclass(frozen=True, slots=True)
class PageVariant:
    """A change applied to a page before it is scanned."""

    name: str
    quarter_turns: int = 0
    """Quarter turns counter-clockwise."""
    degrees: float = 0.0
    """Further counter-clockwise rotation, degrees."""
    scale: float = 1.0
    """Factor of the resolution, 0-1."""
    blur_pixels: float = 0.0
    """Standard deviation of a Gaussian blur, pixels."""
    brightness: float = 1.0
    """Factor of all values, 0-1."""
    jpeg_quality: int | None = None
    """Quality of a JPEG that the page is kept as; None for no compression."""


UNCHANGED = PageVariant("unchanged")
VARIANTS = (
    PageVariant("rotated by 3 degrees", degrees=3),
    PageVariant("rotated by 10 degrees", degrees=10),
    PageVariant("rotated by 90 degrees", quarter_turns=1),
    PageVariant("rotated by 180 degrees", quarter_turns=2),
    PageVariant("at half resolution", scale=0.5),
    PageVariant("blurred by a pixel", blur_pixels=1.0),
    PageVariant("a quarter darker", brightness=0.75),
    PageVariant("as a JPEG of quality 40", jpeg_quality=40),
)
"""A sheet placed carelessly or very carelessly, fed in sideways or upside down; scanned coarsely, out of focus, or with
too little light; and kept in too small a file."""


def make_variant(image: Image, variant: PageVariant) -> Image:
    """Change a page as ``variant`` says; it stays whole, and corners left by a rotation have its paper colour.

    Args:
        image: shape (H, W, 3), uint8, BGR.
        variant: the change.

    Returns:
        The changed page, uint8, BGR.
    """
    height, width = image.shape[:2]
    changed = np.asarray(quarter_turn_map(width, height, variant.quarter_turns).warp(image), np.uint8)
    if variant.degrees:
        page_map = rotation_map(changed.shape[1], changed.shape[0], variant.degrees)
        paper = np.median(image.reshape(-1, image.shape[2]), axis=0).tolist()
        # Cubic: linear interpolation would blur the page more than a scanner does.
        rotated = cv2.warpAffine(
            changed, page_map.matrix[:2], page_map.target_size, flags=cv2.INTER_CUBIC, borderValue=paper
        )
        changed = np.asarray(rotated, np.uint8)
    if variant.scale != 1:
        scaled = cv2.resize(changed, None, fx=variant.scale, fy=variant.scale, interpolation=cv2.INTER_AREA)
        changed = np.asarray(scaled, np.uint8)
    if variant.blur_pixels:
        changed = np.asarray(cv2.GaussianBlur(changed, (0, 0), variant.blur_pixels), np.uint8)
    if variant.brightness != 1:
        changed = np.asarray(cv2.convertScaleAbs(changed, alpha=variant.brightness), np.uint8)
    if variant.jpeg_quality is not None:
        _, data = cv2.imencode(".jpg", changed, [cv2.IMWRITE_JPEG_QUALITY, variant.jpeg_quality])
        changed = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return changed


def evaluate_real_pages(
    folder: Path, truths: Sequence[PageTruth], models: Models, variant: PageVariant = UNCHANGED
) -> Evaluation:
    """Scan pages and compare the readings with the truth.

    On changed pages numbers are paired by text and order, as the positions in the truth do not fit them.

    Args:
        folder: folder that the files of ``truths`` are relative to.
        truths: truth of the pages to scan.
        models: models to scan with.
        variant: change applied to each page first.
    """
    page_keys = {(truth.file, truth.page_number) for truth in truths}
    results = [
        scan_page(PageImage(file, page.page_number, make_variant(page.image, variant)), models)
        for file in sorted({file for file, _ in page_keys})
        for page in decode_pages(folder / file)
        if (file, page.page_number) in page_keys
    ]
    if variant != UNCHANGED:
        truths = [replace(truth, number_boxes=(), digit_boxes=(), places=(), ignored=()) for truth in truths]
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "results.csv"
        write_chunks(path, results_csv(results))
        return compare_with_truth(read_results_csv(path), truths)


def exact_points_lost(before: OutcomeCounts, after: OutcomeCounts) -> float:
    """Decrease of the share of exact numbers, percentage points; at least one number must be written in each."""
    return 100 * (before.exact / before.written - after.exact / after.written)


def decode_pages(path: Path) -> Iterator[PageImage]:
    """Decode the pages of a file, every one of which must be readable."""
    for page in decode_file(find_files([path])[0]):
        assert isinstance(page, PageImage), path
        yield page
