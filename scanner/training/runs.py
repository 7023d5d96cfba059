"""Synthesised pages -> lines to train the number reader on: runs as the program finds them, and what they say."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.classify import load_classifier
from scanner.ctc import CHARACTERS
from scanner.kinds import load_page_network
from scanner.line import find_line
from scanner.models import Models
from scanner.options import Kind, Layout, ScanOptions
from scanner.prepare import prepare
from scanner.regions import cells_region, run_region
from scanner.synthesis.ink import Label
from scanner.training.lines import Lines
from scanner.training.pages import drawn_page
from scanner.training.workers import lots, mapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from scanner.components import Components
    from scanner.prepare import Prepared
    from scanner.runs import Run
    from scanner.synthesis.fonts import Family
    from scanner.synthesis.scans import Document
    from scanner.training.pages import Drawn
    from scanner.types import Image

_DPI = (90.0, 260.0)
"""Between these resolutions pages are drawn, their logarithm evenly: finer lines look no different to the reader."""
_PAGES_AT_ONCE = 16
"""Handed to a process at a time, which loads the models for each lot."""
_OTHER_KINDS = 0.15
"""On this share of the pages printed numbers are wanted as well."""
_TOUCHED = 0.12
"""A number of whose width a run has less than this part is not its own, ..."""
_WIDE, _HIGH = 0.9, 0.75
"""... and one of which it has less than these parts of width and height is cut: nobody knows what it should read as."""
_MISSING = 0.12
"""The same if more than this part of its ink is not in the run."""
_STACKED = 0.4
"""Numbers that share more than this part of the narrower one's width stand above each other, which no line shows."""
_STRANGE = 0.05
"""A run without a number has less than this part of its ink of digits: of those that the page's edge cuts off."""
_LEGIBLE, _ILLEGIBLE = 0.35, 0.6
"""A crossed-out number can be read if at most the first part of the ink in its box is not its own; if at least the
second is, as where it is scribbled over, nothing is to be read.  Between them nobody can say."""
_LONGEST = 44
"""Characters: a longer text is no run of numbers but a page of specks."""
_EMPTY = 0.12
"""At most so many runs without a number to one with, or the reader learns to read nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """The numbers of a page, on the page set upright."""

    texts: tuple[str, ...]
    crossed_out: tuple[bool, ...]
    edges: NDArray[np.float64]
    """Shape (N, 4): left, top, right, bottom."""
    labels: Image
    """Shape (H, W), values of ``ink.Label``."""


def run_lines(families: Sequence[Family], drawn: Drawn, seed: int, pages: int, processes: int) -> tuple[Lines, Lines]:
    """The lines of ``pages`` pages; the same for the same seed, however many processes make them.

    Args:
        families: to print with.
        drawn: digits and letters to write with.
        seed: of page ``index`` is ``(seed, index)``.
        pages: how many.
        processes: that make them.

    Returns:
        Runs, their numbers parted by a blank, and comb fields, whose separators are unknown.

    Raises:
        MissingPartError: if the digit or the page network is missing.
    """
    make = partial(_lot, tuple(families), drawn, seed)
    found = [line for lot in mapped(make, lots(pages, _PAGES_AT_ONCE), processes, at_once=1) for line in lot]
    of_runs = [(image, text) for image, text, in_cells in found if not in_cells]
    empty = [index for index, (_, text) in enumerate(of_runs) if not text]
    kept = round(_EMPTY * (len(of_runs) - len(empty)))
    left_out = set(np.random.default_rng((seed, 1)).permutation(empty)[kept:].tolist())
    return (
        _lines("runs", [line for index, line in enumerate(of_runs) if index not in left_out], digits_only=False),
        _lines("comb fields", [(image, text) for image, text, in_cells in found if in_cells], digits_only=True),
    )


def _lines(name: str, found: Sequence[tuple[Image, str]], *, digits_only: bool) -> Lines:
    images, texts = tuple(image for image, _ in found), tuple(text for _, text in found)
    return Lines(name, images, texts, digits_only=digits_only, sources=np.arange(len(found)))


def _lot(families: tuple[Family, ...], drawn: Drawn, seed: int, indices: range) -> list[tuple[Image, str, bool]]:
    cv2.setNumThreads(1)
    models = Models(load_classifier("cnn"), page=load_page_network())
    found = []
    for index in indices:
        rng = np.random.default_rng((seed, index))
        page = drawn_page(rng, families, drawn, _DPI)
        kind = Kind.ANY if rng.random() < _OTHER_KINDS else Kind.HANDWRITTEN
        prepared = prepare(page.image, models, ScanOptions(kind=kind, layout=Layout.PAGE))
        found += list(lines_of(prepared, page))
    return found


def lines_of(page: Prepared, document: Document) -> Iterator[tuple[Image, str, bool]]:
    """The line image of each run and comb field of a page, what it says, and whether it is a comb field.

    Those that have a part of a number only, or one crossed out so that it can hardly be read, are left out.

    Args:
        page: prepared by the program.
        document: what is on it.
    """
    written = _upright(page, document)
    for run in page.runs:
        text = text_of(run, page.inked.components, written)
        if text is not None:
            yield find_line(run_region(run, page.clear, page.inked.components).picture).image, text, False
    for strip in page.strips:
        text = text_of(strip.run, page.inked.components, written)
        if text:
            picture = cells_region(strip.run, page.clear, page.inked.components).picture
            yield find_line(picture).image, text.replace(" ", ""), True


def _upright(page: Prepared, document: Document) -> Written:
    edges, matrix = np.zeros((len(document.numbers), 4)), page.upright.page_map.matrix
    for row, number in zip(edges, document.numbers, strict=True):
        outline = cv2.perspectiveTransform(np.asarray(number.outline, np.float64)[None], matrix)[0]
        row[:2], row[2:] = outline.min(axis=0) - 0.5, outline.max(axis=0) + 0.5
    return Written(
        tuple(number.text for number in document.numbers),
        tuple(number.crossed_out for number in document.numbers),
        edges,
        page.upright.page_map.warp(document.labels),
    )


def text_of(run: Run, components: Components, written: Written) -> str | None:
    """The numbers of a run parted by blanks, empty if it has none; None if nobody can say."""
    members = np.array(run.members)
    x, y, width, height = components.boxes[members].astype(float).T
    owner = _owners(x + width / 2, y + height / 2, written.edges)
    numbers: list[tuple[float, float, int]] = []
    hides = False
    for number in np.unique(owner[owner >= 0]).tolist():
        own = owner == number
        left, top, right, bottom = written.edges[number]
        first, last = float(x[own].min()), float((x + width)[own].max())
        wide = (min(last, right) - max(first, left)) / (right - left)
        high = (min(float((y + height)[own].max()), bottom) - max(float(y[own].min()), top)) / (bottom - top)
        if wide < _TOUCHED and components.areas[members[own]].sum() < _TOUCHED * components.areas[members].sum():
            continue
        if wide < _WIDE or high < _HIGH:
            return None
        if (hidden := _hidden(written, number)) > _LEGIBLE:
            if hidden < _ILLEGIBLE:
                return None
            hides = True
            continue
        numbers.append((first, last, number))
    numbers.sort(key=lambda one: one[0] + one[1])
    if _are_stacked(numbers):
        return None
    # What shows of a hidden number is of none.
    if (numbers or not hides) and _misses_ink(run, components, written, [number for _, _, number in numbers]):
        return None
    text = " ".join(written.texts[number] for _, _, number in numbers)
    if len(text) > _LONGEST or not set(text) <= set(CHARACTERS):
        return None
    # By itself a letter may look like any digit.
    return text if text or len(members) > 1 else None


def _owners(x: NDArray[np.float64], y: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each point the number in whose box it lies, or of several the one in whose middle it does; -1 if in none."""
    if not len(edges):
        return np.full(len(x), -1)
    left, top, right, bottom = edges.T
    inside = (x[:, None] >= left - 1) & (x[:, None] <= right + 1) & (y[:, None] >= top - 1) & (y[:, None] <= bottom + 1)
    off_middle = np.abs(y[:, None] - (top + bottom) / 2) / np.maximum(bottom - top, 1)
    return np.where(inside.any(axis=1), np.where(inside, off_middle, np.inf).argmin(axis=1), -1)


