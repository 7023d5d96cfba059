"""A page as it came -> the same ink upright and level, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from scanner.binarize import binarize
from scanner.components import connected_components
from scanner.faint import with_faint
from scanner.geometry import identity, quarter_turn, rotation
from scanner.orient import find_quarters
from scanner.perspective import find_sheet, sheet_map, without_background
from scanner.straighten import find_tilt, straighten

if TYPE_CHECKING:
    from scanner.classify import Classifier
    from scanner.components import Components
    from scanner.geometry import PageMap
    from scanner.options import ScanOptions
    from scanner.types import Image, Ink


@dataclass(frozen=True, slots=True, eq=False)
class Upright:
    """A page set upright, and how."""

    ink: Ink
    components: Components
    """Of the ink."""
    page_map: PageMap
    """From the page as it came."""
    sheet: bool = False
    """Whether it was a sheet seen in perspective."""
    quarters: int = 0
    """Quarter turns counter-clockwise."""
    degrees: float = 0.0
    """Turned counter-clockwise beyond that."""


def as_it_is(ink: Ink) -> Upright:
    """A picture that is not to be touched."""
    height, width = ink.mask.shape
    return Upright(ink, connected_components(ink.mask), identity(width, height))


def set_upright(gray: Image, flat: Image, ink: Ink, classifier: Classifier, options: ScanOptions) -> Upright:
    """Find how the page lies, step by step, and map its ink once by all of it.

    Args:
        gray: shape (H, W), dark ink on light paper.
        flat: the same with the light evened out, from :func:`scanner.flatten.flatten`.
        ink: of ``flat``.
        classifier: asked which way up the page reads better.
        options: which steps to take.
    """
    height, width = gray.shape
    sheet = find_sheet(gray) if options.perspective else None
    if sheet is not None:
        of_sheet = without_background(flat, sheet)
        ink = with_faint(gray, of_sheet, binarize(of_sheet))
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
    return Upright(level, components, page_map, sheet is not None, quarters, degrees)


def _sureness(classifier: Classifier, glyphs: Image) -> list[float]:
    """How sure the classifier is of the digit it takes each frame for, 0-1."""
    return [reading.confidence for reading in classifier.read(glyphs)]
