"""Find what is wrong with a scan, so that the person at the scanner can make a better one.

A page is read whatever its quality; the findings say why it may be read badly.  Each has one measurement and one limit:

* small: the height of the characters
* faint: how much darker the strokes are than the paper beside them
* blurred: the width of the edges of strokes, relative to the character height.  The width is the contrast across an
  edge divided by its steepest slope, as in Marziliano et al., "A no-reference perceptual blur metric", ICIP 2002.  The
  commonly used variance of the Laplacian depends more on how much is written than on blur.
* cut off: parts of characters at the edge of the picture
* skewed, turned: what was done to the page before it was read, since it seemed to need it
* orientation unclear: the page was left as it is, but may have needed to be turned

Black-and-white scans have no soft edges or faint strokes that could be measured: they are never blurred or faint.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.decision.review import percent_text
from scanner.geometry.deskew import MAX_SKEW_DEGREES
from scanner.geometry.perspective import sheet_mask
from scanner.image.character_height import MAX_CHARACTER_HEIGHT_STROKES, TALL_CHARACTER_PERCENTILE
from scanner.types import Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.geometry.orientation import Orientation
    from scanner.geometry.rectification import RectifiedPage, ScannedPage
    from scanner.types import Image, Ink

_MIN_CHARACTER_HEIGHT_PIXELS = 4
"""Minimum height of a character, pixels: anything lower is noise.  A choice."""
_MIN_CHARACTER_HEIGHT_STROKES = 1.5
"""Minimum height of a character, stroke widths: at 60 dpi, blurred strokes are half as wide as letters are high, and a
higher limit would count only capitals."""
_MAX_CHARACTER_WIDTH_HEIGHTS = 3.0
"""Maximum width of a character, in its heights: anything wider is a rule, or a word whose letters run together.  A
choice."""
_MIN_CHARACTER_COUNT = 8
"""Minimum number of characters by which the character height of a page is measured.  A choice."""

_ASSUMED_CAPITAL_HEIGHT_INCHES = 0.1
"""Height, inches, of the capitals of 10 to 11 point print, 0.7 em, from which the resolution of a scan is estimated."""
_MIN_GOOD_CHARACTER_HEIGHT_PIXELS = 12.0
"""Minimum character height, pixels, of a scan that is not small.  Of the numbers read at 200 dpi, five in six are still
read on pages reduced to characters of 14 to 17 pixels, three in five at 10 to 12 pixels, and one in five at 8 to 10."""
_ADVISED_DPI = 200
"""Resolution that is recommended."""

_MIN_GOOD_CONTRAST_SHARE = 0.15
"""Minimum contrast of ink and paper, 0-1, of a scan that is not faint: at 0.16 one number in 25 is lost, at 0.12 one in
four."""
_MIN_BURNT_OUT_BRIGHTNESS = 250
"""Minimum brightness of the paper, 0-255, of an overexposed scan, in which thin strokes have become white.  A
choice."""

_MAX_SAMPLED_EDGES = 2000
"""Maximum number of edges of strokes that are measured.  A choice: enough for a stable median."""
_MAX_SAMPLED_ROWS = 400
"""Maximum number of rows in which edges, or pixels of the paper, are sampled.  A choice."""
_MIN_EDGE_COUNT = 50
"""Minimum number of edges by which contrast and blur are judged.  A choice."""
_SHARP_EDGE_WIDTH_PIXELS = 2.0
"""Width, pixels, that a perfectly sharp edge has when its slope is measured by central differences."""
_MIN_BLUR_CHARACTER_HEIGHTS = 0.1
"""Minimum width of the edges of a blurred page, in character heights.  Good pages have up to 0.06, one in a hundred
0.09.  Six numbers in seven are still read at 0.07 to 0.1, three in four at up to 0.13, and one in four beyond."""
_MIN_BLUR_PIXELS = 1.5
"""Minimum width of the edges of a blurred page, pixels: less is due to the pixel grid, or to characters that are too
small."""
_MIN_SMEARED_BLUR_PIXELS = 4.0
"""Minimum width of the edges, pixels, of a page so blurred that too few characters are left to measure their height.  A
choice."""
_MIN_SMEARED_BLUR_STROKES = 0.35
"""Minimum width of the edges, stroke widths, of a page so blurred that too few characters are left to measure their
height.  A choice."""

_MIN_CUT_CHARACTER_COUNT = 3
"""Minimum number of characters cut off at one edge of the picture: specks, holes and ends of rules occur one or two at
a time."""
_CUT_LENGTH_RANGE_HEIGHTS = (0.35, 2.0)
"""Range of the length of a cut-off character along the edge, character heights: longer than the end of a rule, shorter
than the black margin of a scanner.  A choice."""
_CUT_DEPTH_RANGE_HEIGHTS = (0.15, 4.0)
"""Range of the depth of a cut-off character from the edge, character heights: deeper than the shadow of the paper's
edge, less deep than a rule or a frame.  A choice."""

_MIN_STATED_DOUBT = 0.2
"""Minimum probability that a page lies otherwise than it was read, for this to be a finding.  A choice."""
_MAX_STATED_CERTAINTY = 0.999
"""Maximum certainty, 0-1, that is claimed of a turn: a thousand pages are not enough to claim more.  A choice."""
_QUARTER_TURN_TEXTS = {1: "by 90 degrees to the left", 2: "by 180 degrees", 3: "by 90 degrees to the right"}
"""How a page was turned, or might have to be, by quarter turns counter-clockwise."""


def assess_scan(scan: ScannedPage, page: RectifiedPage) -> tuple[Finding, ...]:
    """Find what is wrong with the scan of a page.

    Args:
        scan: the page as it was scanned; resampling would blur its edges.
        page: the same page rectified, for the height of its characters and how it lay.

    Returns:
        Findings, the most serious first; none for a good scan or an empty page.
    """
    ink, pose = scan.ink, page.pose
    height = any_size_character_height(page.ink.components.boxes, ink.stroke_width)
    contrasts, blurs = measure_edges(scan.flat, ink)
    faint = _check_contrast(contrasts, scan)
    findings = (
        # Faint strokes break into small components, whatever the size of the characters.
        None if faint else _check_character_height(height),
        faint,
        _check_blur(blurs, height, ink.stroke_width),
        None if pose.sheet_in_perspective else _check_cut_off(ink, height),
        _check_skew(pose.deskew_degrees),
        _check_orientation(pose.orientation),
    )
    return tuple(finding for finding in findings if finding is not None)


def any_size_character_height(boxes: NDArray[np.int32], stroke_width: float) -> float:
    """Measure the height of the taller characters, down to those too small to be read.

    :func:`scanner.image.character_height.character_height` counts only characters of readable size, which on a page at
    60 dpi are those that run together.

    Args:
        boxes: x, y, width, height of the connected components, pixels, shape (N, 4).
        stroke_width: typical stroke width, pixels.

    Returns:
        Pixels; 0.0 if there are too few characters.
    """
    width, height = boxes[:, 2], boxes[:, 3]
    lowest = max(_MIN_CHARACTER_HEIGHT_PIXELS, _MIN_CHARACTER_HEIGHT_STROKES * stroke_width)
    fitting = (height >= lowest) & (height <= MAX_CHARACTER_HEIGHT_STROKES * stroke_width)
    heights = height[fitting & (width <= _MAX_CHARACTER_WIDTH_HEIGHTS * height)]
    return float(np.percentile(heights, TALL_CHARACTER_PERCENTILE)) if len(heights) >= _MIN_CHARACTER_COUNT else 0.0


def measure_edges(flat: Image, ink: Ink) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Measure contrast and blur of a sample of the edges where a row changes between paper and ink.

    Args:
        flat: flattened page, shape (H, W), uint8, 0 = paper, 255 = black.
        ink: ink of the same page.

    Returns:
        For each edge its contrast, 0-255, and its blur: the width in pixels beyond that of a perfectly sharp edge.  At
        the edge of a wide stroke, that is 2.5 standard deviations of a Gaussian blur.  Empty arrays if there are no
        edges.
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
    # An edge without a plateau is as wide as the stroke.
    reach = max(math.ceil(ink.stroke_width), 2)
    profile = flat[y, (x + np.arange(-reach, reach + 2)).clip(1, width - 2)]
    contrast = np.asarray(profile.max(axis=1) - profile.min(axis=1), np.float32)
    near = (x + np.arange(-reach // 2, reach // 2 + 2)).clip(1, width - 2)
    across = flat[y, near + 1].astype(np.float32) - flat[y, near - 1]
    down = flat[y + 1, near].astype(np.float32) - flat[y - 1, near]
    steepest = np.hypot(across, down).max(axis=1) / 2
    sloped = steepest > 0
    edge_width = contrast[sloped] / steepest[sloped]
    # Blurs add in squares, so the width of a sharp edge is subtracted in squares.
    return contrast[sloped], np.sqrt(np.maximum(edge_width**2 - _SHARP_EDGE_WIDTH_PIXELS**2, 0))


def _check_character_height(height: float) -> Finding | None:
    if not 0 < height < _MIN_GOOD_CHARACTER_HEIGHT_PIXELS:
        return None
    dpi = round(height / _ASSUMED_CAPITAL_HEIGHT_INCHES, -1)
    return Finding(
        "small",
        f"characters {height:.0f} pixels high, like print at about {dpi:.0f} dpi",
        f"rescan at {_ADVISED_DPI} dpi or more",
    )


def _check_contrast(contrasts: NDArray[np.float32], scan: ScannedPage) -> Finding | None:
    if len(contrasts) < _MIN_EDGE_COUNT or (contrast := float(np.median(contrasts)) / 255) >= _MIN_GOOD_CONTRAST_SHARE:
        return None
    burnt_out = _paper_brightness(scan) >= _MIN_BURNT_OUT_BRIGHTNESS
    return Finding(
        "faint",
        f"ink {contrast:.0%} darker than paper",
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
        f"edges {blur:.1f} pixels wide on strokes of {stroke_width:.1f}",
        "clean the glass, lay the page flat or hold the camera still",
    )


def _check_cut_off(ink: Ink, height: float) -> Finding | None:
    if height == 0:
        return None
    mask = ink.mask
    sides = {"top": mask, "right": mask.T[::-1], "bottom": mask[::-1], "left": mask.T}
    counts = {name: _count_cut_characters(side, height) for name, side in sides.items()}
    cut_sides = " and ".join(name for name, count in counts.items() if count >= _MIN_CUT_CHARACTER_COUNT)
    if not cut_sides:
        return None
    measured = f"{max(counts.values())} characters cut off at the {cut_sides}"
    return Finding("cut_off", measured, "place the page so that all of it is scanned")


def _count_cut_characters(side: Image, height: float) -> int:
    """Number of components of the size of characters that touch the first row; 0 if clearly too few."""
    depth = math.ceil(_CUT_DEPTH_RANGE_HEIGHTS[1] * height)
    pixel_runs = np.count_nonzero(np.diff(side[0] > 0, prepend=False, append=False)) // 2
    if pixel_runs < _MIN_CUT_CHARACTER_COUNT:
        return 0
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(side[:depth]), connectivity=8)
    touching = np.unique(labels[0])
    along, inwards = stats[touching[touching > 0], cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1].T
    fitting = (along >= _CUT_LENGTH_RANGE_HEIGHTS[0] * height) & (along <= _CUT_LENGTH_RANGE_HEIGHTS[1] * height)
    return int(np.count_nonzero(fitting & (inwards >= _CUT_DEPTH_RANGE_HEIGHTS[0] * height) & (inwards < depth)))


def _check_skew(degrees: float) -> Finding | None:
    if abs(degrees) < MAX_SKEW_DEGREES:
        return None
    measured = f"straightened by {MAX_SKEW_DEGREES:.0f} degrees before it was read, the most that is corrected"
    return Finding("skewed", measured, "place the page straight")


def _check_orientation(orientation: Orientation) -> Finding | None:
    turns = orientation.quarter_turns
    if turns:
        certainty = percent_text(min(orientation.probability, _MAX_STATED_CERTAINTY))
        return Finding(
            "turned",
            f"{_QUARTER_TURN_TEXTS[turns]} before it was read, {certainty} sure that it needed to be",
            "if it was upright already, read it again without turning; next time place it upright",
        )
    if 1 - orientation.probability < _MIN_STATED_DOUBT:
        return None
    likeliest = max(_QUARTER_TURN_TEXTS, key=orientation.turn_probabilities.__getitem__)
    likelihood = percent_text(min(orientation.turn_probabilities[likeliest], _MAX_STATED_CERTAINTY))
    return Finding(
        "orientation_unclear",
        f"not turned before it was read, {likelihood} likely that it needed to be, {_QUARTER_TURN_TEXTS[likeliest]}",
        "if it is not upright, turn it and read it again",
    )


def _paper_brightness(scan: ScannedPage) -> float:
    """Brightness of the paper, 0-255, from a sample of the pixels."""
    step = max(min(scan.gray.shape) // _MAX_SAMPLED_ROWS, 1)
    sample = scan.gray[::step, ::step]
    if scan.sheet_corners is not None:
        sample = sample[sheet_mask(scan.gray.shape, scan.sheet_corners)[::step, ::step] > 0]
    return float(np.median(sample))
