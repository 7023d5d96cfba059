"""One page through all stages: reading :func:`run_stages` explains the program."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from scanner.decision import located_numbers
from scanner.decision.number_presence import PRESENCE_THRESHOLD, number_presence
from scanner.decision.reader_fusion import accept_claim, fuse_claims, fuse_comb_claims
from scanner.decision.review import CROSSED_OUT, review_reason
from scanner.decision.strikethrough import is_crossed_out
from scanner.image.digit_frame import digit_frames
from scanner.layout.ink_classes import digit_log_odds
from scanner.numbers.crops import crop_comb_digits, crop_text_line, whole_picture_crop
from scanner.options import DEFAULT_OPTIONS, PageOrCrop, Readers, ScanOptions
from scanner.preparation import PreparationOutputs, prepare
from scanner.recognition.cut_lattice import build_lattice
from scanner.recognition.lattice_decoding import best_path, read_comb_digits
from scanner.recognition.number_reading import read_number_crops, read_text_line_crops
from scanner.scan_quality import PagePose, assess_scan
from scanner.types import Box, Digit, Number, PageResult, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from scanner.decision.located_numbers import LocatedNumber
    from scanner.decision.reader_fusion import FusedReading
    from scanner.geometry.page_map import PageMap
    from scanner.image.components import Components
    from scanner.numbers.crops import NumberCrop
    from scanner.numbers.text_lines import TextLine
    from scanner.recognition.claims import Claim
    from scanner.recognition.cut_lattice import Lattice
    from scanner.recognition.digit_classifier import Classifier
    from scanner.recognition.lattice_decoding import ReadDigit
    from scanner.recognition.line_reader import LineReader
    from scanner.recognition.models import Models
    from scanner.types import DigitReading, Finding, Glyph, Image, PageImage


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ContourReadings:
    """What the digit network makes of the pieces of ink."""

    lattices: tuple[Lattice, ...]
    """One per run."""
    hypothesis_readings: tuple[tuple[DigitReading, ...], ...]
    """What the classifier says of the hypotheses of each lattice."""
    best_paths: tuple[tuple[ReadDigit, ...], ...]
    """The best way through each lattice."""
    comb_readings: tuple[tuple[DigitReading, ...], ...]
    """What the classifier says of the glyphs of each strip."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class StageOutputs(PreparationOutputs):
    """What each stage made of a page, in the order in which they ran."""

    lattices: tuple[Lattice, ...]
    hypothesis_readings: tuple[tuple[DigitReading, ...], ...]
    best_paths: tuple[tuple[ReadDigit, ...], ...]
    comb_readings: tuple[tuple[DigitReading, ...], ...]
    """These as in :class:`ContourReadings`."""
    number_crops: tuple[NumberCrop, ...]
    """What the number reader looks at: runs, then strips; or the picture of one number."""
    located: tuple[LocatedNumber, ...]
    fused_readings: tuple[FusedReading, ...]
    """What the readers say of each place."""
    presence_probabilities: tuple[float, ...]
    """How probable it is that a number stands in each place; where it is too improbable, it is none."""
    numbers: tuple[Number, ...]
    """In pixels of the page as it came."""
    scan_quality: tuple[Finding, ...]
    """What is wrong with the scan; nothing of a picture of one number."""


def scan_page(page: PageImage, models: Models, options: ScanOptions = DEFAULT_OPTIONS) -> PageResult:
    """Find and read the numbers on a page.

    Args:
        page: decoded, in colour.
        models: what it is read with, from :func:`scanner.recognition.models.load_models`.
        options: how to read; all that is to be known without being told.

    Returns:
        Numbers in reading order, boxes in pixels of ``page.image``, and what each stage measured.

    Raises:
        ValueError: if only the number reader is to read, and there is none.
    """
    return build_page_result(page, run_stages(page.image, models, options), models, options)


def build_page_result(
    page: PageImage, outputs: StageOutputs, models: Models, options: ScanOptions = DEFAULT_OPTIONS
) -> PageResult:
    """What :func:`scan_page` returns, from the stages of the page; they were run with the same models and options."""
    height, width = page.image.shape[:2]
    steps = _step_records(outputs, models, options)
    return PageResult(
        page.file, page.page_number, width, height, outputs.numbers, steps, scan_quality=outputs.scan_quality
    )


