"""A page as it came -> the ink on it that may be numbers: all that comes before any of it is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.geometry.rectification import rectify, unrectified
from scanner.image.background import flatten_background, is_negative, to_gray
from scanner.image.binarization import binarize
from scanner.image.character_height import character_height
from scanner.image.components import label_components
from scanner.image.faint_ink import add_faint_ink
from scanner.layout.cell_assignment import assign_to_cells
from scanner.layout.comb_ticks import extract_comb_ticks
from scanner.layout.component_splitting import split_by_ink_class
from scanner.layout.form_structure import FormStructure, add_pale_tables, find_form_structure
from scanner.layout.ink_classes import assume_handwritten_without_print, component_class_shares
from scanner.layout.page_or_crop import detect_page_or_crop
from scanner.layout.pale_rules import find_pale_rules
from scanner.layout.rule_verification import verify_rules
from scanner.layout.rules import find_rules, remove_rules
from scanner.numbers.candidates import find_number_candidates
from scanner.options import DEFAULT_OPTIONS, NumberKind, PageOrCrop, Readers, ScanOptions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.geometry.rectification import RectifiedPage
    from scanner.image.components import Components
    from scanner.layout.cell_assignment import CellAssignment
    from scanner.layout.ink_classes import InkClassMap
    from scanner.layout.rules import Rules
    from scanner.numbers.comb_digits import CombDigits
    from scanner.numbers.text_lines import TextLine
    from scanner.recognition.models import Models
    from scanner.types import Image, Ink


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PreparationOutputs:
    """What each stage made of a page up to the first reading, in the order in which they ran."""

    was_negative: bool
    gray: Image
    """Dark ink on light paper."""
    flat: Image
    """With the light evened out: 0 = paper, the darker the ink the more."""
    ink: Ink
    page_or_crop: PageOrCrop
    rectified: RectifiedPage
    """From here on all is in pixels of the upright page."""
    character_height: float
    rules: Rules
    ink_without_rules: Ink
    """Without rules."""
    form_structure: FormStructure
    cell_assignment: CellAssignment
    ink_class_map: InkClassMap | None
    """What the ink is; None where it was not looked at."""
    class_shares: NDArray[np.float64] | None
    """What each component is, shape (N, len(InkKind)), from :func:`scanner.layout.ink_classes.component_class_shares`; None likewise."""
    component_indices: NDArray[np.int64]
    """The components that can be characters of the numbers that are wanted, those in comb fields left out."""
    comb_digits: tuple[CombDigits, ...]
    text_lines: tuple[TextLine, ...]


def prepare(image: Image, models: Models, options: ScanOptions = DEFAULT_OPTIONS) -> PreparationOutputs:
    """Find the ink that may be numbers.

    Args:
        image: shape (height, width, 3), BGR.
        models: what tells kinds of ink apart, and which way up a page is.
        options: which numbers are wanted, and which steps to take.
    """
    gray = to_gray(image)
    if negative := is_negative(gray):
        gray = np.asarray(cv2.bitwise_not(gray), np.uint8)
    flat = flatten_background(gray)
    ink = binarize(flat)
    layout = detect_page_or_crop(ink) if options.page_or_crop is PageOrCrop.AUTO else options.page_or_crop
    is_page = layout is PageOrCrop.PAGE
    if is_page:
        ink = add_faint_ink(gray, flat, ink)
    upright = rectify(gray, flat, ink, models.digit_classifier, options) if is_page else unrectified(ink)
    height = character_height(upright.components, upright.ink.stroke_width)
    kind_map = (
        models.page_network.classify_ink(upright.ink, height) if is_page and models.page_network is not None else None
    )
    if kind_map is not None and options.number_kind is not NumberKind.PRINTED:
        kind_map = assume_handwritten_without_print(kind_map, upright.ink)
    ruling = _find_verified_rules(upright.ink, upright.components, height, kind_map)
    if is_page:
        ruling = extract_comb_ticks(ruling, upright.ink, height)
    clear = remove_rules(upright.ink, ruling)
    structure = _find_structure_with_pale_rules(flat, upright, ruling, height, kind_map) if is_page else FormStructure()
    components = upright.components if clear is upright.ink else label_components(clear.mask)
    shares = None if kind_map is None else component_class_shares(components, kind_map, clear.stroke_width)
    whole = components
    if kind_map is not None and shares is not None:
        components = split_by_ink_class(components, shares, kind_map, options.number_kind, clear.stroke_width)
    inked = assign_to_cells(components, structure)
    if kind_map is not None and inked.components is not whole:
        shares = component_class_shares(inked.components, kind_map, clear.stroke_width)
    told = None if shares is None else (shares, options.number_kind)
    wanted = find_number_candidates(inked, clear, structure.comb_fields, height, told)
    # On a page the contours show where the numbers are, whoever reads them.
    runs = wanted.text_lines if is_page or options.readers is not Readers.LINE else ()
    return PreparationOutputs(
        was_negative=negative,
        gray=gray,
        flat=flat,
        ink=ink,
        page_or_crop=layout,
        rectified=upright,
        character_height=height,
        rules=ruling,
        ink_without_rules=clear,
        form_structure=structure,
        cell_assignment=inked,
        ink_class_map=kind_map,
        class_shares=shares,
        component_indices=wanted.component_indices,
        comb_digits=wanted.comb_digits,
        text_lines=runs,
    )


def _find_verified_rules(ink: Ink, components: Components, height: float, kind_map: InkClassMap | None) -> Rules:
    """The ruled lines among ink."""
    ruling = find_rules(ink, components, height)
    if kind_map is not None:
        ruling = verify_rules(ruling, kind_map)
    return ruling


def _find_structure_with_pale_rules(
    flat: Image, upright: RectifiedPage, ruling: Rules, height: float, kind_map: InkClassMap | None
) -> FormStructure:
    """What the ruled lines are, those that are too pale to be ink among them."""
    seen = find_form_structure(upright.ink, ruling, height)
    level = flat if upright.page_map.is_identity else upright.page_map.warp(flat)
    pale = find_pale_rules(level, upright.ink, height)
    if not pale.any():
        return seen
    ink = replace(upright.ink, mask=np.asarray(cv2.bitwise_or(upright.ink.mask, pale), np.uint8))
    every = extract_comb_ticks(_find_verified_rules(ink, label_components(ink.mask), height, kind_map), ink, height)
    return add_pale_tables(seen, find_form_structure(ink, every, height))
