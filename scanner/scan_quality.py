"""What is wrong with a scan, told so that a person at the scanner can mend it.

A page is read whatever is wrong with it; this says why it may be read badly.
Each finding has one measurement and one limit:

* small: the height of the characters;
* faint: how much darker strokes are than the paper beside them;
* blurred: how broad the edges of strokes are (the contrast across an edge over its steepest
  rise, as in Marziliano et al., "A no-reference perceptual blur metric", ICIP 2002), against
  the height of the characters.  The variance of the Laplacian, much used, measures how much
  is written;
* cut off: pieces of characters at the picture's edge;
* skewed, sideways, upside down: what was found when the page was set straight.

Two-level scans have no soft edges and no faint strokes left to measure, whatever was lost when
they were made: they are neither blurred nor faint.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.geometry.deskew import MAX_SKEW_DEGREES
from scanner.geometry.perspective import sheet_mask
from scanner.image.character_height import MAX_CHARACTER_HEIGHT_STROKES, TALL_CHARACTER_PERCENTILE
from scanner.types import Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.geometry.rectification import RectifiedPage, ScannedPage
    from scanner.types import Image, Ink

_MIN_CHARACTER_HEIGHT_PIXELS = 4
"""Pixels: what is lower is noise."""
_MIN_CHARACTER_HEIGHT_STROKES = 1.5
"""A character is at least this many stroke widths high: at 60 dpi blur makes strokes half as wide as letters are
high, where a higher limit would leave capitals alone."""
_MAX_CHARACTER_WIDTH_HEIGHTS = 3.0
"""... and at most this many heights wide: what is longer is a rule, or a word run together."""
_MIN_CHARACTER_COUNT = 8
"""Characters from which a page has a character height to speak of."""

_ASSUMED_CAPITAL_HEIGHT_INCHES = 0.1
"""Height of the capitals of 10 to 11 point print, 0.7 em: what is taken for granted where a resolution is told."""
_MIN_GOOD_CHARACTER_HEIGHT_PIXELS = 12.0
"""Pixels.  Of the numbers read at 200 dpi a page shrunk to characters of 14 to 17 pixels keeps five in six, to 10 to 12
three in five, to 8 to 10 one in five."""
_ADVISED_DPI = 200
"""What is advised."""

_MIN_GOOD_CONTRAST_SHARE = 0.15
"""Ink less darker than paper than this is faint: at 0.16 one number in 25 is lost, at 0.12 one in four."""
_MIN_BURNT_OUT_BRIGHTNESS = 250
"""Paper from this brightness on, of 255, has been made white, and thin ink with it."""

_MAX_SAMPLED_EDGES = 2000
"""Edges of strokes looked at: enough for a stable median."""
_MAX_SAMPLED_ROWS = 400
"""Rows in which they are looked for."""
_MIN_EDGE_COUNT = 50
_SHARP_EDGE_WIDTH_PIXELS = 2.0
"""Pixels over which the steepest rise of a sharp edge is spread by central differences."""
_MIN_BLUR_CHARACTER_HEIGHTS = 0.1
"""A page is blurred if its edges are by this part of the character height.  Good pages have up to 0.06, one in a
hundred 0.09.  With 0.07 to 0.1 a page keeps six numbers in seven, with up to 0.13 three in four, beyond one in four."""
_MIN_BLUR_PIXELS = 1.5
"""Pixels: less is of the pixels' own making, and of a page that is too small."""
_MIN_SMEARED_BLUR_PIXELS = 4.0
"""Pixels: where so few characters are left that no height can be told, edges as soft as this ..."""
_MIN_SMEARED_BLUR_STROKES = 0.35
"""... on strokes that are little else, tell that they have run together."""

_MIN_CUT_CHARACTER_COUNT = 3
"""Characters cut by one edge of the picture: specks, holes and the ends of rules come in ones and twos."""
_CUT_LENGTH_RANGE_HEIGHTS = (0.35, 2.0)
"""Size of such a piece along the edge, in character heights: more than the end of a rule, less than a scanner's
margin, ..."""
_CUT_DEPTH_RANGE_HEIGHTS = (0.15, 4.0)
"""... and inwards: more than an edge's shadow, less than a rule or a frame."""

_QUARTER_TURN_TEXTS = {
    1: "turned by a quarter to the right",
    2: "standing on its head",
    3: "turned by a quarter to the left",
}


