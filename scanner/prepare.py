"""A page as it came -> the ink on it that may be numbers: all that comes before any of it is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.binarize import binarize
from scanner.cells import into_cells
from scanner.components import connected_components
from scanner.confirm import confirmed
from scanner.faint import with_faint
from scanner.flatten import flatten, is_negative, to_gray
from scanner.hairlines import find_hairlines
from scanner.kinds import by_hand_alone, kinds_of
from scanner.layout import find_layout
from scanner.mixed import parted_by_kind
from scanner.options import DEFAULT_OPTIONS, Kind, Layout, Readers, ScanOptions
from scanner.rules import find_rules, remove_rules
from scanner.runs import character_height
from scanner.structure import Structure, completed, find_structure
from scanner.ticks import with_ticks
from scanner.upright import as_it_is, set_upright
from scanner.wanted import find_wanted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.cells import InCells
    from scanner.components import Components
    from scanner.kinds import KindMap
    from scanner.models import Models
    from scanner.rules import Ruling
    from scanner.runs import Run
    from scanner.strip import Strip
    from scanner.types import Image, Ink
    from scanner.upright import Upright


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Prepared:
    """What each stage made of a page up to the first reading, in the order in which they ran."""

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
    shares: NDArray[np.float64] | None
    """What each component is, shape (N, len(InkKind)), from :func:`scanner.kinds.kinds_of`; None likewise."""
    members: NDArray[np.int64]
    """The components that can be characters of the numbers that are wanted, those in comb fields left out."""
    strips: tuple[Strip, ...]
    runs: tuple[Run, ...]


def prepare(image: Image, models: Models, options: ScanOptions = DEFAULT_OPTIONS) -> Prepared:
    """Find the ink that may be numbers.

    Args:
        image: shape (height, width, 3), BGR.
        models: what tells kinds of ink apart, and which way up a page is.
        options: which numbers are wanted, and which steps to take.
    """
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
    if kind_map is not None and options.kind is not Kind.PRINTED:
        kind_map = by_hand_alone(kind_map, upright.ink)
    ruling = _ruling(upright.ink, upright.components, height, kind_map)
    if is_page:
        ruling = with_ticks(ruling, upright.ink, height)
    clear = remove_rules(upright.ink, ruling)
    structure = _structure(flat, upright, ruling, height, kind_map) if is_page else Structure()
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
    return Prepared(
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
        shares=shares,
        members=wanted.members,
        strips=wanted.strips,
        runs=runs,
    )


def _ruling(ink: Ink, components: Components, height: float, kind_map: KindMap | None) -> Ruling:
    """The ruled lines among ink."""
    ruling = find_rules(ink, components, height)
    if kind_map is not None:
        ruling = confirmed(ruling, kind_map)
    return ruling


def _structure(flat: Image, upright: Upright, ruling: Ruling, height: float, kind_map: KindMap | None) -> Structure:
    """What the ruled lines are, those that are too pale to be ink among them."""
    seen = find_structure(upright.ink, ruling, height)
    level = flat if upright.page_map.is_identity else upright.page_map.warp(flat)
    pale = find_hairlines(level, upright.ink, height)
    if not pale.any():
        return seen
    ink = replace(upright.ink, mask=np.asarray(cv2.bitwise_or(upright.ink.mask, pale), np.uint8))
    every = with_ticks(_ruling(ink, connected_components(ink.mask), height, kind_map), ink, height)
    return completed(seen, find_structure(ink, every, height))
