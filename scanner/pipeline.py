"""All stages of a page, from its image to its numbers: :func:`run_stages` is the program."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.decision import located_numbers, single_digits
from scanner.decision.crop_evidence import crop_evidence
from scanner.decision.decisions import decide_rows
from scanner.decision.reader_fusion import accept_claim, fuse_claims, weigh_second_opinion
from scanner.decision.row_evidence import PageEvidence, row_evidence
from scanner.image.digit_frame import digit_frames
from scanner.layout.ink_classes import digit_log_odds
from scanner.numbers.crops import crop_region, crop_text_line, whole_picture_crop
from scanner.options import DEFAULT_OPTIONS, Charset, Finder, PageOrCrop, Readers, ScanOptions
from scanner.preparation import PreparationOutputs, prepare
from scanner.recognition.cut_lattice import build_lattice
from scanner.recognition.lattice_decoding import best_path
from scanner.recognition.number_reading import read_number_crops, read_text_line_crops
from scanner.scan_quality import assess_scan
from scanner.types import PageResult, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from scanner.decision.decisions import Decision
    from scanner.decision.located_numbers import LocatedNumber
    from scanner.decision.reader_fusion import FusedReading
    from scanner.numbers.crops import NumberCrop
    from scanner.numbers.text_lines import TextLine
    from scanner.reading_models import Models
    from scanner.recognition.cut_lattice import Lattice
    from scanner.recognition.digit_classifier import Classifier
    from scanner.recognition.lattice_decoding import ReadDigit
    from scanner.recognition.line_reader import LineReader
    from scanner.recognition.reader_claims import Claim
    from scanner.types import DigitReading, Finding, Glyph, Image, Number, PageImage


@dataclass(frozen=True, slots=True, eq=False)
class DecodedLattice:
    """The ways to cut a text line into digits, and the best of them."""

    lattice: Lattice
    hypothesis_readings: tuple[DigitReading, ...]
    """The digit classifier's reading of each hypothesis."""
    best_path: tuple[ReadDigit, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ContourReadings:
    """Readings of the digit classifier."""

    text_lines: tuple[DecodedLattice, ...]
    """One for each text line."""
    matrix: tuple[DigitReading, ...] = ()
    """The readings of the digits of the matrix that the page is."""

    @property
    def best_paths(self) -> tuple[tuple[ReadDigit, ...], ...]:
        """The best path through the lattice of each text line."""
        return tuple(line.best_path for line in self.text_lines)


@dataclass(frozen=True, slots=True, eq=False)
class LocatedNumbers:
    """Where numbers may be, and what each reader read there."""

    crops: tuple[NumberCrop, ...]
    """Input of the line readers: the text lines, or the whole picture of a crop."""
    numbers: tuple[LocatedNumber, ...]
    """In reading order."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class StageOutputs:
    """Output of each stage, in the order in which they run."""

    prepared: PreparationOutputs
    contours: ContourReadings
    located: LocatedNumbers
    evidence: NDArray[np.float64] | None
    """What speaks for and against each located number, shape (N, len(EVIDENCE_NAMES)); None for a crop, a sheet of
    digits, without a page network, or if it has not found the numbers."""
    decisions: tuple[Decision, ...]
    """One for each located number."""
    scan_quality: tuple[Finding, ...]
    """What is wrong with the scan; empty for a crop."""

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The numbers of the page, in reading order."""
        return tuple(decision.number for decision in self.decisions if decision.number is not None)


def scan_page(page: PageImage, models: Models, options: ScanOptions = DEFAULT_OPTIONS) -> PageResult:
    """Find and read the numbers on a page.

    Args:
        page: the decoded page.
        models: models to read with, from :func:`scanner.reading_models.load_models`.
        options: how to read; the defaults detect what they can.

    Returns:
        Numbers in reading order, boxes in pixels of ``page.image``, and what each stage measured.

    Raises:
        ValueError: if the options ask for the line reader alone, and it is not loaded.
    """
    return build_page_result(page, run_stages(page.image, models, options), models, options)


def run_stages(image: Image, models: Models, options: ScanOptions = DEFAULT_OPTIONS) -> StageOutputs:
    """Run all stages on a page, and keep the output of each.

    Args:
        image: shape (height, width, 3), uint8, BGR.
        models: models to read with.
        options: how to read.

    Raises:
        ValueError: if the options ask for the line reader alone, and it is not loaded.
    """
    return read_prepared(prepare(image, models, options), models, options)


def read_prepared(prepared: PreparationOutputs, models: Models, options: ScanOptions = DEFAULT_OPTIONS) -> StageOutputs:
    """Run the stages after those of :func:`scanner.preparation.prepare`, whose outputs are given.

    Raises:
        ValueError: if the options ask for the line reader alone, and it is not loaded.
    """
    contours = _read_contours(prepared, models.digit_classifier)
    if prepared.page_or_crop is PageOrCrop.DIGIT_SHEET:
        # The line readers join digits to numbers.
        options = replace(options, readers=Readers.CONTOURS)
    if prepared.page_or_crop is not PageOrCrop.CROP:
        located = _locate_on_page(prepared, contours, models, options)
        scan_quality = assess_scan(prepared.scan, prepared.rectified)
    else:
        located = _locate_in_crop(prepared, contours, models, options)
        scan_quality = ()
    readings = tuple(_fuse_readers(number, prepared.page_or_crop, models, options) for number in located.numbers)
    evidence = _gather_evidence(prepared, located.numbers, readings, options)
    return StageOutputs(
        prepared=prepared,
        contours=contours,
        located=located,
        evidence=evidence,
        decisions=decide_rows(
            located.numbers,
            readings,
            None if evidence is None or models.row_model is None else models.row_model.judge(evidence),
            prepared.rectified.page_map,
            prepared.page_or_crop,
        ),
        scan_quality=scan_quality,
    )


def build_page_result(
    page: PageImage, outputs: StageOutputs, models: Models, options: ScanOptions = DEFAULT_OPTIONS
) -> PageResult:
    """Build the result of :func:`scan_page` from the outputs of the stages, run with the same models and options."""
    height, width = page.image.shape[:2]
    steps = _step_records(outputs, models, options)
    return PageResult(
        page.file, page.page_number, width, height, outputs.numbers, steps, scan_quality=outputs.scan_quality
    )


def _read_contours(page: PreparationOutputs, classifier: Classifier) -> ContourReadings:
    """Cut the text lines into digits, classify them, and find the best path through each lattice."""
    text_lines = page.candidates.text_lines
    lattices = [build_lattice(line, page.cell_assignment.ink) for line in text_lines]
    readings = _classify_glyphs([[each.glyph for each in lattice.hypotheses] for lattice in lattices], classifier)
    decoded = tuple(
        DecodedLattice(lattice, of_lattice, best_path(lattice, of_lattice, _hypothesis_log_odds(lattice, line, page)))
        for line, lattice, of_lattice in zip(text_lines, lattices, readings, strict=True)
    )
    of_matrix = () if page.digit_matrix is None else classifier.read(digit_frames(page.digit_matrix.strengths))
    return ContourReadings(decoded, of_matrix)


def _classify_glyphs(glyphs: Sequence[Sequence[Glyph]], classifier: Classifier) -> tuple[tuple[DigitReading, ...], ...]:
    """Reading of each glyph of each group; the classifier reads all of them at once."""
    readings = iter(classifier.read(digit_frames(glyph.strength for group in glyphs for glyph in group)))
    return tuple(tuple(next(readings) for _ in group) for group in glyphs)


def _hypothesis_log_odds(lattice: Lattice, line: TextLine, page: PreparationOutputs) -> Sequence[float]:
    """Log odds that each hypothesis is of digits, by its ink classes; empty if those are unknown."""
    if page.class_shares is None:
        return ()
    boxes = [each.glyph.box for each in lattice.hypotheses]
    return digit_log_odds(boxes, line.component_indices, page.class_shares, page.cell_assignment.components)


def _locate_on_page(
    page: PreparationOutputs, contours: ContourReadings, models: Models, options: ScanOptions
) -> LocatedNumbers:
    """Find the numbers on the text lines of a page, or in the matrix that it is."""
    if page.digit_matrix is not None:
        return LocatedNumbers((), single_digits.locate_in_matrix(page.digit_matrix, contours.matrix))
    text_lines, ink = page.candidates.text_lines, page.cell_assignment.ink
    crops = tuple(_crop_line(line, page) for line in text_lines)
    if (reader := _reader_if_asked(models.text_line_reader, options)) is None:
        found = located_numbers.find_by_contours(text_lines, contours.best_paths, ink.components)
    else:
        whole = [index for index, line in enumerate(text_lines) if line.region and line.region.crosses_lines]
        spans = read_text_line_crops(crops, reader, options.charset, whole)
        found = located_numbers.find_by_line_reader(text_lines, contours.best_paths, spans, ink.components)
    if page.class_shares is not None:
        found = located_numbers.select_kind(found, page.class_shares, ink.components, options.number_kind)
    found = located_numbers.score_strikethroughs(found, page.rules.rules, ink)
    if page.page_or_crop is PageOrCrop.DIGIT_SHEET:
        found = single_digits.split_into_digits(found)
    numbers = located_numbers.locate_in_reading_order(found, page.cell_assignment, page.rules.rules)
    return LocatedNumbers(crops, numbers)


def _crop_line(line: TextLine, page: PreparationOutputs) -> NumberCrop:
    """Crop a text line: grey with all around it if the page network has found it, else its ink alone."""
    ink, region_of = page.cell_assignment.ink, page.candidates.region_of_component
    if line.region is None or region_of is None:
        return crop_text_line(line, ink)
    return crop_region(line, line.region, page.rectified.flat, ink, region_of)


def _locate_in_crop(
    page: PreparationOutputs, contours: ContourReadings, models: Models, options: ScanOptions
) -> LocatedNumbers:
    """Take all digits of a crop as one number."""
    text_lines = page.candidates.text_lines
    crop = whole_picture_crop(page.scan.gray, page.ink_without_rules.mask)
    (claim,) = _line_reader_claims([crop], models.crop_reader, options)
    second = None
    if options.readers is Readers.BOTH:
        (second,) = _line_reader_claims([crop], models.text_line_reader, options)
    number = located_numbers.locate_in_crop(text_lines, contours.best_paths, claim, second)
    return LocatedNumbers((crop,), (number,))


def _line_reader_claims(
    crops: Sequence[NumberCrop], line_reader: LineReader | None, options: ScanOptions
) -> Sequence[Claim | None]:
    """A line reader's claim for each crop of one number; None for all if it is not asked."""
    reader = _reader_if_asked(line_reader, options)
    return [None] * len(crops) if reader is None else read_number_crops(crops, reader, options.charset)


def _reader_if_asked(reader: LineReader | None, options: ScanOptions) -> LineReader | None:
    if options.readers is Readers.CONTOURS:
        return None
    if reader is None and options.readers is Readers.LINE:
        raise ValueError("the options ask for the line reader, but it is not loaded")
    return reader


def _fuse_readers(
    number: LocatedNumber, page_or_crop: PageOrCrop, models: Models, options: ScanOptions
) -> FusedReading:
    reader = models.text_line_reader if page_or_crop is PageOrCrop.PAGE else models.crop_reader
    if number.line_claim is None or reader is None:
        return accept_claim(number.contour_claim)
    if options.readers is Readers.LINE:
        return accept_claim(number.line_claim)
    reading = fuse_claims(number.contour_claim, number.line_claim, page_or_crop, reader.agreement)
    if number.text_line_claim is None or models.crop_model is None:
        return reading
    evidence = crop_evidence(number.contour_claim, number.line_claim, number.text_line_claim)
    (probability,) = models.crop_model.probabilities(evidence[None]).tolist()
    return weigh_second_opinion(reading, number.text_line_claim, probability)


def _gather_evidence(
    page: PreparationOutputs, numbers: Sequence[LocatedNumber], readings: Sequence[FusedReading], options: ScanOptions
) -> NDArray[np.float64] | None:
    if page.page_or_crop is not PageOrCrop.PAGE or page.class_shares is None or options.finder is Finder.CONTOURS:
        return None
    known = PageEvidence(
        page.cell_assignment.components,
        page.cell_assignment.ink.strength,
        page.class_shares,
        page.rules.rules,
        page.rectified.ink.character_height,
        reads_separators=options.charset is Charset.DECIMAL,
    )
    return row_evidence(numbers, readings, known)


def _step_records(outputs: StageOutputs, models: Models, options: ScanOptions) -> tuple[Step, ...]:
    """What each stage measured, or was set to."""
    page, pose = outputs.prepared, outputs.prepared.rectified.pose
    reader = models.text_line_reader if page.page_or_crop is PageOrCrop.PAGE else models.crop_reader
    by_contours = reader is None or page.page_or_crop is PageOrCrop.DIGIT_SHEET
    readers = Readers.CONTOURS if by_contours else options.readers
    rules_removed = page.ink_without_rules is not page.rectified.ink
    hypotheses = sum(len(line.lattice.hypotheses) for line in outputs.contours.text_lines)
    candidates = page.candidates
    return (
        Step("gray", (("negative", page.was_negative),)),
        Step("binarization", (("stroke_width", round(page.scan.ink.stroke_width, 2)),)),
        Step("page_or_crop", (("is", page.page_or_crop.value),)),
        Step("perspective", (("sheet", pose.sheet_in_perspective),)),
        Step(
            "orientation",
            (("quarter_turns", pose.quarter_turns), ("probability", round(pose.orientation.probability, 4))),
        ),
        Step("deskew", (("degrees", round(pose.deskew_degrees, 2)),)),
        Step("ink_classes", (("number_kind", "" if page.ink_class_map is None else options.number_kind.value),)),
        Step(
            "rules",
            (("removed", rules_removed), ("character_height", round(page.rectified.ink.character_height, 1))),
        ),
        Step(
            "form_structure",
            (("tables", len(page.form_structure.tables)), ("comb_fields", len(page.form_structure.comb_fields))),
        ),
        Step("components", (("count", len(page.cell_assignment.components)),)),
        Step(
            "candidates",
            (
                ("components", len(candidates.component_indices)),
                ("text_lines", len(candidates.text_lines)),
            ),
        ),
        Step("digit_classifier", (("name", models.digit_classifier.name), ("hypotheses", hypotheses))),
        Step("located_numbers", (("count", len(outputs.located.numbers)),)),
        Step("readers", (("readers", readers.value), ("charset", options.charset.value))),
    )
