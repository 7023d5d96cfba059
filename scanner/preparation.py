"""The stages before anything is read: from a page image to the ink that may be numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.geometry.rectification import ScannedPage, isolate_sheet, leave_unrectified, rectify
from scanner.image.background import flatten_background, is_negative, to_gray
from scanner.image.binarization import binarize
from scanner.image.components import label_components
from scanner.image.faint_ink import add_faint_ink
from scanner.layout.cell_assignment import CellAssignment, assign_to_cells
from scanner.layout.comb_ticks import extract_comb_ticks
from scanner.layout.component_splitting import split_by_ink_class
from scanner.layout.digit_matrix import find_digit_matrix
from scanner.layout.form_structure import FormStructure, add_pale_tables, find_form_structure
from scanner.layout.ink_classes import (
    assume_handwritten_without_print,
    assume_writing_is_digits,
    component_class_shares,
)
from scanner.layout.page_or_crop import detect_page_or_crop
from scanner.layout.pale_rules import find_pale_rules
from scanner.layout.rule_verification import verify_rules
from scanner.layout.rules import Rules, find_rules, remove_rules
from scanner.numbers.candidates import NumberCandidates, find_number_candidates
from scanner.options import DEFAULT_OPTIONS, NumberKind, PageOrCrop, Readers, ScanOptions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.geometry.rectification import RectifiedPage
    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.digit_matrix import DigitMatrix
    from scanner.layout.ink_classes import InkClassMap, PageNetwork
    from scanner.recognition.digit_classifier import Classifier
    from scanner.recognition.models import Models
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
    rules: Rules
    ink_without_rules: MeasuredInk
    form_structure: FormStructure
    cell_assignment: CellAssignment
    """Ink without rules, its components split where digits touch other ink or ink of the next cell."""
    class_shares: NDArray[np.float64] | None
    """Ink classes of each component of ``cell_assignment``, from
    :func:`scanner.layout.ink_classes.component_class_shares`; None if there is no ``ink_class_map``."""
    candidates: NumberCandidates
    digit_matrix: DigitMatrix | None = None
    """The matrix of digits that the page is; the stages after ``rectified`` are then left out.  None if it is none."""


def prepare(image: Image, models: Models, options: ScanOptions = DEFAULT_OPTIONS) -> PreparationOutputs:
    """Find the ink that may be numbers.

    Args:
        image: shape (height, width, 3), uint8, BGR.
        models: the page network classifies the ink, and the digit classifier finds the orientation of the page.
        options: which numbers to look for, and which stages to run.
    """
    gray = to_gray(image)
    if was_negative := is_negative(gray):
        gray = np.asarray(cv2.bitwise_not(gray), np.uint8)
    flat = flatten_background(gray)
    scan = ScannedPage(gray, flat, binarize(flat))
    page_or_crop = detect_page_or_crop(scan.ink) if options.page_or_crop is PageOrCrop.AUTO else options.page_or_crop
    if is_page := page_or_crop is not PageOrCrop.CROP:
        if options.correct_perspective:
            scan = isolate_sheet(scan)
        scan = replace(scan, ink=add_faint_ink(gray, scan.flat, scan.ink))
        rectified = rectify(scan, partial(_digit_confidences, models.digit_classifier), options)
        if options.page_or_crop is not PageOrCrop.PAGE:
            matrix = find_digit_matrix(rectified.flat, rectified.ink, models.digit_classifier.read)
            if matrix is not None:
                return _matrix_outputs(was_negative, scan, rectified, matrix)
        ink_class_map = _classify_ink(rectified.ink, models.page_network, options)
    else:
        rectified, ink_class_map = leave_unrectified(scan), None
    rules = _find_verified_rules(rectified.ink, ink_class_map)
    if is_page:
        rules = extract_comb_ticks(rules, rectified.ink)
    form_structure = _find_form_structure(rectified, rules, ink_class_map) if is_page else FormStructure()
    ink_without_rules = remove_rules(rectified.ink, rules)
    cell_assignment, class_shares = _split_components(ink_without_rules, form_structure, ink_class_map, options)
    shares_and_kind = None if class_shares is None else (class_shares, options.number_kind)
    candidates = find_number_candidates(cell_assignment, form_structure.comb_fields, shares_and_kind)
    if not is_page and options.readers is Readers.LINE:
        # The line reader reads the crop as a whole; on a page it needs the text lines, which are found by contours.
        candidates = replace(candidates, text_lines=())
    return PreparationOutputs(
        was_negative=was_negative,
        page_or_crop=page_or_crop,
        scan=scan,
        rectified=rectified,
        ink_class_map=ink_class_map,
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
        rules=Rules((), np.zeros_like(ink.mask)),
        ink_without_rules=ink,
        form_structure=FormStructure(),
        cell_assignment=CellAssignment(ink, (), np.full(len(ink.components), -1)),
        class_shares=None,
        candidates=NumberCandidates(matrix.component_indices, (), ()),
        digit_matrix=matrix,
    )


def _digit_confidences(classifier: Classifier, frames: Image) -> list[float]:
    """Probability of the most probable digit of each frame."""
    return [reading.confidence for reading in classifier.read(frames)]


def _classify_ink(ink: MeasuredInk, network: PageNetwork | None, options: ScanOptions) -> InkClassMap | None:
    """Ink classes of a page; None without a page network."""
    if network is None:
        return None
    ink_class_map = network.classify_ink(ink)
    if options.number_kind is NumberKind.PRINTED:
        return ink_class_map
    ink_class_map = assume_handwritten_without_print(ink_class_map, ink)
    is_digit_sheet = options.page_or_crop is PageOrCrop.DIGIT_SHEET
    return assume_writing_is_digits(ink_class_map) if is_digit_sheet else ink_class_map


def _find_verified_rules(ink: MeasuredInk, ink_class_map: InkClassMap | None) -> Rules:
    """Find the rules, without those whose ink is of another class."""
    rules = find_rules(ink)
    return rules if ink_class_map is None else verify_rules(rules, ink_class_map)


def _find_form_structure(page: RectifiedPage, rules: Rules, ink_class_map: InkClassMap | None) -> FormStructure:
    """Find the tables, comb fields and frames that the rules make; the rules of a table may be too pale to be ink."""
    inked_structure = find_form_structure(page.ink, rules)
    pale_rules = find_pale_rules(page.flat, page.ink)
    if not pale_rules.any():
        return inked_structure
    mask = np.asarray(cv2.bitwise_or(page.ink.mask, pale_rules), np.uint8)
    ink = replace(page.ink, mask=mask, components=label_components(mask))
    all_rules = extract_comb_ticks(_find_verified_rules(ink, ink_class_map), ink)
    return add_pale_tables(inked_structure, find_form_structure(ink, all_rules))


def _split_components(
    ink_without_rules: MeasuredInk,
    form_structure: FormStructure,
    ink_class_map: InkClassMap | None,
    options: ScanOptions,
) -> tuple[CellAssignment, NDArray[np.float64] | None]:
    """Split components by ink class and by cell; return their cells, and their ink classes if there is a map."""
    if ink_class_map is None:
        return assign_to_cells(ink_without_rules, form_structure), None
    class_shares = component_class_shares(ink_without_rules, ink_class_map)
    split = split_by_ink_class(ink_without_rules, class_shares, ink_class_map, options.number_kind)
    cell_assignment = assign_to_cells(split, form_structure)
    if cell_assignment.ink is not ink_without_rules:
        class_shares = component_class_shares(cell_assignment.ink, ink_class_map)
    return cell_assignment, class_shares
