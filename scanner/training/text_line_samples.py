"""Synthesised pages -> lines to train the number reader on: runs as the program finds them, and what they say."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.page_material import synthesize_page_within_dpi
from scanner.datasets.parallel import parallel_map, split_into_ranges
from scanner.layout.ink_classes import load_page_network
from scanner.numbers.crops import crop_comb_digits, crop_text_line
from scanner.options import NumberKind, PageOrCrop, ScanOptions
from scanner.preparation import prepare
from scanner.recognition.ctc import CHARACTERS
from scanner.recognition.digit_classifier import load_classifier
from scanner.recognition.line_image import make_line_image
from scanner.recognition.models import Models
from scanner.synthesis.page_content import PixelClass
from scanner.training.line_samples import LabelledLines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from scanner.datasets.page_material import HandwritingSources
    from scanner.image.components import Components
    from scanner.numbers.text_lines import TextLine
    from scanner.preparation import PreparationOutputs
    from scanner.synthesis.fonts import FontFamily
    from scanner.synthesis.scans import SyntheticPage
    from scanner.types import Image

_DPI_RANGE = (90.0, 260.0)
"""Between these resolutions pages are drawn, their logarithm evenly: finer lines look no different to the reader."""
_PAGES_PER_TASK = 16
"""Handed to a process at a time, which loads the models for each lot."""
_ANY_KIND_PAGE_SHARE = 0.15
"""On this share of the pages printed numbers are wanted as well."""
_MIN_TOUCHED_SHARE = 0.12
"""A number of whose width a run has less than this part is not its own, ..."""
_MIN_COVERED_WIDTH_SHARE, _MIN_COVERED_HEIGHT_SHARE = 0.9, 0.75
"""... and one of which it has less than these parts of width and height is cut: nobody knows what it should read as."""
_MAX_MISSING_INK_SHARE = 0.12
"""The same if more than this part of its ink is not in the run."""
_MAX_SIDE_BY_SIDE_OVERLAP_SHARE = 0.4
"""Numbers that share more than this part of the narrower one's width stand above each other, which no line shows."""
_MAX_FOREIGN_DIGIT_INK_SHARE = 0.05
"""A run without a number has less than this part of its ink of digits: of those that the page's edge cuts off."""
_MAX_LEGIBLE_STRIKETHROUGH_SHARE, _MIN_ILLEGIBLE_STRIKETHROUGH_SHARE = 0.35, 0.6
"""A crossed-out number can be read if at most the first part of the ink in its box is not its own; if at least the
second is, as where it is scribbled over, nothing is to be read.  Between them nobody can say."""
_MAX_TEXT_LENGTH = 44
"""Characters: a longer text is no run of numbers but a page of specks."""
_MAX_EMPTY_LINE_RATIO = 0.12
"""At most so many runs without a number to one with, or the reader learns to read nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class RectifiedNumbers:
    """The numbers of a page, on the page set upright."""

    texts: tuple[str, ...]
    crossed_out: tuple[bool, ...]
    edges: NDArray[np.float64]
    """Shape (N, 4): left, top, right, bottom."""
    pixel_classes: Image
    """Shape (H, W), values of ``ink.Label``."""


def make_text_line_samples(
    families: Sequence[FontFamily], handwriting: HandwritingSources, seed: int, page_count: int, processes: int
) -> tuple[LabelledLines, LabelledLines]:
    """The lines of ``page_count`` pages; the same for the same seed, however many processes make them.

    Args:
        families: to print with.
        handwriting: digits and letters to write with.
        seed: of page ``index`` is ``(seed, index)``.
        page_count: how many.
        processes: that make them.

    Returns:
        Runs, their numbers parted by a blank, and comb fields, whose separators are unknown.

    Raises:
        MissingPartError: if the digit or the page network is missing.
    """
    make = partial(_lines_of_task, tuple(families), handwriting, seed)
    found = [
        line
        for lot in parallel_map(make, split_into_ranges(page_count, _PAGES_PER_TASK), processes, items_per_task=1)
        for line in lot
    ]
    of_runs = [(image, text) for image, text, in_cells in found if not in_cells]
    empty = [index for index, (_, text) in enumerate(of_runs) if not text]
    kept = round(_MAX_EMPTY_LINE_RATIO * (len(of_runs) - len(empty)))
    left_out = set(np.random.default_rng((seed, 1)).permutation(empty)[kept:].tolist())
    return (
        _to_labelled_lines(
            "runs", [line for index, line in enumerate(of_runs) if index not in left_out], digits_only=False
        ),
        _to_labelled_lines(
            "comb fields", [(image, text) for image, text, in_cells in found if in_cells], digits_only=True
        ),
    )


def _to_labelled_lines(name: str, found: Sequence[tuple[Image, str]], *, digits_only: bool) -> LabelledLines:
    images, texts = tuple(image for image, _ in found), tuple(text for _, text in found)
    return LabelledLines(name, images, texts, separators_omitted=digits_only, source_ids=np.arange(len(found)))


def _lines_of_task(
    families: tuple[FontFamily, ...], drawn: HandwritingSources, seed: int, indices: range
) -> list[tuple[Image, str, bool]]:
    cv2.setNumThreads(1)
    models = Models(load_classifier("cnn"), page_network=load_page_network())
    found = []
    for index in indices:
        rng = np.random.default_rng((seed, index))
        page = synthesize_page_within_dpi(rng, families, drawn, _DPI_RANGE)
        kind = NumberKind.ANY if rng.random() < _ANY_KIND_PAGE_SHARE else NumberKind.HANDWRITTEN
        prepared = prepare(page.image, models, ScanOptions(number_kind=kind, page_or_crop=PageOrCrop.PAGE))
        found += list(extract_line_samples(prepared, page))
    return found


def extract_line_samples(prepared: PreparationOutputs, document: SyntheticPage) -> Iterator[tuple[Image, str, bool]]:
    """The line image of each run and comb field of a page, what it says, and whether it is a comb field.

    Those that have a part of a number only, or one crossed out so that it can hardly be read, are left out.

    Args:
        prepared: prepared by the program.
        document: what is on it.
    """
    written = _rectify_numbers(prepared, document)
    for run in prepared.text_lines:
        text = true_line_text(run, prepared.cell_assignment.components, written)
        if text is not None:
            yield (
                make_line_image(
                    crop_text_line(run, prepared.ink_without_rules, prepared.cell_assignment.components).image
                ).pixels,
                text,
                False,
            )
    for strip in prepared.comb_digits:
        text = true_line_text(strip.text_line, prepared.cell_assignment.components, written)
        if text:
            picture = crop_comb_digits(
                strip.text_line, prepared.ink_without_rules, prepared.cell_assignment.components
            ).image
            yield make_line_image(picture).pixels, text.replace(" ", ""), True


def _rectify_numbers(page: PreparationOutputs, document: SyntheticPage) -> RectifiedNumbers:
    edges, matrix = np.zeros((len(document.numbers), 4)), page.rectified.page_map.matrix
    for row, number in zip(edges, document.numbers, strict=True):
        outline = cv2.perspectiveTransform(np.asarray(number.outline, np.float64)[None], matrix)[0]
        row[:2], row[2:] = outline.min(axis=0) - 0.5, outline.max(axis=0) + 0.5
    return RectifiedNumbers(
        tuple(number.text for number in document.numbers),
        tuple(number.crossed_out for number in document.numbers),
        edges,
        page.rectified.page_map.warp(document.pixel_classes),
    )


def true_line_text(text_line: TextLine, components: Components, numbers_on_page: RectifiedNumbers) -> str | None:
    """The numbers of a run parted by blanks, empty if it has none; None if nobody can say."""
    members = np.array(text_line.component_indices)
    x, y, width, height = components.boxes[members].astype(float).T
    owner = _owning_numbers(x + width / 2, y + height / 2, numbers_on_page.edges)
    numbers: list[tuple[float, float, int]] = []
    hides = False
    for number in np.unique(owner[owner >= 0]).tolist():
        own = owner == number
        left, top, right, bottom = numbers_on_page.edges[number]
        first, last = float(x[own].min()), float((x + width)[own].max())
        wide = (min(last, right) - max(first, left)) / (right - left)
        high = (min(float((y + height)[own].max()), bottom) - max(float(y[own].min()), top)) / (bottom - top)
        if (
            wide < _MIN_TOUCHED_SHARE
            and components.areas[members[own]].sum() < _MIN_TOUCHED_SHARE * components.areas[members].sum()
        ):
            continue
        if wide < _MIN_COVERED_WIDTH_SHARE or high < _MIN_COVERED_HEIGHT_SHARE:
            return None
        if (hidden := _strikethrough_ink_share(numbers_on_page, number)) > _MAX_LEGIBLE_STRIKETHROUGH_SHARE:
            if hidden < _MIN_ILLEGIBLE_STRIKETHROUGH_SHARE:
                return None
            hides = True
            continue
        numbers.append((first, last, number))
    numbers.sort(key=lambda one: one[0] + one[1])
    if _are_stacked(numbers):
        return None
    # What shows of a hidden number is of none.
    if (numbers or not hides) and _is_digit_ink_missing(
        text_line, components, numbers_on_page, [number for _, _, number in numbers]
    ):
        return None
    text = " ".join(numbers_on_page.texts[number] for _, _, number in numbers)
    if len(text) > _MAX_TEXT_LENGTH or not set(text) <= set(CHARACTERS):
        return None
    # By itself a letter may look like any digit.
    return text if text or len(members) > 1 else None


def _owning_numbers(x: NDArray[np.float64], y: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each point the number in whose box it lies, or of several the one in whose middle it does; -1 if in none."""
    if not len(edges):
        return np.full(len(x), -1)
    left, top, right, bottom = edges.T
    inside = (x[:, None] >= left - 1) & (x[:, None] <= right + 1) & (y[:, None] >= top - 1) & (y[:, None] <= bottom + 1)
    off_middle = np.abs(y[:, None] - (top + bottom) / 2) / np.maximum(bottom - top, 1)
    return np.where(inside.any(axis=1), np.where(inside, off_middle, np.inf).argmin(axis=1), -1)


