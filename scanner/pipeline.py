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
from scanner.confirm import confirmed
from scanner.decode import best_path
from scanner.faint import with_faint
from scanner.flatten import flatten, is_negative, to_gray
from scanner.frame import frames
from scanner.kinds import digit_odds, kinds_of
from scanner.layout import find_layout
from scanner.mixed import parted_by_kind
from scanner.options import DEFAULT_OPTIONS, Layout, Readers, ScanOptions
from scanner.presence import PRESENT, presence
from scanner.regions import cells_region, read_regions, read_runs, run_region, whole_region
from scanner.review import CROSSED_OUT, reason_to_look
from scanner.rules import find_rules, remove_rules
from scanner.runs import character_height
from scanner.segment import build_lattice
from scanner.strike import is_crossed_out
from scanner.strip import read_strip
from scanner.structure import Structure, find_structure
from scanner.ticks import with_ticks
from scanner.types import Box, Digit, Number, PageResult, Step
from scanner.upright import as_it_is, set_upright
from scanner.verdict import Lie, verdict
from scanner.wanted import find_wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.cells import InCells
    from scanner.classify import Classifier
    from scanner.combine import Answer, Claim
    from scanner.components import Components
    from scanner.decode import Piece
    from scanner.geometry import PageMap
    from scanner.kinds import KindMap
    from scanner.models import Models
    from scanner.places import Place
    from scanner.reader import NumberReader
    from scanner.regions import Region
    from scanner.rules import Ruling
    from scanner.runs import Run
    from scanner.segment import Lattice
    from scanner.strip import Strip
    from scanner.types import Finding, Glyph, Image, Ink, Page, Reading
    from scanner.upright import Upright


@dataclass(frozen=True, slots=True, eq=False)
class Stages:
    """What each stage made of a page, in the order in which they ran."""

    negative: bool
    gray: Image
    """Dark ink on light paper."""
    flat: Image
    """With the light evened out: 0 = paper, the darker the ink the more."""
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
    """The components that can be characters of the numbers that are wanted, those in comb fields left out."""
    strips: tuple[Strip, ...]
    runs: tuple[Run, ...]
    lattices: tuple[Lattice, ...]
    """One per run."""
    readings: tuple[tuple[Reading, ...], ...]
    """What the classifier says of the hypotheses of each lattice."""
    paths: tuple[tuple[Piece, ...], ...]
    """The best way through each lattice."""
    strip_readings: tuple[tuple[Reading, ...], ...]
    """What the classifier says of the glyphs of each strip."""
    regions: tuple[Region, ...]
    """What the number reader looks at: runs, then strips; or the picture of one number."""
    places: tuple[Place, ...]
    answers: tuple[Answer, ...]
    """What the readers say of each place."""
    presences: tuple[float, ...]
    """How probable it is that a number stands in each place; where it is too improbable, it is none."""
    numbers: tuple[Number, ...]
    """In pixels of the page as it came."""
    verdict: tuple[Finding, ...]
    """What is wrong with the scan; nothing of a picture of one number."""


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
    return page_result(page, run_stages(page.image, models, options), models, options)


