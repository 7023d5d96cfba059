"""One page through all stages: reading :func:`scan_page` explains the program."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.binarize import binarize
from scanner.cells import into_cells
from scanner.combine import Claim, alone, combine, combine_in_cells
from scanner.components import connected_components
from scanner.decode import best_path
from scanner.flatten import flatten, is_negative, to_gray
from scanner.frame import frames
from scanner.geometry import identity, quarter_turn, rotation
from scanner.join import Group, in_rows, join_digits
from scanner.layout import find_layout
from scanner.options import DEFAULT_OPTIONS, Layout, Readers, ScanOptions
from scanner.orient import find_quarters
from scanner.perspective import find_sheet, sheet_map, without_background
from scanner.regions import cut_region, read_regions, whole_region
from scanner.review import reason_to_look
from scanner.rules import find_rules, remove_rules
from scanner.runs import character_height, characters, find_runs
from scanner.segment import build_lattice
from scanner.straighten import find_tilt, straighten
from scanner.strip import find_strips, read_strip
from scanner.structure import Structure, find_structure
from scanner.types import Box, Digit, Number, Opinion, PageResult, Step
from scanner.words import letters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.cells import InCells
    from scanner.classify import Classifier
    from scanner.combine import Answer
    from scanner.components import Components
    from scanner.decode import Piece
    from scanner.geometry import PageMap
    from scanner.reader import NumberReader
    from scanner.regions import Region
    from scanner.runs import Run
    from scanner.segment import Lattice
    from scanner.strip import Strip
    from scanner.types import Image, Ink, Page


@dataclass(frozen=True, slots=True, eq=False)
class _Straight:
    """A page set straight, and how."""

    ink: Ink
    page_map: PageMap
    """From the page as it came."""
    components: Components | None = None
    """Of the ink, if somebody has looked for them."""
    sheet: bool = False
    """Whether it was a sheet seen in perspective."""
    quarters: int = 0
    """Quarter turns counter-clockwise."""
    degrees: float = 0.0
    """Turned counter-clockwise beyond that."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a number may stand: what the contours say, and what the number reader is to look at."""

    row: int
    column: int
    contours: Claim
    region: Region
    table: int = 0
    cells: tuple[int, ...] = ()