def _strikethrough_ink_share(written: RectifiedNumbers, number: int) -> float:
    """How much of the ink in the box of a crossed-out number is not its own, 0-1; 0 of others."""
    if not written.crossed_out[number]:
        return 0.0
    left, top, right, bottom = written.edges[number].round().astype(int).clip(0)
    labels = written.pixel_classes[top:bottom, left:right]
    over, own = int((labels == PixelClass.MARK).sum()), int((labels == PixelClass.DIGIT).sum())
    return over / max(over + own, 1)


def _are_stacked(numbers: Sequence[tuple[float, float, int]]) -> bool:
    return any(
        a[1] - b[0] > _MAX_SIDE_BY_SIDE_OVERLAP_SHARE * min(a[1] - a[0], b[1] - b[0])
        for a, b in itertools.pairwise(numbers)
    )


def _is_digit_ink_missing(
    run: TextLine, components: Components, written: RectifiedNumbers, numbers: Sequence[int]
) -> bool:
    """Whether digits of the numbers are not in the run, or in a run without a number are digits."""
    box = run.box
    window = slice(box.y, box.bottom), slice(box.x, box.right)
    labels = written.pixel_classes[window]
    digits = (labels == PixelClass.DIGIT) | (labels == PixelClass.PRINTED_DIGIT)
    own = np.isin(components.labels[window], np.array(run.component_indices) + 1)
    if not numbers:
        return bool((digits & own).sum() > _MAX_FOREIGN_DIGIT_INK_SHARE * own.sum())
    # What is threshold and what is a stroke's edge differs by a pixel or two.
    near = cv2.dilate(own.view(np.uint8), np.ones((5, 5), np.uint8)) > 0
    there = missed = 0
    for left, top, right, bottom in written.edges[list(numbers)].round().astype(int):
        rows = slice(max(top - box.y, 0), max(bottom - box.y, 0))
        columns = slice(max(left - box.x, 0), max(right - box.x, 0))
        there += int(digits[rows, columns].sum())
        missed += int((digits & ~near)[rows, columns].sum())
    return there == 0 or missed > _MAX_MISSING_INK_SHARE * there