def page_result(page: Page, stages: Stages, models: Models, options: ScanOptions = DEFAULT_OPTIONS) -> PageResult:
    """What :func:`scan_page` returns, from the stages of the page; they were run with the same models and options."""
    height, width = page.image.shape[:2]
    steps = _steps(stages, models, options)
    return PageResult(page.file, page.number, width, height, stages.numbers, steps, verdict=stages.verdict)


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
    if is_page:
        ink = with_faint(gray, flat, ink)
    upright = set_upright(gray, flat, ink, models.digits, options) if is_page else as_it_is(ink)
    height = character_height(upright.components, upright.ink.stroke_width)
    kind_map = models.page.look(upright.ink, height) if is_page and models.page is not None else None
    ruling = find_rules(upright.ink, upright.components, height)
    if kind_map is not None:
        ruling = confirmed(ruling, kind_map)
    if is_page:
        ruling = with_ticks(ruling, upright.ink, height)
    clear = remove_rules(upright.ink, ruling)
    structure = find_structure(upright.ink, ruling, height) if is_page else Structure()
    components = upright.components if clear is upright.ink else connected_components(clear.mask)
    shares = None if kind_map is None else kinds_of(components, kind_map, clear.stroke_width)
    whole = components
    if kind_map is not None and shares is not None:
        components = parted_by_kind(components, shares, kind_map, options.kind, clear.stroke_width)
    inked = into_cells(components, structure)
    if kind_map is not None and inked.components is not whole:
        shares = kinds_of(inked.components, kind_map, clear.stroke_width)
    told = None if shares is None else (shares, options.kind)
    wanted = find_wanted(inked, clear, structure.combs, height, told)
    # On a page the contours show where the numbers are, whoever reads them.
    runs = wanted.runs if is_page or options.readers is not Readers.NUMBER else ()
    lattices = tuple(build_lattice(run, clear, inked.components) for run in runs)
    readings = _read([[each.glyph for each in lattice.hypotheses] for lattice in lattices], models.digits)
    odds = [_odds(lattice, run, shares, inked.components) for lattice, run in zip(lattices, runs, strict=True)]
    paths = tuple(best_path(*each) for each in zip(lattices, readings, odds, strict=True))
    strip_readings = _read([strip.glyphs for strip in wanted.strips], models.digits)
    number_reader = None if options.readers is Readers.CONTOURS else models.numbers
    if is_page:
        regions = (
            *(run_region(run, clear, inked.components) for run in runs),
            *(cells_region(strip.run, clear, inked.components) for strip in wanted.strips),
        )
        in_cells = [read_strip(*each) for each in zip(wanted.strips, strip_readings, strict=True)]
        claims: Sequence[Claim | None] = [None] * len(wanted.strips)
        if number_reader is None:
            found = places.by_contours(runs, paths, inked.components)
        else:
            parts = read_runs(regions[: len(runs)], number_reader, options.charset)
            found = places.as_read(runs, paths, parts, inked.components)
            claims = read_regions(regions[len(runs) :], number_reader, options.charset)
        found = (*found, *places.in_strips(wanted.strips, in_cells, claims, len(runs)))
        if shares is not None:
            found = places.of_kind(found, shares, inked.components, options.kind)
        found = places.looked_for_strikes(found, ruling.rules, inked.components, clear.stroke_width)
        standing = places.in_reading_order(found, inked)
    else:
        regions = (whole_region(gray, clear.mask),)
        claim = None if number_reader is None else read_regions(regions, number_reader, options.charset)[0]
        standing = (places.whole(paths, claim),)
    answers = tuple(_answer(place, layout, options, number_reader) for place in standing)
    presences = tuple(_presence(*each) for each in zip(standing, answers, strict=True))
    numbers = tuple(
        _number(place, answer, probable, upright.page_map)
        for place, answer, probable in zip(standing, answers, presences, strict=True)
        if probable >= PRESENT
    )
    lie = Lie(upright.sheet, upright.quarters, upright.degrees)
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
        members=wanted.members,
        strips=wanted.strips,
        runs=runs,
        lattices=lattices,
        readings=readings,
        paths=paths,
        strip_readings=strip_readings,
        regions=regions,
        places=standing,
        answers=answers,
        presences=presences,
        numbers=numbers,
        verdict=verdict(gray, flat, ink, upright.components.boxes, lie) if is_page else (),
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


def _odds(lattice: Lattice, run: Run, shares: NDArray[np.float64] | None, components: Components) -> Sequence[float]:
    """Log odds that each hypothesis is of digits; none where nothing tells kinds of ink apart."""
    if shares is None:
        return ()
    return digit_odds([each.glyph.box for each in lattice.hypotheses], run.members, shares, components)


def _read(glyphs: Sequence[Sequence[Glyph]], classifier: Classifier) -> tuple[tuple[Reading, ...], ...]:
    """What the classifier says of each glyph of each group, all read at once."""
    readings = iter(classifier.read(frames(glyph.strength for group in glyphs for glyph in group)))
    return tuple(tuple(next(readings) for _ in group) for group in glyphs)


def _answer(place: Place, layout: Layout, options: ScanOptions, number_reader: NumberReader | None) -> Answer:
    if place.number is None or number_reader is None:
        return alone(place.contours)
    if options.readers is Readers.NUMBER:
        return alone(place.number)
    combined = combine_in_cells if place.cells else combine
    return combined(place.contours, place.number, layout, number_reader.agreement)


def _presence(place: Place, answer: Answer) -> float:
    """How probable it is that a number stands in a place; certain where nothing tells kinds of ink apart."""
    if not answer.digits:
        return 0.0
    return presence(place.share, answer.confidence, len(answer.digits)) if place.kind else 1.0


def _number(place: Place, answer: Answer, probable: float, page_map: PageMap) -> Number:
    confidence = probable * answer.confidence
    crossed_out = is_crossed_out(place.struck, answer.confidence)
    return Number(
        text=answer.text,
        confidence=confidence,
        review=CROSSED_OUT if crossed_out else reason_to_look(confidence, answer.said),
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
