"""Text lines and comb fields of synthetic pages, as the program finds them, with their texts, to train a reader on."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.page_sources import synthesize_page_within_dpi
from scanner.datasets.parallel_map import parallel_map, split_into_ranges
from scanner.layout.ink_classes import load_page_network
from scanner.numbers.crops import crop_comb_digits, crop_text_line
from scanner.options import NumberKind, PageOrCrop, ScanOptions
from scanner.preparation import prepare
from scanner.recognition.ctc import CHARACTERS
from scanner.recognition.digit_classifier import load_classifier
from scanner.recognition.line_image import make_line_image
from scanner.recognition.models import Models
from scanner.synthesis.page_content import PixelClass
from scanner.training.number_line_samples import LabelledLines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from scanner.datasets.page_sources import HandwritingSources
    from scanner.image.components import Components
    from scanner.numbers.text_lines import TextLine
    from scanner.preparation import PreparationOutputs
    from scanner.synthesis.fonts import FontFamily
    from scanner.synthesis.scans import SyntheticPage
    from scanner.types import Image

_DPI_RANGE = (90.0, 260.0)
"""Resolutions of the pages, drawn log-uniformly; lines of higher ones look no different to the reader."""
_PAGES_PER_TASK = 16
"""Pages given to a process at a time, which loads the models for each task."""
_ANY_KIND_PAGE_SHARE = 0.15
"""Share of the pages on which printed numbers are read as well; a choice."""
_MIN_TOUCHED_SHARE = 0.12
"""Minimum share of a number's width, or of the line's ink, that a text line must hold for the number to belong to
it."""
_MIN_COVERED_WIDTH_SHARE, _MIN_COVERED_HEIGHT_SHARE = 0.9, 0.75
"""Minimum shares of a number's width and height that its text line must hold; a number cut off further has no true
text."""
_MAX_MISSING_INK_SHARE = 0.12
"""Largest share of the numbers' digit ink that may be missing from a text line whose text is known."""
_MAX_SIDE_BY_SIDE_OVERLAP_SHARE = 0.4
"""Largest overlap of two numbers on one line, as a share of the narrower width; with more they are stacked, and a line
of text cannot show that."""
_MAX_FOREIGN_DIGIT_INK_SHARE = 0.05
"""Largest share of digit ink in a text line without a number; it comes from numbers cut off by the page's edge."""
_MAX_LEGIBLE_STRIKETHROUGH_SHARE = 0.35
"""Largest share of foreign ink in the box of a crossed-out number that is still legible; a choice."""
_MIN_ILLEGIBLE_STRIKETHROUGH_SHARE = 0.6
"""Minimum share of foreign ink in the box of a crossed-out number that cannot be read at all, as when it is scribbled
over; between the two shares the true text is unknown."""
_MAX_TEXT_LENGTH = 44
"""Maximum number of characters in the text of a line; a longer one is not numbers but a page of specks."""
_MAX_EMPTY_LINE_RATIO = 0.12
"""Maximum number of text lines without a number per line with one; with more, the reader learns to read nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class RectifiedNumbers:
    """The true numbers of a page, in coordinates of the rectified page."""

    texts: tuple[str, ...]
    crossed_out: tuple[bool, ...]
    edges: NDArray[np.float64]
    """Shape (N, 4): left, top, right and bottom, pixels."""
    pixel_classes: Image
    """Shape (H, W), values of ``page_content.PixelClass``."""


def make_text_line_samples(
    families: Sequence[FontFamily], handwriting: HandwritingSources, seed: int, page_count: int, processes: int
) -> tuple[LabelledLines, LabelledLines]:
    """Make the lines of ``page_count`` pages; the same for the same seed, whatever the number of processes.

    Args:
        families: font families to print with.
        handwriting: digits and letters to write with.
        seed: page ``index`` is made from the seed ``(seed, index)``.
        page_count: number of pages.
        processes: number of processes that make them.

    Returns:
        Text lines, whose numbers are separated by spaces, and comb fields, whose separators are unknown.

    Raises:
        NotInstalledError: if the digit or the page network is missing.
    """
    make_task = partial(_lines_of_task, tuple(families), handwriting, seed)
    tasks = split_into_ranges(page_count, _PAGES_PER_TASK)
    samples = [line for lines in parallel_map(make_task, tasks, processes, items_per_task=1) for line in lines]
    comb_fields = [(image, text) for image, text, in_comb_field in samples if in_comb_field]
    text_lines = [(image, text) for image, text, in_comb_field in samples if not in_comb_field]
    empty = [index for index, (_, text) in enumerate(text_lines) if not text]
    kept = round(_MAX_EMPTY_LINE_RATIO * (len(text_lines) - len(empty)))
    left_out = set(np.random.default_rng((seed, 1)).permutation(empty)[kept:].tolist())
    text_lines = [line for index, line in enumerate(text_lines) if index not in left_out]
    return (
        _to_labelled_lines("page", text_lines, separators_omitted=False),
        _to_labelled_lines("comb field", comb_fields, separators_omitted=True),
    )


def _to_labelled_lines(name: str, samples: Sequence[tuple[Image, str]], *, separators_omitted: bool) -> LabelledLines:
    images, texts = tuple(image for image, _ in samples), tuple(text for _, text in samples)
    return LabelledLines(name, images, texts, separators_omitted, source_ids=np.arange(len(samples)))


def _lines_of_task(
    families: tuple[FontFamily, ...], handwriting: HandwritingSources, seed: int, page_indices: range
) -> list[tuple[Image, str, bool]]:
    cv2.setNumThreads(1)
    models = Models(load_classifier("cnn"), page_network=load_page_network())
    samples = []
    for index in page_indices:
        rng = np.random.default_rng((seed, index))
        page = synthesize_page_within_dpi(rng, families, handwriting, _DPI_RANGE)
        kind = NumberKind.ANY if rng.random() < _ANY_KIND_PAGE_SHARE else NumberKind.HANDWRITTEN
        prepared = prepare(page.image, models, ScanOptions(number_kind=kind, page_or_crop=PageOrCrop.PAGE))
        samples += list(extract_line_samples(prepared, page))
    return samples


def extract_line_samples(prepared: PreparationOutputs, true_page: SyntheticPage) -> Iterator[tuple[Image, str, bool]]:
    """Extract the line image of each text line and comb field of a page, its text, and whether it is a comb field.

    Lines that hold only part of a number, or one crossed out until barely legible, are left out.

    Args:
        prepared: the page as the program prepared it.
        true_page: the page as it was synthesized.
    """
    numbers = _rectify_numbers(prepared, true_page)
    ink, candidates = prepared.cell_assignment.ink, prepared.candidates
    for text_line in candidates.text_lines:
        text = true_line_text(text_line, ink.components, numbers)
        if text is not None:
            crop = crop_text_line(text_line, ink)
            yield make_line_image(crop.image).pixels, text, False
    for comb_digits in candidates.comb_digits:
        text = true_line_text(comb_digits.text_line, ink.components, numbers)
        if text:
            crop = crop_comb_digits(comb_digits.text_line, ink)
            yield make_line_image(crop.image).pixels, text.replace(" ", ""), True


def _rectify_numbers(prepared: PreparationOutputs, true_page: SyntheticPage) -> RectifiedNumbers:
    edges, page_map = np.zeros((len(true_page.numbers), 4)), prepared.rectified.page_map
    for row, number in zip(edges, true_page.numbers, strict=True):
        outline = cv2.perspectiveTransform(np.asarray(number.outline, np.float64)[None], page_map.matrix)[0]
        row[:2], row[2:] = outline.min(axis=0) - 0.5, outline.max(axis=0) + 0.5
    return RectifiedNumbers(
        tuple(number.text for number in true_page.numbers),
        tuple(number.crossed_out for number in true_page.numbers),
        edges,
        page_map.warp(true_page.pixel_classes),
    )


def true_line_text(text_line: TextLine, components: Components, numbers_on_page: RectifiedNumbers) -> str | None:
    """The numbers of a text line separated by spaces, empty if it has none; None if its true text is unknown."""
    members = np.array(text_line.component_indices)
    x, y, width, height = components.boxes[members].astype(float).T
    owner = _owning_numbers(x + width / 2, y + height / 2, numbers_on_page.edges)
    numbers: list[tuple[float, float, int]] = []
    has_illegible_number = False
    for number in np.unique(owner[owner >= 0]).tolist():
        own = owner == number
        left, top, right, bottom = numbers_on_page.edges[number]
        first, last = float(x[own].min()), float((x + width)[own].max())
        width_share = (min(last, right) - max(first, left)) / (right - left)
        height_share = (min(float((y + height)[own].max()), bottom) - max(float(y[own].min()), top)) / (bottom - top)
        if (
            width_share < _MIN_TOUCHED_SHARE
            and components.areas[members[own]].sum() < _MIN_TOUCHED_SHARE * components.areas[members].sum()
        ):
            continue
        if width_share < _MIN_COVERED_WIDTH_SHARE or height_share < _MIN_COVERED_HEIGHT_SHARE:
            return None
        if (hidden := _strikethrough_ink_share(numbers_on_page, number)) > _MAX_LEGIBLE_STRIKETHROUGH_SHARE:
            if hidden < _MIN_ILLEGIBLE_STRIKETHROUGH_SHARE:
                return None
            has_illegible_number = True
            continue
        numbers.append((first, last, number))
    numbers.sort(key=lambda placed: placed[0] + placed[1])
    if _are_stacked(numbers):
        return None
    # The visible ink of an illegible number belongs to no number that is read.
    if (numbers or not has_illegible_number) and _is_digit_ink_missing(
        text_line, components, numbers_on_page, [number for _, _, number in numbers]
    ):
        return None
    text = " ".join(numbers_on_page.texts[number] for _, _, number in numbers)
    if len(text) > _MAX_TEXT_LENGTH or not set(text) <= set(CHARACTERS):
        return None
    # A single letter may look like any digit.
    return text if text or len(members) > 1 else None


def _owning_numbers(x: NDArray[np.float64], y: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each point the index of the number whose box holds it, of several the one nearest in height; -1 if none."""
    if not len(edges):
        return np.full(len(x), -1)
    left, top, right, bottom = edges.T
    inside = (x[:, None] >= left - 1) & (x[:, None] <= right + 1) & (y[:, None] >= top - 1) & (y[:, None] <= bottom + 1)
    off_middle = np.abs(y[:, None] - (top + bottom) / 2) / np.maximum(bottom - top, 1)
    return np.where(inside.any(axis=1), np.where(inside, off_middle, np.inf).argmin(axis=1), -1)


