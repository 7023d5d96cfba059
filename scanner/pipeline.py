"""One page through all stages: reading :func:`run_stages` explains the program."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from scanner import places
from scanner.combine import alone, combine, combine_in_cells
from scanner.decode import best_path
from scanner.frame import frames
from scanner.kinds import digit_odds
from scanner.options import DEFAULT_OPTIONS, Layout, Readers, ScanOptions
from scanner.prepare import Prepared, prepare
from scanner.presence import PRESENT, presence
from scanner.regions import cells_region, read_regions, read_runs, run_region, whole_region
from scanner.review import CROSSED_OUT, reason_to_look
from scanner.segment import build_lattice
from scanner.strike import is_crossed_out
from scanner.strip import read_strip
from scanner.types import Box, Digit, Number, PageResult, Step
from scanner.verdict import Lie, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from scanner.classify import Classifier
    from scanner.combine import Answer, Claim
    from scanner.components import Components
    from scanner.decode import Piece
    from scanner.geometry import PageMap
    from scanner.models import Models
    from scanner.places import Place
    from scanner.reader import NumberReader
    from scanner.regions import Region
    from scanner.runs import Run
    from scanner.segment import Lattice
    from scanner.types import Finding, Glyph, Image, Page, Reading


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Contours:
    """What the digit network makes of the pieces of ink."""

    lattices: tuple[Lattice, ...]
    """One per run."""
    readings: tuple[tuple[Reading, ...], ...]
    """What the classifier says of the hypotheses of each lattice."""
    paths: tuple[tuple[Piece, ...], ...]
    """The best way through each lattice."""
    strip_readings: tuple[tuple[Reading, ...], ...]
    """What the classifier says of the glyphs of each strip."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Stages(Prepared):
    """What each stage made of a page, in the order in which they ran."""

    lattices: tuple[Lattice, ...]
    readings: tuple[tuple[Reading, ...], ...]
    paths: tuple[tuple[Piece, ...], ...]
    strip_readings: tuple[tuple[Reading, ...], ...]
    """These as in :class:`Contours`."""
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
    page = prepare(image, models, options)
    by_contours = _by_contours(page, models)
    is_page = page.layout is Layout.PAGE
    regions, standing = (_on_page if is_page else _alone)(page, by_contours, models, options)
    answers = tuple(_answer(place, page.layout, models, options) for place in standing)
    presences = tuple(_presence(*each) for each in zip(standing, answers, strict=True))
    numbers = tuple(
        _number(place, answer, probable, page.upright.page_map)
        for place, answer, probable in zip(standing, answers, presences, strict=True)
        if probable >= PRESENT
    )
    lie = Lie(page.upright.sheet, page.upright.quarters, page.upright.degrees)
    return Stages(
        **_values(page),
        **_values(by_contours),
        regions=regions,
        places=standing,
        answers=answers,
        presences=presences,
        numbers=numbers,
        verdict=verdict(page.gray, page.flat, page.ink, page.upright.components.boxes, lie) if is_page else (),
    )


def _values(of: Prepared | Contours) -> dict[str, Any]:
    return {field.name: getattr(of, field.name) for field in fields(of)}


def _by_contours(page: Prepared, models: Models) -> Contours:
    """Cut runs into digits, read them, and find the best way through each."""
    lattices = tuple(build_lattice(run, page.clear, page.inked.components) for run in page.runs)
    readings = _read([[each.glyph for each in lattice.hypotheses] for lattice in lattices], models.digits)
    odds = [
        _odds(lattice, run, page.shares, page.inked.components)
        for lattice, run in zip(lattices, page.runs, strict=True)
    ]
    paths = tuple(best_path(*each) for each in zip(lattices, readings, odds, strict=True))
    strip_readings = _read([strip.glyphs for strip in page.strips], models.digits)
    return Contours(lattices=lattices, readings=readings, paths=paths, strip_readings=strip_readings)


def _on_page(
    page: Prepared, read: Contours, models: Models, options: ScanOptions
) -> tuple[tuple[Region, ...], tuple[Place, ...]]:
    """What the number readers look at on a page, and where numbers may stand."""
    clear, components = page.clear, page.inked.components
    in_runs = tuple(run_region(run, clear, components) for run in page.runs)
    in_strips = tuple(cells_region(strip.run, clear, components) for strip in page.strips)
    if (reader := _asked(models.runs, options)) is None:
        found = places.by_contours(page.runs, read.paths, components)
    else:
        found = places.as_read(page.runs, read.paths, read_runs(in_runs, reader, options.charset), components)
    in_cells = [read_strip(*each) for each in zip(page.strips, read.strip_readings, strict=True)]
    claims = _claims(in_strips, models.numbers, options)
    found = (*found, *places.in_strips(page.strips, in_cells, claims, len(in_runs)))
    if page.shares is not None:
        found = places.of_kind(found, page.shares, components, options.kind)
    found = places.looked_for_strikes(found, page.ruling.rules, components, clear.stroke_width)
    return (*in_runs, *in_strips), places.in_reading_order(found, page.inked)


def _alone(
    page: Prepared, read: Contours, models: Models, options: ScanOptions
) -> tuple[tuple[Region, ...], tuple[Place, ...]]:
    """The same of a picture of one number."""
    region = whole_region(page.gray, page.clear.mask)
    (claim,) = _claims([region], models.numbers, options)
    return (region,), (places.whole(read.paths, claim),)


def _claims(
    regions: Sequence[Region], number_reader: NumberReader | None, options: ScanOptions
) -> Sequence[Claim | None]:
    """What the number reader says of regions of one number each; nothing if it is not asked."""
    reader = _asked(number_reader, options)
    return [None] * len(regions) if reader is None else read_regions(regions, reader, options.charset)


def _asked(reader: NumberReader | None, options: ScanOptions) -> NumberReader | None:
    """The reader, if it is to be asked."""
    if options.readers is Readers.CONTOURS:
        return None
    if reader is None and options.readers is Readers.NUMBER:
        raise ValueError("the number reader is to read, but none was given")
    return reader


def _steps(stages: Stages, models: Models, options: ScanOptions) -> tuple[Step, ...]:
    """What each stage measured or was told, for the record."""
    upright, hypotheses = stages.upright, sum(len(lattice.hypotheses) for lattice in stages.lattices)
    reader = models.runs if stages.layout is Layout.PAGE else models.numbers
    readers = Readers.CONTOURS if reader is None else options.readers
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


def _answer(place: Place, layout: Layout, models: Models, options: ScanOptions) -> Answer:
    reader = models.numbers if layout is Layout.NUMBER or place.cells else models.runs
    if place.number is None or reader is None:
        return alone(place.contours)
    if options.readers is Readers.NUMBER:
        return alone(place.number)
    combined = combine_in_cells if place.cells else combine
    return combined(place.contours, place.number, layout, reader.agreement)


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