def assess_scan(scan: ScannedPage, page: RectifiedPage) -> tuple[Finding, ...]:
    """Find what is wrong with the scan of a page.

    Args:
        scan: the page as it was scanned; resampling would blur its edges.
        page: the same page rectified, for the height of its characters and how it lay.

    Returns:
        Findings, the gravest first; none for a good scan or an empty page.
    """
    ink, pose = scan.ink, page.pose
    height = any_size_character_height(page.ink.components.boxes, ink.stroke_width)
    contrasts, blurs = measure_edges(scan.flat, ink)
    faint = _check_contrast(contrasts, scan)
    findings = (
        # Faint strokes fall to pieces, which are small whatever they are of.
        None if faint else _check_character_height(height),
        faint,
        _check_blur(blurs, height, ink.stroke_width),
        None if pose.sheet_in_perspective else _check_cut_off(ink, height),
        _check_skew(pose.deskew_degrees),
        _check_orientation(pose.quarter_turns),
    )
    return tuple(finding for finding in findings if finding is not None)


def any_size_character_height(boxes: NDArray[np.int32], stroke_width: float) -> float:
    """Height of the taller characters, down to those too small to be read.

    :func:`scanner.image.character_height.character_height` looks for characters of readable size: on a page at 60 dpi it
    finds those that run together.

    Args:
        boxes: shape (N, 4), x, y, width, height of pieces of ink, pixels.
        stroke_width: typical, pixels.

    Returns:
        Pixels; 0.0 if there are too few characters to say.
    """
    width, height = boxes[:, 2], boxes[:, 3]
    lowest = max(_MIN_CHARACTER_HEIGHT_PIXELS, _MIN_CHARACTER_HEIGHT_STROKES * stroke_width)
    fitting = (height >= lowest) & (height <= MAX_CHARACTER_HEIGHT_STROKES * stroke_width)
    heights = height[fitting & (width <= _MAX_CHARACTER_WIDTH_HEIGHTS * height)]
    return float(np.percentile(heights, TALL_CHARACTER_PERCENTILE)) if len(heights) >= _MIN_CHARACTER_COUNT else 0.0