def _strikethrough_ink_share(numbers: RectifiedNumbers, index: int) -> float:
    """Share of the ink in the box of a crossed-out number that is not its own, 0-1; 0 if it is not crossed out."""
    if not numbers.crossed_out[index]:
        return 0.0
    left, top, right, bottom = numbers.edges[index].round().astype(int).clip(0)
    pixel_classes = numbers.pixel_classes[top:bottom, left:right]
    foreign, own = int((pixel_classes == PixelClass.MARK).sum()), int((pixel_classes == PixelClass.DIGIT).sum())
    return foreign / max(foreign + own, 1)


def _are_stacked(numbers: Sequence[tuple[float, float, int]]) -> bool:
    return any(
        a[1] - b[0] > _MAX_SIDE_BY_SIDE_OVERLAP_SHARE * min(a[1] - a[0], b[1] - b[0])
        for a, b in itertools.pairwise(numbers)
    )


def _is_digit_ink_missing(
    text_line: TextLine, components: Components, numbers_on_page: RectifiedNumbers, numbers: Sequence[int]
) -> bool:
    """Whether the text line lacks digit ink of its numbers or, without a number, holds digit ink."""
    box = text_line.box
    window = slice(box.y, box.bottom), slice(box.x, box.right)
    pixel_classes = numbers_on_page.pixel_classes[window]
    digits = (pixel_classes == PixelClass.DIGIT) | (pixel_classes == PixelClass.PRINTED_DIGIT)
    own = np.isin(components.labels[window], np.array(text_line.component_indices) + 1)
    if not numbers:
        return bool((digits & own).sum() > _MAX_FOREIGN_DIGIT_INK_SHARE * own.sum())
    # Binarization and labels disagree on the edge of a stroke by a pixel or two.
    near = cv2.dilate(own.view(np.uint8), np.ones((5, 5), np.uint8)) > 0
    total = missing = 0
    for left, top, right, bottom in numbers_on_page.edges[list(numbers)].round().astype(int):
        rows = slice(max(top - box.y, 0), max(bottom - box.y, 0))
        columns = slice(max(left - box.x, 0), max(right - box.x, 0))
        total += int(digits[rows, columns].sum())
        missing += int((digits & ~near)[rows, columns].sum())
    return total == 0 or missing > _MAX_MISSING_INK_SHARE * total