def _hidden(written: Written, number: int) -> float:
    """How much of the ink in the box of a crossed-out number is not its own, 0-1; 0 of others."""
    if not written.crossed_out[number]:
        return 0.0
    left, top, right, bottom = written.edges[number].round().astype(int).clip(0)
    labels = written.labels[top:bottom, left:right]
    over, own = int((labels == Label.MARK).sum()), int((labels == Label.DIGIT).sum())
    return over / max(over + own, 1)


def _are_stacked(numbers: Sequence[tuple[float, float, int]]) -> bool:
    return any(a[1] - b[0] > _STACKED * min(a[1] - a[0], b[1] - b[0]) for a, b in itertools.pairwise(numbers))


def _misses_ink(run: Run, components: Components, written: Written, numbers: Sequence[int]) -> bool:
    """Whether digits of the numbers are not in the run, or in a run without a number are digits."""
    box = run.box
    window = slice(box.y, box.bottom), slice(box.x, box.right)
    labels = written.labels[window]
    digits = (labels == Label.DIGIT) | (labels == Label.PRINTED_DIGIT)
    own = np.isin(components.labels[window], np.array(run.members) + 1)
    if not numbers:
        return bool((digits & own).sum() > _STRANGE * own.sum())
    # What is threshold and what is a stroke's edge differs by a pixel or two.
    near = cv2.dilate(own.view(np.uint8), np.ones((5, 5), np.uint8)) > 0
    there = missed = 0
    for left, top, right, bottom in written.edges[list(numbers)].round().astype(int):
        rows = slice(max(top - box.y, 0), max(bottom - box.y, 0))
        columns = slice(max(left - box.x, 0), max(right - box.x, 0))
        there += int(digits[rows, columns].sum())
        missed += int((digits & ~near)[rows, columns].sum())
    return there == 0 or missed > _MISSING * there