def run_stages(image: Image, models: Models, options: ScanOptions = DEFAULT_OPTIONS) -> StageOutputs:
    """What :func:`scan_page` does, with all that it came by on the way.

    Args:
        image: shape (height, width, 3), BGR.
        models: what it is read with.
        options: how to read.

    Raises:
        ValueError: if only the number reader is to read, and there is none.
    """
    page = prepare(image, models, options)
    by_contours = _read_contours(page, models)
    is_page = page.page_or_crop is PageOrCrop.PAGE
    regions, standing = (_locate_on_page if is_page else _locate_in_crop)(page, by_contours, models, options)
    answers = tuple(_fuse_readers(place, page.page_or_crop, models, options) for place in standing)
    presences = tuple(_presence_probability(*each) for each in zip(standing, answers, strict=True))
    numbers = tuple(
        _build_number(place, answer, probable, page.rectified.page_map)
        for place, answer, probable in zip(standing, answers, presences, strict=True)
        if probable >= PRESENCE_THRESHOLD
    )
    lie = PagePose(page.rectified.sheet_in_perspective, page.rectified.quarter_turns, page.rectified.deskew_degrees)
    return StageOutputs(
        **_field_values(page),
        **_field_values(by_contours),
        number_crops=regions,
        located=standing,
        fused_readings=answers,
        presence_probabilities=presences,
        numbers=numbers,
        scan_quality=assess_scan(page.gray, page.flat, page.ink, page.rectified.components.boxes, lie)
        if is_page
        else (),
    )


def _field_values(of: PreparationOutputs | ContourReadings) -> dict[str, Any]:
    return {field.name: getattr(of, field.name) for field in fields(of)}


def _read_contours(page: PreparationOutputs, models: Models) -> ContourReadings:
    """Cut runs into digits, read them, and find the best way through each."""
    lattices = tuple(
        build_lattice(run, page.ink_without_rules, page.cell_assignment.components) for run in page.text_lines
    )
    readings = _classify_glyphs(
        [[each.glyph for each in lattice.hypotheses] for lattice in lattices], models.digit_classifier
    )
    odds = [
        _hypothesis_log_odds(lattice, run, page.class_shares, page.cell_assignment.components)
        for lattice, run in zip(lattices, page.text_lines, strict=True)
    ]
    paths = tuple(best_path(*each) for each in zip(lattices, readings, odds, strict=True))
    strip_readings = _classify_glyphs([strip.glyphs for strip in page.comb_digits], models.digit_classifier)
    return ContourReadings(
        lattices=lattices, hypothesis_readings=readings, best_paths=paths, comb_readings=strip_readings
    )


def _locate_on_page(
    page: PreparationOutputs, read: ContourReadings, models: Models, options: ScanOptions
) -> tuple[tuple[NumberCrop, ...], tuple[LocatedNumber, ...]]:
    """What the number readers look at on a page, and where numbers may stand."""
    clear, components = page.ink_without_rules, page.cell_assignment.components
    in_runs = tuple(crop_text_line(run, clear, components) for run in page.text_lines)
    in_strips = tuple(crop_comb_digits(strip.text_line, clear, components) for strip in page.comb_digits)
    if (reader := _reader_if_asked(models.text_line_reader, options)) is None:
        found = located_numbers.find_by_contours(page.text_lines, read.best_paths, components)
    else:
        found = located_numbers.find_by_line_reader(
            page.text_lines, read.best_paths, read_text_line_crops(in_runs, reader, options.charset), components
        )
    in_cells = [read_comb_digits(*each) for each in zip(page.comb_digits, read.comb_readings, strict=True)]
    claims = _line_reader_claims(in_strips, models.crop_reader, options)
    found = (*found, *located_numbers.find_in_comb_fields(page.comb_digits, in_cells, claims, len(in_runs)))
    if page.class_shares is not None:
        found = located_numbers.select_kind(found, page.class_shares, components, options.number_kind)
    found = located_numbers.score_strikethroughs(found, page.rules.rules, components, clear.stroke_width)
    return (*in_runs, *in_strips), located_numbers.locate_in_reading_order(found, page.cell_assignment)


def _locate_in_crop(
    page: PreparationOutputs, read: ContourReadings, models: Models, options: ScanOptions
) -> tuple[tuple[NumberCrop, ...], tuple[LocatedNumber, ...]]:
    """The same of a picture of one number."""
    region = whole_picture_crop(page.gray, page.ink_without_rules.mask)
    (claim,) = _line_reader_claims([region], models.crop_reader, options)
    return (region,), (located_numbers.locate_in_crop(read.best_paths, claim),)


def _line_reader_claims(
    regions: Sequence[NumberCrop], number_reader: LineReader | None, options: ScanOptions
) -> Sequence[Claim | None]:
    """What the number reader says of regions of one number each; nothing if it is not asked."""
    reader = _reader_if_asked(number_reader, options)
    return [None] * len(regions) if reader is None else read_number_crops(regions, reader, options.charset)