def measure_edges(flat: Image, ink: Ink) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Measure a sample of the places where a row goes from paper to ink or back.

    Args:
        flat: shape (H, W), uint8, 0 = paper, 255 = black.
        ink: of the same page.

    Returns:
        For each edge the contrast across it, 0-255 of ``flat``, and how far it is blurred beyond the sharpest
        that pixels can show, pixels; for a Gaussian of deviation s across a broad stroke 2.5 s.  Empty arrays if
        there are no edges.
    """
    height, width = flat.shape
    none = np.empty(0, np.float32), np.empty(0, np.float32)
    if ink.stroke_width == 0 or min(height, width) < 3:
        return none
    rows = np.arange(1, height - 1, max((height - 2) // _MAX_SAMPLED_ROWS, 1))
    sampled = ink.mask[rows]
    edges = np.flatnonzero(sampled[:, 1:] != sampled[:, :-1])
    if not len(edges):
        return none
    chosen = edges[np.linspace(0, len(edges) - 1, min(len(edges), _MAX_SAMPLED_EDGES)).astype(np.int64)]
    y, x = rows[chosen // (width - 1), None], (chosen % (width - 1))[:, None]
    # An edge without a plateau reaches as far as the stroke is wide.
    reach = max(math.ceil(ink.stroke_width), 2)
    profile = flat[y, (x + np.arange(-reach, reach + 2)).clip(1, width - 2)]
    contrast = np.asarray(profile.max(axis=1) - profile.min(axis=1), np.float32)
    near = (x + np.arange(-reach // 2, reach // 2 + 2)).clip(1, width - 2)
    across = flat[y, near + 1].astype(np.float32) - flat[y, near - 1]
    down = flat[y + 1, near].astype(np.float32) - flat[y - 1, near]
    steepest = np.hypot(across, down).max(axis=1) / 2
    rises = steepest > 0
    breadth = contrast[rises] / steepest[rises]
    # Blurs add by their squares: what is left of the breadth is not of the pixels' making.
    return contrast[rises], np.sqrt(np.maximum(breadth**2 - _SHARP_EDGE_WIDTH_PIXELS**2, 0))


def _check_character_height(height: float) -> Finding | None:
    if not 0 < height < _MIN_GOOD_CHARACTER_HEIGHT_PIXELS:
        return None
    dpi = round(height / _ASSUMED_CAPITAL_HEIGHT_INCHES, -1)
    return Finding(
        "small",
        f"characters {height:.0f} pixels high, as print has at about {dpi:.0f} dpi",
        f"rescan at {_ADVISED_DPI} dpi or more",
    )


def _check_contrast(contrasts: NDArray[np.float32], scan: ScannedPage) -> Finding | None:
    if len(contrasts) < _MIN_EDGE_COUNT or (darker := float(np.median(contrasts)) / 255) >= _MIN_GOOD_CONTRAST_SHARE:
        return None
    burnt_out = _paper_brightness(scan) >= _MIN_BURNT_OUT_BRIGHTNESS
    return Finding(
        "faint",
        f"ink {darker:.0%} darker than paper",
        "scan darker" if burnt_out else "scan darker or with higher contrast",
    )


def _check_blur(blurs: NDArray[np.float32], height: float, stroke_width: float) -> Finding | None:
    if len(blurs) < _MIN_EDGE_COUNT:
        return None
    blur = float(np.median(blurs))
    limits = (
        (_MIN_BLUR_PIXELS, _MIN_BLUR_CHARACTER_HEIGHTS * height)
        if height
        else (_MIN_SMEARED_BLUR_PIXELS, _MIN_SMEARED_BLUR_STROKES * stroke_width)
    )
    if blur < max(limits):
        return None
    return Finding(
        "blurred",
        f"edges {blur:.1f} pixels broad on strokes of {stroke_width:.1f}",
        "clean the glass, lay the page flat or hold the camera still",
    )


def _check_cut_off(ink: Ink, height: float) -> Finding | None:
    if height == 0:
        return None
    mask = ink.mask
    sides = {"top": mask, "right": mask.T[::-1], "bottom": mask[::-1], "left": mask.T}
    cut = {name: _count_cut_characters(side, height) for name, side in sides.items()}
    named = [name for name, count in cut.items() if count >= _MIN_CUT_CHARACTER_COUNT]
    if not named:
        return None
    places = " and ".join(named)
    return Finding(
        "cut_off", f"{max(cut.values())} characters cut at the {places}", "lay the page so that all of it is scanned"
    )


def _count_cut_characters(side: Image, height: float) -> int:
    """How many pieces of ink the size of characters touch the first row; 0 for less than _TOUCHING."""
    depth = math.ceil(_CUT_DEPTH_RANGE_HEIGHTS[1] * height)
    runs = np.count_nonzero(np.diff(side[0] > 0, prepend=False, append=False)) // 2
    if runs < _MIN_CUT_CHARACTER_COUNT:
        return 0
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(side[:depth]), connectivity=8)
    touching = np.unique(labels[0])
    along, inwards = stats[touching[touching > 0], cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1].T
    fitting = (along >= _CUT_LENGTH_RANGE_HEIGHTS[0] * height) & (along <= _CUT_LENGTH_RANGE_HEIGHTS[1] * height)
    return int(np.count_nonzero(fitting & (inwards >= _CUT_DEPTH_RANGE_HEIGHTS[0] * height) & (inwards < depth)))


def _check_skew(degrees: float) -> Finding | None:
    if abs(degrees) < MAX_SKEW_DEGREES:
        return None
    return Finding("skewed", f"{MAX_SKEW_DEGREES:.0f} degrees or more askew", "lay the page straight")


def _check_orientation(quarters: int) -> Finding | None:
    if quarters not in _QUARTER_TURN_TEXTS:
        return None
    return Finding(
        "upside_down" if quarters == 2 else "sideways",
        _QUARTER_TURN_TEXTS[quarters],
        "it was turned and read, nothing is lost; next time lay it upright",
    )


def _paper_brightness(scan: ScannedPage) -> float:
    """Brightness of the paper, 0-255, from a sample of the pixels."""
    step = max(min(scan.gray.shape) // _MAX_SAMPLED_ROWS, 1)
    sample = scan.gray[::step, ::step]
    if scan.sheet_corners is not None:
        sample = sample[sheet_mask(scan.gray.shape, scan.sheet_corners)[::step, ::step] > 0]
    return float(np.median(sample))
