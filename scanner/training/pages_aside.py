"""How well whole pages are read: synthesised ones, of fonts and with digits that nothing was trained with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.classify import load_classifier
from scanner.kinds import load_page_network
from scanner.models import Models, load_models
from scanner.options import Layout, ScanOptions
from scanner.pairing import pairs_by_place
from scanner.pipeline import run_stages, scan_page
from scanner.reader import NumberReader
from scanner.training.data import Part
from scanner.training.kept_aside import Reading
from scanner.training.pages import Drawn, drawn_of, drawn_page, fonts_aside, fonts_to_train
from scanner.training.workers import lots, mapped
from scanner.truth import digits_of
from scanner.types import Box, Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from scanner.pipeline import Stages
    from scanner.synthesis.fonts import Family
    from scanner.synthesis.ink import PageNumber
    from scanner.types import Number

_SEED = 1_000_005
"""Of pages that no training and no card has seen."""
_DPI = (100.0, 300.0)
"""Between these resolutions pages are drawn, their logarithm evenly: from a snapshot to a good scan."""
_PAGES_AT_ONCE = 5
"""Handed to a process at a time, which loads the models for each lot."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the handwritten numbers of some pages; crossed-out ones count neither way."""

    pages: int = 0
    written: int = 0
    read: int = 0
    right: int = 0
    """Read where they are written, digit for digit."""
    false: int = 0
    """Read where no handwritten number is."""

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.pages + other.pages,
            self.written + other.written,
            self.read + other.read,
            self.right + other.right,
            self.false + other.false,
        )

    @property
    def precision(self) -> float:
        """Share of what was read that is right, 0-1."""
        return self.right / max(self.read, 1)

    @property
    def recall(self) -> float:
        """Share of what is written that was read right, 0-1."""
        return self.right / max(self.written, 1)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0-1."""
        return 2 * self.right / max(self.read + self.written, 1)


def tally(numbers: Iterable[PageNumber], read: Sequence[Number]) -> Tally:
    """Compare what was read on a page with what is written there.

    A reading belongs to the number that its box overlaps most, or else to the
    one in whose box its centre lies or the other way round.
    """
    written = [number for number in numbers if number.kind == "handwritten" and digits_of(number.text)]
    wanted = [number for number in written if not number.crossed_out]
    crossed_out = [number.box for number in written if number.crossed_out]
    pairs = pairs_by_place([number.box for number in wanted], [number.box for number in read])
    partner = {j: i for i, j in pairs if i is not None and j is not None}
    missed = [i for i, j in pairs if i is not None and j is None]
    passed_over = 0
    for j in (j for i, j in pairs if i is None and j is not None):
        box = read[j].box
        i = next((i for i in missed if _centred(box, wanted[i].box)), None)
        if i is not None:
            partner[j] = i
            missed.remove(i)
        elif any(_centred(box, other) for other in crossed_out):
            passed_over += 1
    right = sum(digits_of(read[j].text) == digits_of(wanted[i].text) for j, i in partner.items())
    counted = len(read) - passed_over
    return Tally(1, len(wanted), counted, right, counted - len(partner))


def _centred(a: Box, b: Box) -> bool:
    """Whether the centre of one box lies in the other."""
    return _has(a, b.center) or _has(b, a.center)


def _has(box: Box, point: tuple[float, float]) -> bool:
    return box.x <= point[0] < box.right and box.y <= point[1] < box.bottom


def read_pages_aside(folder: Path | None, count: int, processes: int) -> Tally:
    """Synthesise pages, read them by default settings, and compare.

    Args:
        folder: whose digits of the part to report on are written on the pages; the pen alone if None.
        count: of pages.
        processes: that synthesise and read them; how many changes nothing else.

    Raises:
        DataError: if the folder lacks a source, or the fonts are not installed.
        MissingPartError: if weights are missing.
    """
    drawn = drawn_of(folder, _SEED, Part.TEST)
    make = partial(_lot, fonts_aside(), drawn)
    return sum(mapped(make, lots(count, _PAGES_AT_ONCE), processes, at_once=1), Tally())


_CALIBRATED_ON = 240
"""Pages: some 4,000 numbers."""
_CALIBRATED_SEED = 1_000_007
"""Of pages that no training has seen."""


def read_runs_aside(weights: bytes, folder: Path | None, processes: int) -> list[Reading]:
    """How a reader of runs reads the numbers that are found on synthesised pages, to calibrate it with.

    Args:
        weights: of the reader.
        folder: whose digits of the validation part are written on the pages; the pen alone if None.
        processes: that synthesise and read them.

    Raises:
        DataError: if the folder lacks a source, or the fonts are not installed.
        MissingPartError: if the digit or the page network is missing.
    """
    drawn = drawn_of(folder, _CALIBRATED_SEED, Part.VALIDATION)
    make = partial(_runs_of_lot, fonts_to_train(), drawn, weights)
    made = mapped(make, lots(_CALIBRATED_ON, _PAGES_AT_ONCE), processes, at_once=1)
    return [reading for lot in made for reading in lot]


def _runs_of_lot(families: tuple[Family, ...], drawn: Drawn, weights: bytes, indices: range) -> list[Reading]:
    cv2.setNumThreads(1)
    models = Models(load_classifier("cnn"), runs=NumberReader(weights), page=load_page_network())
    found: list[Reading] = []
    for index in indices:
        page = drawn_page(np.random.default_rng((_CALIBRATED_SEED, index)), families, drawn, _DPI)
        found += _readings(page.numbers, run_stages(page.image, models, ScanOptions(layout=Layout.PAGE)))
    return found


def _readings(numbers: Iterable[PageNumber], stages: Stages) -> list[Reading]:
    """How the number reader read each number that it found."""
    written = [n for n in numbers if n.kind == "handwritten" and not n.crossed_out and digits_of(n.text)]
    read = [(place.contours, place.number) for place in stages.places if place.number and place.number.digits]
    to_original = stages.upright.page_map.to_original
    boxes = [to_original(Box.around(digit.box for digit in claim.digits)) for _, claim in read]
    found = []
    for i, j in pairs_by_place([number.box for number in written], boxes):
        if i is not None and j is not None:
            contours, claim = read[j]
            text = digits_of(claim.opinion.text)
            right, same = text == digits_of(written[i].text), text == contours.opinion.text
            found.append(Reading(claim.opinion.confidence, right, same))
    return found


def _lot(families: tuple[Family, ...], drawn: Drawn, indices: range) -> Tally:
    cv2.setNumThreads(1)
    models = load_models()
    found = Tally()
    for index in indices:
        page = drawn_page(np.random.default_rng((_SEED, index)), families, drawn, _DPI)
        found += tally(page.numbers, scan_page(Page(f"{index}.png", 1, page.image), models).numbers)
    return found
