"""A page as it came -> the same ink upright and level, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from scanner.geometry.deskew import find_skew, warp_ink
from scanner.geometry.orientation import find_quarter_turns
from scanner.geometry.page_map import identity_map, quarter_turn_map, rotation_map
from scanner.geometry.perspective import erase_background, find_sheet, sheet_map
from scanner.image.binarization import binarize
from scanner.image.components import label_components
from scanner.image.faint_ink import add_faint_ink

if TYPE_CHECKING:
    from scanner.geometry.page_map import PageMap
    from scanner.image.components import Components
    from scanner.options import ScanOptions
    from scanner.recognition.digit_classifier import Classifier
    from scanner.types import Image, Ink


@dataclass(frozen=True, slots=True, eq=False)
class RectifiedPage:
    """A page set upright, and how."""

    ink: Ink
    components: Components
    """Of the ink."""
    page_map: PageMap
    """From the page as it came."""
    sheet_in_perspective: bool = False
    """Whether it was a sheet seen in perspective."""
    quarter_turns: int = 0
    """Quarter turns counter-clockwise."""
    deskew_degrees: float = 0.0
    """Turned counter-clockwise beyond that."""


def unrectified(ink: Ink) -> RectifiedPage:
    """A picture that is not to be touched."""
    height, width = ink.mask.shape
    return RectifiedPage(ink, label_components(ink.mask), identity_map(width, height))


def rectify(gray: Image, flat: Image, ink: Ink, classifier: Classifier, options: ScanOptions) -> RectifiedPage:
    """Find how the page lies, step by step, and map its ink once by all of it.

    Args:
        gray: shape (H, W), dark ink on light paper.
        flat: the same with the light evened out, from :func:`scanner.image.background.flatten_background`.
        ink: of ``flat``.
        classifier: asked which way up the page reads better.
        options: which steps to take.
    """
    height, width = gray.shape
    sheet = find_sheet(gray) if options.correct_perspective else None
    if sheet is not None:
        of_sheet = erase_background(flat, sheet)
        ink = add_faint_ink(gray, of_sheet, binarize(of_sheet))
    seen = identity_map(width, height) if sheet is None else sheet_map(width, height, sheet)
    degrees = find_skew(warp_ink(ink, seen)) if options.deskew else 0.0
    page_map = seen.then(rotation_map(*seen.target_size, degrees))
    level = warp_ink(ink, page_map)
    components = label_components(level.mask)
    quarters = (
        find_quarter_turns(level, components, partial(_digit_confidences, classifier))
        if options.correct_orientation
        else 0
    )
    if quarters:
        turned = seen.then(quarter_turn_map(*seen.target_size, quarters))
        page_map = turned.then(rotation_map(*turned.target_size, degrees))
        level = warp_ink(ink, page_map)
        components = label_components(level.mask)
    return RectifiedPage(level, components, page_map, sheet is not None, quarters, degrees)


def _digit_confidences(classifier: Classifier, glyphs: Image) -> list[float]:
    """How sure the classifier is of the digit it takes each frame for, 0-1."""
    return [reading.confidence for reading in classifier.read(glyphs)]
