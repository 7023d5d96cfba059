"""One page through all stages: reading :func:`run_stages` explains the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner import places
from scanner.binarize import binarize
from scanner.cells import into_cells
from scanner.combine import alone, combine, combine_in_cells
from scanner.components import connected_components
from scanner.decode import best_path
from scanner.flatten import flatten, is_negative, to_gray
from scanner.frame import frames
from scanner.kinds import kinds_of, possible
from scanner.layout import find_layout
from scanner.options import DEFAULT_OPTIONS, Layout, Readers, ScanOptions
from scanner.regions import read_regions, whole_region
from scanner.review import CROSSED_OUT, reason_to_look
from scanner.rules import find_rules, remove_rules
from scanner.runs import character_height, characters, find_runs
from scanner.segment import build_lattice
from scanner.strike import is_crossed_out
from scanner.strip import find_strips, read_strip
from scanner.structure import Structure, find_structure
from scanner.types import Box, Digit, Number, PageResult, Step
from scanner.upright import as_it_is, set_upright

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.cells import InCells
    from scanner.classify import Classifier
    from scanner.combine import Answer
    from scanner.decode import Piece
    from scanner.geometry import PageMap
    from scanner.kinds import KindMap
    from scanner.models import Models
    from scanner.places import Place
    from scanner.reader import NumberReader
    from scanner.rules import Ruling
    from scanner.runs import Run
    from scanner.segment import Lattice
    from scanner.strip import Strip
    from scanner.types import Image, Ink, Page
    from scanner.upright import Upright


@dataclass(frozen=True, slots=True, eq=False)
class Stages:
    """What each stage made of a page, in the order in which they ran."""

    negative: bool
    gray: Image
    """Dark ink on light paper."""
    flat: Image
    """With the light evened out."""
    ink: Ink
    layout: Layout
    upright: Upright
    """From here on all is in pixels of the upright page."""
    character_height: float
    ruling: Ruling
    clear: Ink
    """Without rules."""
    structure: Structure
    inked: InCells
    kind_map: KindMap | None
    """What the ink is; None where it was not looked at."""
    members: NDArray[np.int64]
    """The components that can be characters of the numbers that are wanted."""
    strips: tuple[Strip, ...]
    runs: tuple[Run, ...]
    lattices: tuple[Lattice, ...]
    paths: tuple[tuple[Piece, ...], ...]
    places: tuple[Place, ...]
    numbers: tuple[Number, ...]
    """In pixels of the page as it came."""


def scan_page(page: Page, models: Models, options: ScanOptions = DEFAULT_OPTIONS) -> PageResult:
    """Find and read the numbers on a page.

    Args:
        page: decoded, in colour.
        models: what it is read with, from :func:`scanner.models.load_models`.
        options: how to read; all that is to be known without being told.

    Returns:
        Numbers in reading order, boxes in pixels of ``page.image``, and what each stage measured.

    Raises:
        ValueError: if only the number reader is to read, and there is none.
    """
    stages = run_stages(page.image, models, options)
    height, width = page.image.shape[:2]
    return PageResult(page.file, page.number, width, height, stages.numbers, _steps(stages, models, options))


def run_stages(image: Image, models: Models, options: ScanOptions = DEFAULT_OPTIONS) -> Stages:
    """What :func:`scan_page` does, with all that it came by on the way.

    Args:
        image: shape (height, width, 3), BGR.
        models: what it is read with.
        options: how to read.

    Raises:
        ValueError: if only the number reader is to read, and there is none.
    """
    if models.numbers is None and options.readers is Readers.NUMBER:
        raise ValueError("the number reader is to read, but none was given")
    gray = to_gray(image)
    if negative := is_negative(gray):
        gray = np.asarray(cv2.bitwise_not(gray), np.uint8)
    flat = flatten(gray)
    ink = binarize(flat)
    layout = find_layout(ink) if options.layout is Layout.AUTO else options.layout
    is_page = layout is Layout.PAGE
    upright = set_upright(gray, flat, ink, models.digits, options) if is_page else as_it_is(ink)
    with_rules = connected_components(upright.ink.mask)
    height = character_height(with_rules, upright.ink.stroke_width)
    ruling = find_rules(upright.ink, with_rules, height)
    clear = remove_rules(upright.ink, ruling)
    structure = find_structure(upright.ink, ruling, height) if is_page else Structure()
    inked = into_cells(with_rules if clear is upright.ink else connected_components(clear.mask), structure)
    members = characters(inked.components, clear.stroke_width, height)
    kind_map = models.page.look(upright.ink, height) if is_page and models.page is not None else None
    shares = None if kind_map is None else kinds_of(inked.components, kind_map, clear.stroke_width)
    if shares is not None:
        members = members[possible(shares[members], options.kind)]
    strips = find_strips(inked, members, structure.combs, clear)
    # On a page the contours show where the numbers are, whoever reads them.
    looked_for = is_page or options.readers is not Readers.NUMBER
    runs = _runs(inked, _loose(members, strips), clear.stroke_width) if looked_for else ()
    lattices = tuple(build_lattice(run, clear, inked.components) for run in runs)
    paths = _read_digits(lattices, models.digits)
    if is_page:
        found = (*places.in_runs(runs, paths), *places.in_strips(strips, _read_strips(strips, models.digits)))
        if shares is not None:
            found = places.of_kind(found, shares, inked.components, options.kind)
        found = places.looked_for_strikes(found, ruling.rules, inked.components, clear.stroke_width)
        standing = places.in_reading_order(found, clear, inked)
    else:
        standing = (places.whole(paths, whole_region(gray, clear.mask)),)
    answers = _answers(standing, models.numbers, layout, options)
    answered = zip(standing, answers, strict=True)
    numbers = tuple(_number(place, answer, upright.page_map) for place, answer in answered if answer.digits)
    return Stages(
        negative=negative,
        gray=gray,
        flat=flat,
        ink=ink,
        layout=layout,
        upright=upright,
        character_height=height,
        ruling=ruling,
        clear=clear,
        structure=structure,
        inked=inked,
        kind_map=kind_map,
        members=members,
        strips=strips,
        runs=runs,
        lattices=lattices,
        paths=paths,
        places=standing,
        numbers=numbers,
    )


def _steps(stages: Stages, models: Models, options: ScanOptions) -> tuple[Step, ...]:
    """What each stage measured or was told, for the record."""
    upright, hypotheses = stages.upright, sum(len(lattice.hypotheses) for lattice in stages.lattices)
    readers = Readers.CONTOURS if models.numbers is None else options.readers
    told_apart = stages.kind_map is not None
    return (
        Step("gray", (("negative", stages.negative),)),
        Step("binarize", (("stroke_width", round(stages.ink.stroke_width, 2)),)),
        Step("layout", (("is", stages.layout.value),)),
        Step("perspective", (("sheet", upright.sheet),)),
        Step("turn", (("quarters", upright.quarters),)),
        Step("straighten", (("degrees", round(upright.degrees, 2)),)),
        Step("rules", (("removed", stages.clear is not upright.ink), ("height", round(stages.character_height, 1)))),
        Step("structure", (("tables", len(stages.structure.tables)), ("combs", len(stages.strips)))),
        Step("components", (("found", len(stages.inked.components)),)),
        Step("kinds", (("wanted", options.kind.value if told_apart else ""), ("left", len(stages.members)))),
        Step("classify", (("classifier", models.digits.name), ("hypotheses", hypotheses))),
        Step("join", (("runs", len(stages.runs)), ("places", len(stages.places)))),
        Step("read", (("readers", readers.value), ("charset", options.charset.value))),
    )


def _loose(members: NDArray[np.int64], strips: Sequence[Strip]) -> NDArray[np.int64]:
    """The components that stand in no comb field."""
    return members[~np.isin(members, [index for strip in strips for index in strip.run.members])]


def _read_digits(lattices: Sequence[Lattice], classifier: Classifier) -> tuple[tuple[Piece, ...], ...]:
    """The best way through each lattice, all read at once."""
    glyphs = [hypothesis.glyph.strength for lattice in lattices for hypothesis in lattice.hypotheses]
    readings = iter(classifier.read(frames(glyphs)))
    return tuple(best_path(lattice, [next(readings) for _ in lattice.hypotheses]) for lattice in lattices)


def _read_strips(strips: Sequence[Strip], classifier: Classifier) -> list[tuple[Piece, ...]]:
    """The digits in each comb field, all read at once."""
    readings = iter(classifier.read(frames(glyph.strength for strip in strips for glyph in strip.glyphs)))
    return [read_strip(strip, [next(readings) for _ in strip.glyphs]) for strip in strips]


def _runs(inked: InCells, members: NDArray[np.int64], stroke_width: float) -> tuple[Run, ...]:
    """Runs, none of which crosses from one cell into another."""
    owner = inked.owner[members]
    return tuple(
        run for place in np.unique(owner) for run in find_runs(inked.components, members[owner == place], stroke_width)
    )


def _answers(
    standing: Sequence[Place], number_reader: NumberReader | None, layout: Layout, options: ScanOptions
) -> tuple[Answer, ...]:
    if number_reader is None or options.readers is Readers.CONTOURS:
        return tuple(alone(place.contours) for place in standing)
    claims = read_regions([place.region for place in standing], number_reader, options.charset)
    if options.readers is Readers.NUMBER:
        return tuple(alone(claim) for claim in claims)
    return tuple(
        (combine_in_cells if place.cells else combine)(place.contours, claim, layout, number_reader.agreement)
        for place, claim in zip(standing, claims, strict=True)
    )


def _number(place: Place, answer: Answer, page_map: PageMap) -> Number:
    crossed_out = is_crossed_out(place.struck, answer.confidence)
    return Number(
        text=answer.text,
        confidence=answer.confidence,
        review=CROSSED_OUT if crossed_out else reason_to_look(answer.confidence, answer.said),
        row=place.row,
        column=place.column,
        box=page_map.to_original(Box.around(digit.box for digit in answer.digits)),
        digits=tuple(Digit(digit.text, digit.confidence, page_map.to_original(digit.box)) for digit in answer.digits),
        kind=place.kind,
        said=answer.said,
        table=place.table,
        cells=place.cells,
        crossed_out=crossed_out,
    )
