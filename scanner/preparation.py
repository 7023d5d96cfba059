"""The stages before anything is read: from a page image to the ink that may be numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.geometry.orientation import OrientationJudges
from scanner.geometry.rectification import ScannedPage, isolate_sheet, leave_unrectified, rectify
from scanner.image.background import flatten_background, is_negative, to_gray
from scanner.image.binarization import binarize
from scanner.image.components import label_components
from scanner.image.faint_ink import add_faint_ink
from scanner.layout.cell_assignment import CellAssignment, assign_to_cells
from scanner.layout.digit_matrix import find_digit_matrix
from scanner.layout.form_structure import FormStructure, add_pale_tables, find_form_structure
from scanner.layout.ink_classes import (
    assume_handwritten_without_print,
    assume_writing_is_digits,
    component_class_shares,
)
from scanner.layout.number_search import page_certainty, search_numbers, see_once
from scanner.layout.page_or_crop import detect_page_or_crop
from scanner.layout.pale_rules import find_pale_rules
from scanner.layout.rules import Rules, find_rules, remove_rules
from scanner.numbers.candidates import NumberCandidates, find_number_candidates
from scanner.options import DEFAULT_OPTIONS, Finder, NumberKind, PageOrCrop, Readers, ScanOptions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.geometry.rectification import RectifiedPage
    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.digit_matrix import DigitMatrix
    from scanner.layout.ink_classes import InkClassMap
    from scanner.layout.number_finder import NumberRegion
    from scanner.layout.page_network import NumberCoreMap, PageNetwork
    from scanner.reading_models import Models
    from scanner.types import Image


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PreparationOutputs:
    """Output of each stage up to the first reading, in the order in which they run."""

    was_negative: bool
    """Whether the page was light ink on dark paper, and was inverted."""
    page_or_crop: PageOrCrop
    """PAGE, CROP or DIGIT_SHEET."""
    scan: ScannedPage
    rectified: RectifiedPage
    ink_class_map: InkClassMap | None
    """Ink classes of the page; None for a crop, or without a page network."""
    number_cores: NumberCoreMap | None
    """Where the page network sees handwritten numbers, pixel by pixel; None likewise."""
    number_regions: tuple[NumberRegion, ...]
    """The numbers that it sees; empty likewise, or if they are found by their contours."""
    rules: Rules
    ink_without_rules: MeasuredInk
    form_structure: FormStructure
    cell_assignment: CellAssignment
    """Ink without rules, its components split where they touch ink of the next cell."""
    class_shares: NDArray[np.float64] | None
    """Ink classes of each component of ``cell_assignment``, from
    :func:`scanner.layout.ink_classes.component_class_shares`; None if there is no ``ink_class_map``."""
    candidates: NumberCandidates
    digit_matrix: DigitMatrix | None = None
    """The matrix of digits that the page is; the stages after ``rectified`` are then left out.  None if it is none."""


@dataclass(frozen=True, slots=True, eq=False)
class IsolatedPage:
    """A page as it was scanned, without what lies around it."""

    was_negative: bool
    """Whether it was light ink on dark paper, and was inverted."""
    page_or_crop: PageOrCrop
    """PAGE, or CROP if it is not to be rectified."""
    scan: ScannedPage


def isolate_page(image: Image, options: ScanOptions = DEFAULT_OPTIONS) -> IsolatedPage:
    """Find the ink of a page, in pixels of the original.

    Args:
        image: shape (height, width, 3), uint8, BGR.
        options: whether to take it for a page or a crop, and whether to correct perspective.
    """
    gray = to_gray(image)
    if was_negative := is_negative(gray):
        gray = np.asarray(cv2.bitwise_not(gray), np.uint8)
    flat = flatten_background(gray)
    scan = ScannedPage(gray, flat, binarize(flat))
    page_or_crop = detect_page_or_crop(scan.ink) if options.page_or_crop is PageOrCrop.AUTO else options.page_or_crop
    if page_or_crop is not PageOrCrop.CROP:
        if options.correct_perspective:
            scan = isolate_sheet(scan)
        scan = replace(scan, ink=add_faint_ink(gray, scan.flat, scan.ink))
    return IsolatedPage(was_negative, page_or_crop, scan)


def orientation_judges(models: Models) -> OrientationJudges | None:
    """What tells which way up a page is; None if there is no orientation network."""
    if models.orientation_network is None:
        return None

    def digit_confidences(frames: Image) -> list[float]:
        return [reading.confidence for reading in models.digit_classifier.read(frames)]

    network = models.page_network
    if network is None:
        return OrientationJudges(models.orientation_network.character_turns, digit_confidences)

    return OrientationJudges(
        models.orientation_network.character_turns, digit_confidences, partial(page_certainty, network)
    )


def rectify_page(
    isolated: IsolatedPage, judges: OrientationJudges | None, options: ScanOptions = DEFAULT_OPTIONS
) -> RectifiedPage:
    """Level the lines of a page and turn it upright; a crop is taken as it is.

    Args:
        isolated: from :func:`isolate_page`.
        judges: tell which way up it is; None to leave it as it is.
        options: whether to do either.
    """
    if isolated.page_or_crop is PageOrCrop.CROP:
        return leave_unrectified(isolated.scan)
    return rectify(isolated.scan, judges, options)


def prepare(image: Image, models: Models, options: ScanOptions = DEFAULT_OPTIONS) -> PreparationOutputs:
    """Find the ink that may be numbers.

    Args:
        image: shape (height, width, 3), uint8, BGR.
        models: the page network classifies the ink; the orientation network and the digit classifier find which way
            up the page is.
        options: which numbers to look for, and which stages to run.
    """
    isolated = isolate_page(image, options)
    rectified = rectify_page(isolated, orientation_judges(models), options)
    if is_page := isolated.page_or_crop is not PageOrCrop.CROP:
        if options.page_or_crop is not PageOrCrop.PAGE:
            matrix = find_digit_matrix(rectified.flat, rectified.ink, models.digit_classifier.read)
            if matrix is not None:
                return _matrix_outputs(isolated.was_negative, isolated.scan, rectified, matrix)
        seen = _see_page(image, isolated.was_negative, rectified, models.page_network, options)
    else:
        seen = _SeenPage(None, None, None)
    ink_class_map = seen.ink_class_map
    rules = find_rules(rectified.ink)
    form_structure = _find_form_structure(rectified, rules) if is_page else FormStructure()
    ink_without_rules = remove_rules(rectified.ink, rules)
    cell_assignment = assign_to_cells(ink_without_rules, form_structure)
    class_shares = None if ink_class_map is None else component_class_shares(cell_assignment.ink, ink_class_map)
    shares_and_kind = None if class_shares is None else (class_shares, options.number_kind)
    candidates = find_number_candidates(cell_assignment, form_structure.comb_fields, shares_and_kind, seen.regions)
    if not is_page and options.readers is Readers.LINE:
        # The line reader reads the crop as a whole; on a page it needs the text lines, which are found by contours.
        candidates = replace(candidates, text_lines=())
    return PreparationOutputs(
        was_negative=isolated.was_negative,
        page_or_crop=isolated.page_or_crop,
        scan=isolated.scan,
        rectified=rectified,
        ink_class_map=ink_class_map,
        number_cores=seen.number_cores,
        number_regions=seen.regions or (),
        rules=rules,
        ink_without_rules=ink_without_rules,
        form_structure=form_structure,
        cell_assignment=cell_assignment,
        class_shares=class_shares,
        candidates=candidates,
    )


def _matrix_outputs(
    was_negative: bool, scan: ScannedPage, rectified: RectifiedPage, matrix: DigitMatrix
) -> PreparationOutputs:
    """Outputs of a page that is a matrix of digits: its cells say what belongs together, and all of it is digits."""
    ink = matrix.ink
    return PreparationOutputs(
        was_negative=was_negative,
        page_or_crop=PageOrCrop.DIGIT_SHEET,
        scan=scan,
        rectified=rectified,
        ink_class_map=None,
        number_cores=None,
        number_regions=(),
        rules=Rules((), np.zeros_like(ink.mask)),
        ink_without_rules=ink,
        form_structure=FormStructure(),
        cell_assignment=CellAssignment(ink, (), np.full(len(ink.components), -1)),
        class_shares=None,
        candidates=NumberCandidates(matrix.component_indices, ()),
        digit_matrix=matrix,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _SeenPage:
    """What the page network sees; each is None if it was not asked."""

    ink_class_map: InkClassMap | None
    number_cores: NumberCoreMap | None
    regions: tuple[NumberRegion, ...] | None


def _see_page(
    image: Image, was_negative: bool, page: RectifiedPage, network: PageNetwork | None, options: ScanOptions
) -> _SeenPage:
    """Ink classes of a page, and its handwritten numbers where the page network is to find them."""
    if network is None:
        return _SeenPage(None, None, None)
    positive = np.asarray(cv2.bitwise_not(image), np.uint8) if was_negative else image
    seen = (network, page.ink, page.flat, positive, page.page_map)
    if options.number_kind is NumberKind.PRINTED:
        return _SeenPage(see_once(*seen).ink_classes, None, ())
    if options.page_or_crop is PageOrCrop.DIGIT_SHEET:
        # Single digits are chained by their contours, and need no finding.
        ink_classes = assume_handwritten_without_print(see_once(*seen).ink_classes, page.ink)
        return _SeenPage(assume_writing_is_digits(ink_classes), None, None)
    if options.finder is Finder.CONTOURS:
        return _SeenPage(assume_handwritten_without_print(see_once(*seen).ink_classes, page.ink), None, None)
    maps, regions = search_numbers(*seen)
    return _SeenPage(assume_handwritten_without_print(maps.ink_classes, page.ink), maps.number_cores, regions)


def _find_form_structure(page: RectifiedPage, rules: Rules) -> FormStructure:
    """Find the tables, comb fields and frames that the rules make; the rules of a table may be too pale to be ink."""
    inked_structure = find_form_structure(page.ink, rules)
    pale_rules = find_pale_rules(page.flat, page.ink)
    if not pale_rules.any():
        return inked_structure
    mask = np.asarray(cv2.bitwise_or(page.ink.mask, pale_rules), np.uint8)
    ink = replace(page.ink, mask=mask, components=label_components(mask))
    return add_pale_tables(inked_structure, find_form_structure(ink, find_rules(ink)))