def scan_page(
    page: Page,
    classifier: Classifier,
    number_reader: NumberReader | None = None,
    options: ScanOptions = DEFAULT_OPTIONS,
) -> PageResult:
    """Find and read the numbers on a page.

    Args:
        page: decoded, in colour.
        classifier: from :func:`scanner.classify.load_classifier`.
        number_reader: from :func:`scanner.reader.load_reader`; without one the contours read alone.
        options: how to read; all that is to be known without being told.

    Returns:
        Numbers in reading order, boxes in pixels of ``page.image``, and what each stage measured.

    Raises:
        ValueError: if only the number reader is to read, and there is none.
    """
    if number_reader is None and options.readers is Readers.NUMBER:
        raise ValueError("the number reader is to read, but none was given")
    readers = Readers.CONTOURS if number_reader is None else options.readers
    gray = to_gray(page.image)
    negative = is_negative(gray)
    dark = np.asarray(cv2.bitwise_not(gray), np.uint8) if negative else gray
    flat = flatten(dark)
    ink = binarize(flat)
    layout = find_layout(ink) if options.layout is Layout.AUTO else options.layout
    as_it_is = identity(gray.shape[1], gray.shape[0])
    straight = (
        _set_straight(dark, flat, ink, classifier, options) if layout is Layout.PAGE else _Straight(ink, as_it_is)
    )
    level = straight.ink
    with_rules = straight.components or connected_components(level.mask)
    height = character_height(with_rules, level.stroke_width)
    ruling = find_rules(level, with_rules, height)
    clear = remove_rules(level, ruling)
    structure = find_structure(level, ruling, height) if layout is Layout.PAGE else Structure()
    inked = into_cells(with_rules if clear is level else connected_components(clear.mask), structure)
    components = inked.components
    members = characters(components, clear.stroke_width, height)
    strips = find_strips(inked, members, structure.combs, clear)
    members = members[~np.isin(members, [index for strip in strips for index in strip.run.members])]
    words = letters(members, clear, components, classifier) if layout is Layout.PAGE else members[:0]
    # On a page the contours show where the numbers are, whoever reads them.
    looked_for = layout is Layout.PAGE or readers is not Readers.NUMBER
    runs = _runs(inked, members[~np.isin(members, words)], clear.stroke_width) if looked_for else ()
    lattices = [build_lattice(run, clear, components) for run in runs]
    paths = _read_digits(lattices, classifier)
    if layout is Layout.PAGE:
        places = _places((*_groups(runs, paths), *_strip_groups(strips, classifier)), clear, inked)
    else:
        places = (_whole(paths, whole_region(dark, clear.mask)),)
    answers = _answers(places, number_reader, replace(options, readers=readers, layout=layout))
    numbers = tuple(_number(*pair, straight.page_map) for pair in zip(places, answers, strict=True) if pair[1].digits)
    steps = (
        Step("gray", (("negative", negative),)),
        Step("binarize", (("stroke_width", round(ink.stroke_width, 2)),)),
        Step("layout", (("is", layout.value),)),
        Step("perspective", (("sheet", straight.sheet),)),
        Step("turn", (("quarters", straight.quarters),)),
        Step("straighten", (("degrees", round(straight.degrees, 2)),)),
        Step("rules", (("removed", clear is not level), ("character_height", round(height, 1)))),
        Step("structure", (("tables", len(structure.tables)), ("combs", len(strips)))),
        Step("components", (("found", len(components)), ("letters", len(words)), ("runs", len(runs)))),
        Step("classify", (("classifier", classifier.name), ("hypotheses", sum(len(x.hypotheses) for x in lattices)))),
        Step("join", (("places", len(places)),)),
        Step("read", (("readers", readers.value), ("charset", options.charset.value), ("numbers", len(numbers)))),
    )
    return PageResult(page.file, page.number, page.image.shape[1], page.image.shape[0], numbers, steps)


def _set_straight(gray: Image, flat: Image, ink: Ink, classifier: Classifier, options: ScanOptions) -> _Straight:
    """Find how the page lies, step by step, and map its ink once by all of it."""
    height, width = gray.shape
    sheet = find_sheet(gray) if options.perspective else None
    if sheet is not None:
        ink = binarize(without_background(flat, sheet))
    seen = identity(width, height) if sheet is None else sheet_map(width, height, sheet)
    degrees = find_tilt(straighten(ink, seen)) if options.straighten else 0.0
    page_map = seen.then(rotation(*seen.size, degrees))
    level = straighten(ink, page_map)
    components = connected_components(level.mask)
    quarters = find_quarters(level, components, partial(_sureness, classifier)) if options.turn else 0
    if quarters:
        turned = seen.then(quarter_turn(*seen.size, quarters))
        page_map = turned.then(rotation(*turned.size, degrees))
        level = straighten(ink, page_map)
        components = connected_components(level.mask)
    return _Straight(level, page_map, components, sheet is not None, quarters, degrees)


def _sureness(classifier: Classifier, glyphs: Image) -> list[float]:
    """How sure the classifier is of the digit it takes each frame for, 0-1."""
    return [reading.confidence for reading in classifier.read(glyphs)]


def _read_digits(lattices: Sequence[Lattice], classifier: Classifier) -> list[tuple[Piece, ...]]:
    """The best way through each lattice, all read at once."""
    glyphs = [hypothesis.glyph.strength for lattice in lattices for hypothesis in lattice.hypotheses]
    readings = iter(classifier.read(frames(glyphs)))
    return [best_path(lattice, [next(readings) for _ in lattice.hypotheses]) for lattice in lattices]


