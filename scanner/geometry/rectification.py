"""Rectify a page: correct the perspective of a photographed sheet, level the lines and turn the page upright."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.geometry.deskew import find_skew, warp_ink
from scanner.geometry.orientation import (
    NOT_TURNED,
    Orientation,
    doubtful_turns,
    find_orientation,
    weigh_certainty,
)
from scanner.geometry.page_map import identity_map, quarter_turn_map, rotation_map
from scanner.geometry.perspective import erase_background, find_sheet, sheet_map
from scanner.image.binarization import binarize
from scanner.image.measured_ink import measure_ink

if TYPE_CHECKING:
    from scanner.geometry.bent_map import AnyPageMap
    from scanner.geometry.orientation import OrientationJudges
    from scanner.geometry.perspective import Corners
    from scanner.image.measured_ink import MeasuredInk
    from scanner.options import ScanOptions
    from scanner.types import Image, Ink


@dataclass(frozen=True, slots=True, eq=False)
class ScannedPage:
    """A page as the scanner or the camera saw it, in pixels of the original."""

    gray: Image
    """Shape (H, W): dark ink on light paper."""
    flat: Image
    """Shape (H, W): darkness relative to the paper, 0 = paper; 0 beside a photographed sheet as well."""
    ink: Ink
    """Ink of ``flat``."""
    sheet_corners: Corners | None = None
    """Corners of a photographed sheet; None if the page fills the picture."""


@dataclass(frozen=True, slots=True)
class PagePose:
    """How a page lay, as found when it was rectified."""

    sheet_in_perspective: bool = False
    """Whether it is a photographed sheet on a background."""
    orientation: Orientation = NOT_TURNED
    """Which way up it lay."""
    deskew_degrees: float = 0.0
    """Degrees counter-clockwise that level its lines, applied after the quarter turns."""

    @property
    def quarter_turns(self) -> int:
        """Quarter turns counter-clockwise by which it was turned, 0 to 3."""
        return self.orientation.quarter_turns


@dataclass(frozen=True, slots=True, eq=False)
class RectifiedPage:
    """A page with its lines level and upright; all later stages work in its pixels."""

    flat: Image
    """Shape (H, W): darkness relative to the paper, 0 = paper."""
    ink: MeasuredInk
    page_map: AnyPageMap
    """Map from the original."""
    pose: PagePose = PagePose()


def isolate_sheet(scan: ScannedPage) -> ScannedPage:
    """Erase the background of a photographed sheet; the same object if there is none."""
    corners = find_sheet(scan.gray)
    if corners is None:
        return scan
    flat = erase_background(scan.flat, corners)
    return ScannedPage(scan.gray, flat, binarize(flat), corners)


def leave_unrectified(scan: ScannedPage) -> RectifiedPage:
    """Take a crop as it is."""
    height, width = scan.ink.mask.shape
    return RectifiedPage(scan.flat, measure_ink(scan.ink), identity_map(width, height))


def rectify(scan: ScannedPage, judges: OrientationJudges | None, options: ScanOptions) -> RectifiedPage:
    """Find perspective, skew and orientation one after the other, and resample the page once for all of them.

    Where it is in doubt which of two opposite ways is up, the page is resampled both ways and looked at.

    Args:
        scan: the page.
        judges: tell which way up it is; None to leave it as it is.
        options: says which of them to correct.
    """
    height, width = scan.gray.shape
    is_photographed = scan.sheet_corners is not None
    straight = sheet_map(width, height, scan.sheet_corners) if scan.sheet_corners else identity_map(width, height)
    degrees = find_skew(warp_ink(scan.ink, straight)) if options.deskew else 0.0

    def page_of(orientation: Orientation) -> RectifiedPage:
        turned = straight.then(quarter_turn_map(*straight.target_size, orientation.quarter_turns))
        page_map = turned.then(rotation_map(*turned.target_size, degrees))
        pose = PagePose(is_photographed, orientation, degrees)
        return RectifiedPage(page_map.warp(scan.flat), measure_ink(warp_ink(scan.ink, page_map)), page_map, pose)

    page = page_of(NOT_TURNED)
    if judges is None or not options.correct_orientation:
        return page
    orientation = find_orientation(page.ink, page.ink.components, judges)
    if judges.page_certainty is not None and (turns := doubtful_turns(orientation)):
        pages = [page if quarters == 0 else page_of(Orientation(quarters)) for quarters in turns]
        certainties = [judges.page_certainty(each.ink, each.flat, scan.gray, each.page_map) for each in pages]
        orientation = weigh_certainty(orientation, turns, certainties)
    if orientation.quarter_turns:
        return page_of(orientation)
    return replace(page, pose=replace(page.pose, orientation=orientation))