def _reader_if_asked(reader: LineReader | None, options: ScanOptions) -> LineReader | None:
    """The reader, if it is to be asked."""
    if options.readers is Readers.CONTOURS:
        return None
    if reader is None and options.readers is Readers.LINE:
        raise ValueError("the number reader is to read, but none was given")
    return reader


def _step_records(stages: StageOutputs, models: Models, options: ScanOptions) -> tuple[Step, ...]:
    """What each stage measured or was told, for the record."""
    upright, hypotheses = stages.rectified, sum(len(lattice.hypotheses) for lattice in stages.lattices)
    reader = models.text_line_reader if stages.page_or_crop is PageOrCrop.PAGE else models.crop_reader
    readers = Readers.CONTOURS if reader is None else options.readers
    told_apart = stages.ink_class_map is not None
    return (
        Step("gray", (("negative", stages.was_negative),)),
        Step("binarize", (("stroke_width", round(stages.ink.stroke_width, 2)),)),
        Step("layout", (("is", stages.page_or_crop.value),)),
        Step("perspective", (("sheet", upright.sheet_in_perspective),)),
        Step("turn", (("quarters", upright.quarter_turns),)),
        Step("straighten", (("degrees", round(upright.deskew_degrees, 2)),)),
        Step(
            "rules",
            (("removed", stages.ink_without_rules is not upright.ink), ("height", round(stages.character_height, 1))),
        ),
        Step("structure", (("tables", len(stages.form_structure.tables)), ("combs", len(stages.comb_digits)))),
        Step("components", (("found", len(stages.cell_assignment.components)),)),
        Step(
            "kinds",
            (("wanted", options.number_kind.value if told_apart else ""), ("left", len(stages.component_indices))),
        ),
        Step("classify", (("classifier", models.digit_classifier.name), ("hypotheses", hypotheses))),
        Step("join", (("runs", len(stages.text_lines)), ("places", len(stages.located)))),
        Step("read", (("readers", readers.value), ("charset", options.charset.value))),
    )


def _hypothesis_log_odds(
    lattice: Lattice, run: TextLine, shares: NDArray[np.float64] | None, components: Components
) -> Sequence[float]:
    """Log odds that each hypothesis is of digits; none where nothing tells kinds of ink apart."""
    if shares is None:
        return ()
    return digit_log_odds([each.glyph.box for each in lattice.hypotheses], run.component_indices, shares, components)


def _classify_glyphs(glyphs: Sequence[Sequence[Glyph]], classifier: Classifier) -> tuple[tuple[DigitReading, ...], ...]:
    """What the classifier says of each glyph of each group, all read at once."""
    readings = iter(classifier.read(digit_frames(glyph.strength for group in glyphs for glyph in group)))
    return tuple(tuple(next(readings) for _ in group) for group in glyphs)


def _fuse_readers(place: LocatedNumber, layout: PageOrCrop, models: Models, options: ScanOptions) -> FusedReading:
    reader = models.crop_reader if layout is PageOrCrop.CROP or place.comb_cells else models.text_line_reader
    if place.line_claim is None or reader is None:
        return accept_claim(place.contour_claim)
    if options.readers is Readers.LINE:
        return accept_claim(place.line_claim)
    combined = fuse_comb_claims if place.comb_cells else fuse_claims
    return combined(place.contour_claim, place.line_claim, layout, reader.agreement)


def _presence_probability(place: LocatedNumber, answer: FusedReading) -> float:
    """How probable it is that a number stands in a place; certain where nothing tells kinds of ink apart."""
    if not answer.digits:
        return 0.0
    return number_presence(place.kind_share, answer.confidence, len(answer.digits)) if place.kind else 1.0


def _build_number(place: LocatedNumber, answer: FusedReading, probable: float, page_map: PageMap) -> Number:
    confidence = probable * answer.confidence
    crossed_out = is_crossed_out(place.strikethrough_score, answer.confidence)
    return Number(
        text=answer.text,
        confidence=confidence,
        review_reason=CROSSED_OUT if crossed_out else review_reason(confidence, answer.opinions),
        row=place.row,
        column=place.column,
        box=page_map.box_to_original(Box.around(digit.box for digit in answer.digits)),
        digits=tuple(
            Digit(digit.text, digit.confidence, page_map.box_to_original(digit.box)) for digit in answer.digits
        ),
        kind=place.kind,
        opinions=answer.opinions,
        table=place.table,
        comb_cells=place.comb_cells,
        crossed_out=crossed_out,
    )