def _runs(inked: InCells, members: NDArray[np.int64], stroke_width: float) -> tuple[Run, ...]:
    """Runs, none of which crosses from one cell into another."""
    owner = inked.owner[members]
    return tuple(
        run for place in np.unique(owner) for run in find_runs(inked.components, members[owner == place], stroke_width)
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """One number, where it was found."""

    group: Group
    run: Run
    limits: tuple[int, int]
    cells: tuple[int, ...] = ()


def _groups(runs: Sequence[Run], paths: Sequence[Sequence[Piece]]) -> tuple[_Found, ...]:
    return tuple(
        _Found(group, run, _limits(group, path))
        for run, path in zip(runs, paths, strict=True)
        for group in join_digits(path)
    )


def _strip_groups(strips: Sequence[Strip], classifier: Classifier) -> tuple[_Found, ...]:
    """One number per comb field."""
    readings = iter(classifier.read(frames(glyph.strength for strip in strips for glyph in strip.glyphs)))
    pieces = [(strip, read_strip(strip, [next(readings) for _ in strip.glyphs])) for strip in strips]
    return tuple(
        _Found(Group(digits), strip.run, (strip.run.box.x, strip.run.box.right), strip.columns)
        for strip, digits in pieces
        if digits
    )


def _places(found: Sequence[_Found], ink: Ink, inked: InCells) -> tuple[_Place, ...]:
    """The numbers of a page, in reading order."""
    by_digits = {one.group.digits: one for one in found}
    places = []
    for group in in_rows(one.group for one in found):
        one = by_digits[group.digits]
        region = cut_region(one.run, group.box, one.limits, ink, inked.components)
        row, column, table = group.row, group.column, 0
        if (owner := int(inked.owner[one.run.members[0]])) >= 0 and inked.places[owner].table:
            place = inked.places[owner]
            row, column, table = place.cell.row, place.cell.column or group.column, place.table
        places.append(_Place(row, column, _claim(group.digits), region, table, one.cells))
    return tuple(places)


def _limits(group: Group, path: Sequence[Piece]) -> tuple[int, int]:
    """Columns up to the pieces left and right of a number that are not its own."""
    box = group.box
    before = [piece.box.right for piece in path if piece.box.center[0] < box.x]
    behind = [piece.box.x for piece in path if piece.box.center[0] > box.right]
    return min(max(before, default=0), box.x), max(min(behind, default=box.right), box.right)


def _whole(paths: Sequence[Sequence[Piece]], region: Region) -> _Place:
    """A picture of one number: whatever digits are in it are its."""
    digits = (piece for path in paths for group in join_digits(path) for piece in group.digits)
    return _Place(1, 1, _claim(sorted(digits, key=lambda piece: piece.box.center[0])), region)


def _claim(pieces: Sequence[Piece]) -> Claim:
    digits = tuple(Digit(str(piece.digit), piece.confidence, piece.box) for piece in pieces)
    text = "".join(digit.text for digit in digits)
    confidence = math.prod(digit.confidence for digit in digits) if digits else 0.0
    return Claim(Opinion("contours", text, confidence), digits)


def _answers(places: Sequence[_Place], number_reader: NumberReader | None, options: ScanOptions) -> tuple[Answer, ...]:
    if number_reader is None or options.readers is Readers.CONTOURS:
        return tuple(alone(place.contours) for place in places)
    claims = read_regions([place.region for place in places], number_reader, options.charset)
    if options.readers is Readers.NUMBER:
        return tuple(alone(claim) for claim in claims)
    return tuple(
        (combine_in_cells if place.cells else combine)(place.contours, claim, options.layout, number_reader.agreement)
        for place, claim in zip(places, claims, strict=True)
    )


def _number(place: _Place, answer: Answer, page_map: PageMap) -> Number:
    return Number(
        text=answer.text,
        confidence=answer.confidence,
        review=reason_to_look(answer.confidence, answer.said),
        row=place.row,
        column=place.column,
        box=page_map.to_original(Box.around(digit.box for digit in answer.digits)),
        digits=tuple(Digit(digit.text, digit.confidence, page_map.to_original(digit.box)) for digit in answer.digits),
        said=answer.said,
        table=place.table,
        cells=place.cells,
    )
