"""The synthetic pen: handwriting of many writers, without fonts or data sets.

A character is the path of a pen, from ``letterforms``, distorted by the writer.  What is constant for a writer
(allographs, slant, proportions, habitual distortions) is a ``Writer``; what differs between instances of a character is
drawn from the random generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis import curves
from scanner.synthesis.letterforms import ALL_FORMS, UNIT_FORMS, WORLD_FORMS, Allograph
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from scanner.types import Image

    Points = NDArray[np.float64]

_POINT_SPACING_HEIGHTS = 0.02
"""Distance between the points of a stroke, in digit heights: even in the loop of a 2, a chord deviates from the curve
by less than a fiftieth of the pen width."""
_SUPERSAMPLING_FACTOR = 6
"""Characters are drawn this much larger, then averaged: 36 grey levels are as fine as those of a scanner."""
_MIN_VISIBLE_INK = 32
"""Minimum ink (0-255) that counts for the box of a character, unless it is so small that all its ink is fainter."""
_MARGIN_HEIGHTS = 0.1
"""Margin around the ink of a text, in digit heights."""
_BLANK_WIDTH_HEIGHTS = 0.5
"""Width of a blank, in digit heights."""
_STROKE_SLIP_PER_JITTER = 1.2
"""Displacement of the strokes of a character against each other, relative to the shape jitter of the writer."""
_END_TRIM_PER_JITTER = 1.5
"""How much a hurried pen leaves off at either end of a stroke, in stroke lengths per unit of shape jitter."""


@dataclass(frozen=True, slots=True)
class Writer:
    """What is constant in the handwriting of a person.  Lengths are in digit heights."""

    preferred_allographs: tuple[tuple[str, str], ...]
    """Pairs of a character and the name of its preferred allograph."""
    allograph_switch_probability: float
    """Probability that the allograph is drawn anew instead of the preferred one, 0-1."""
    habit_seed: int
    """Seed of the habitual distortion of each character."""
    habit_size: float
    """Size of the habitual distortion."""
    slant: float
    """Horizontal shift per unit of height; positive leans right."""
    aspect: float
    """Width of characters relative to the letterform."""
    pen_width: float
    """Width of the pen line."""
    pressure_variation: float
    """Relative variation of that width along a stroke."""
    corner_rounding: float
    """Length over which corners are rounded off."""
    shape_jitter: float
    """Variation of shape between instances of a character."""
    size_jitter: float
    """Relative variation of size between instances."""
    spacing: float
    """Mean gap between the ink of neighbouring characters."""
    spacing_jitter: float
    """Standard deviation of that gap."""
    baseline_drift: float
    """Standard deviation of the drift of the baseline from one character to the next."""


def random_writer(rng: np.random.Generator, repertoire: Mapping[str, Sequence[Allograph]] = ALL_FORMS) -> Writer:
    """Draw a writer at random: mostly legible, some slanted, wide or shaky.

    Args:
        rng: the same state gives the same writer.
        repertoire: the allographs to prefer some of: ``letterforms.ALL_FORMS``, or ``WORLD_FORMS`` for hands of other
            schools and times as well.
    """
    preferred = []
    for character, forms in repertoire.items():
        if character in UNIT_FORMS:
            # Without drawing, so that adding these signs did not change the writers of earlier seeds.
            preferred.append((character, forms[0].name))
            continue
        shares = np.array([form.share for form in forms])
        preferred.append((character, forms[rng.choice(len(forms), p=shares / shares.sum())].name))
    return Writer(
        preferred_allographs=tuple(preferred),
        allograph_switch_probability=float(rng.uniform(0.0, 0.15)),
        habit_seed=int(rng.integers(2**31)),
        habit_size=float(rng.uniform(0.015, 0.05)),
        slant=float(np.clip(rng.normal(0.1, 0.16), -0.3, 0.5)),
        aspect=float(np.clip(rng.lognormal(0.0, 0.17), 0.7, 1.5)),
        pen_width=float(np.clip(rng.lognormal(np.log(0.085), 0.3), 0.045, 0.17)),
        pressure_variation=float(rng.uniform(0.05, 0.3)),
        corner_rounding=float(rng.uniform(0.01, 0.05)),
        shape_jitter=float(rng.uniform(0.006, 0.028)),
        size_jitter=float(rng.uniform(0.02, 0.07)),
        spacing=float(rng.uniform(0.1, 0.3)),
        spacing_jitter=float(rng.uniform(0.02, 0.06)),
        baseline_drift=float(rng.uniform(0.005, 0.03)),
    )


def write_strokes(character: str, writer: Writer, rng: np.random.Generator) -> tuple[Points, ...]:
    """Write an instance of a character as the path of a pen.

    Args:
        character: a key of ``letterforms.ALL_FORMS``.
        writer: who writes.
        rng: source of the differences between instances.

    Returns:
        One array of shape (N, 2) per stroke: evenly spaced points (x, y) in digit heights, x to the right from the
        leftmost point, y down, 0 the top of a digit and 1 the baseline.  Parentheses and descenders extend beyond.

    Raises:
        ValueError: if there is no letterform for ``character``.
    """
    form = _choose_allograph(character, writer, rng)
    flexibility = _form_flexibility(form)
    habit = _random_bend(writer.habit_size * flexibility, np.random.default_rng((writer.habit_seed, ord(character))))
    jitter = _random_bend(writer.shape_jitter * flexibility, rng)
    center = np.mean(_form_extent(form), axis=0)
    paths: list[Points] = []
    for points, corners in _control_points(form):
        slip = rng.normal(0.0, writer.shape_jitter * _STROKE_SLIP_PER_JITTER, 2) if paths else np.zeros(2)
        bent = _bend_points(points, center, habit + jitter) + slip
        bent += rng.normal(0.0, writer.shape_jitter * 0.4, bent.shape)
        paths.append(_finish_stroke(curves.smooth_curve_through(bent, corners), writer, rng))
    fitted = _fit_to_form(paths, form, 1.0 + rng.normal(0.0, writer.size_jitter))
    width = writer.aspect * (1.0 + rng.normal(0.0, writer.size_jitter))
    slant = writer.slant + rng.normal(0.0, writer.shape_jitter * 1.5)
    shear = np.array([[width, 0.0], [-slant, 1.0]])
    leaning = [path @ shear for path in fitted]
    left = min(float(path[:, 0].min()) for path in leaning)
    return tuple(path - (left, 0.0) for path in leaning)


def render_character(character: str, writer: Writer, rng: np.random.Generator, height: int) -> Image:
    """Render an instance of a character.

    Args:
        character: a key of ``letterforms.ALL_FORMS``.
        writer: who writes.
        rng: source of the differences between instances.
        height: height of the ink of a digit before its variation in size, pixels.

    Returns:
        Shape (H, W), uint8, 0 = paper, 255 = ink, anti-aliased, with a margin of a tenth of ``height``.

    Raises:
        ValueError: if there is no letterform for ``character`` or ``height`` is less than 1.
    """
    ink, _ = draw_text(character, writer, rng, height)
    return ink


def draw_text(text: str, writer: Writer, rng: np.random.Generator, height: int) -> tuple[Image, tuple[Box | None, ...]]:
    """Render a line of handwriting.

    Args:
        text: keys of ``letterforms.ALL_FORMS``, and blanks.
        writer: who writes.
        rng: source of the differences between instances.
        height: height of the ink of a digit before its variation in size, pixels.

    Returns:
        The ink, shape (H, W), uint8, 0 = paper, 255 = ink, and for each character the box of its ink in that image,
        None for a blank.

    Raises:
        ValueError: if a character has no letterform, the text is blank, or ``height`` is less than 1.
    """
    if height < 1:
        raise ValueError(f"the height of handwriting must be at least 1 pixel, not {height}")
    if not text.strip():
        raise ValueError("there are no characters to write")
    lines = _lay_out(text, writer, rng)
    scale = height * (1.0 - writer.pen_width)
    margin = int(np.ceil(height * _MARGIN_HEIGHTS)) + 1
    reach = writer.pen_width * height * (1.0 + writer.pressure_variation) / 2 + margin
    everything = np.concatenate([path for line in lines for path in line])
    origin = reach - everything.min(axis=0) * scale
    width, rows = (int(n) for n in np.ceil(everything.max(axis=0) * scale + origin + reach))
    ink = np.zeros((rows, width), np.uint8)
    boxes: list[Box | None] = []
    for line in lines:
        if not line:
            boxes.append(None)
            continue
        drawn, corner = _draw_strokes([path * scale + origin for path in line], writer, rng, height)
        x, y = corner
        window = ink[y : y + drawn.shape[0], x : x + drawn.shape[1]]
        drawn = drawn[: window.shape[0], : window.shape[1]]
        np.maximum(window, drawn, out=window)
        bx, by, bw, bh = cv2.boundingRect((drawn >= min(_MIN_VISIBLE_INK, int(drawn.max()))).astype(np.uint8))
        boxes.append(Box(x + bx, y + by, bw, bh))
    return _crop_to_boxes(ink, boxes, margin - 1)


def _crop_to_boxes(ink: Image, boxes: list[Box | None], margin: int) -> tuple[Image, tuple[Box | None, ...]]:
    """Crop the ink to its boxes with a margin."""
    hull = Box.around(box for box in boxes if box is not None)
    left, top = max(hull.x - margin, 0), max(hull.y - margin, 0)
    cropped = np.ascontiguousarray(ink[top : hull.bottom + margin, left : hull.right + margin])
    return cropped, tuple(box and Box(box.x - left, box.y - top, box.width, box.height) for box in boxes)


def _lay_out(text: str, writer: Writer, rng: np.random.Generator) -> list[list[Points]]:
    """Lay out the strokes of each character on the line; a blank has none."""
    lines: list[list[Points]] = []
    pen_x, baseline = 0.0, 0.0
    for character in text:
        if character == " ":
            pen_x += _BLANK_WIDTH_HEIGHTS
            lines.append([])
            continue
        paths = write_strokes(character, writer, rng)
        # Gaps are measured along the slant; otherwise slanted digits would be far apart.
        deslanted = np.concatenate([path[:, 0] + writer.slant * path[:, 1] for path in paths])
        offset = np.array([pen_x - deslanted.min(), baseline])
        lines.append([path + offset for path in paths])
        gap = max(rng.normal(writer.spacing, writer.spacing_jitter), 0.0)
        pen_x += float(np.ptp(deslanted)) + writer.pen_width + gap
        # Pulled half-way back each time; otherwise a long number would leave its line.
        baseline = baseline / 2 + rng.normal(0.0, writer.baseline_drift)
    return lines


def _choose_allograph(character: str, writer: Writer, rng: np.random.Generator) -> Allograph:
    forms = ALL_FORMS.get(character)
    if forms is None:
        raise ValueError(f"no letterform for {character!r}; the pen writes {''.join(ALL_FORMS)}")
    if rng.random() < writer.allograph_switch_probability:
        return forms[rng.integers(len(forms))]
    preferred = dict(writer.preferred_allographs)[character]
    return next(form for form in WORLD_FORMS[character] if form.name == preferred)


@cache
def _control_points(form: Allograph) -> tuple[tuple[Points, tuple[int, ...]], ...]:
    """Points of each stroke, shape (N, 2), in digit heights, and the indices of its corners."""
    parsed = tuple(curves.parse_stroke(stroke) for stroke in form.strokes)
    for points, _ in parsed:
        # Shared by the cache.
        points.flags.writeable = False
    return parsed


def _random_bend(size: float, rng: np.random.Generator) -> Points:
    """Random coefficients for ``_bend_points`` that displace points by about ``size``."""
    return np.asarray(rng.normal(0.0, size, (8, 2)))


def _bend_points(points: Points, center: Points, coefficients: Points) -> Points:
    """Displace points by a smooth cubic field, so that strokes that meet still do."""
    # A digit, 0.6 wide and 1 high, spans -1 to 1 in both directions.
    u, v = ((points - center) / (0.3, 0.5)).T
    basis = np.stack([u, v, u * v, v * v, u * u, u * v * v, v * v * v, u * u * v], axis=1)
    return np.asarray(points + basis @ coefficients)


def _finish_stroke(path: Points, writer: Writer, rng: np.random.Generator) -> Points:
    """Space the points evenly, trim the ends, bow the stroke slightly and round its corners."""
    steps = np.hypot(*np.diff(path, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    length = along[-1]
    start, end = np.abs(rng.normal(0.0, writer.shape_jitter * _END_TRIM_PER_JITTER, 2)) * min(length, 1.0) * 0.5
    count = max(int(length / _POINT_SPACING_HEIGHTS), 3)
    positions = np.linspace(start, length - end, count)
    even = np.stack([np.interp(positions, along, path[:, k]) for k in (0, 1)], axis=1)
    bow = np.sin(np.linspace(0.0, np.pi, count))[:, None] * rng.normal(0.0, writer.shape_jitter, 2) * min(length, 1.0)
    return curves.gaussian_smooth(even + bow, writer.corner_rounding / _POINT_SPACING_HEIGHTS)


def _form_extent(form: Allograph) -> tuple[Points, Points]:
    """Minimum and maximum (x, y) of the points of a letterform."""
    points = np.concatenate([points for points, _ in _control_points(form)])
    return points.min(axis=0), points.max(axis=0)


def _form_flexibility(form: Allograph) -> float:
    """How far a letterform can be distorted and still be recognized, relative to a digit; least for slender forms."""
    low, high = _form_extent(form)
    return float(np.clip((high - low).min() / 0.5, 0.3, 1.0))


def _fit_to_form(paths: list[Points], form: Allograph, size: float) -> list[Points]:
    """Restore the height and position of the letterform after bending, and most of its width."""
    low, high = _form_extent(form)
    points = np.concatenate(paths)
    spread = np.maximum(np.ptp(points, axis=0), 1e-6)
    # Bars and dots have hardly any height to restore, strokes hardly any width.
    wide, tall = (high - low) > 0.3
    factor_x = size * (((high - low)[0] / spread[0]) ** 0.75 if wide else 1.0)
    factor_y = size * ((high - low)[1] / spread[1] if tall else 1.0)
    shift = high[1] - points[:, 1].max() * factor_y if tall else 0.0
    return [path * (factor_x, factor_y) + (0.0, shift) for path in paths]


def _draw_strokes(
    paths: list[Points], writer: Writer, rng: np.random.Generator, height: int
) -> tuple[Image, tuple[int, int]]:
    """Render strokes given in pixels; the ink and (x, y) of its top left corner."""
    pen = writer.pen_width * height
    reach = pen * (1.0 + writer.pressure_variation) / 2 + 1
    everything = np.concatenate(paths)
    left, top = (int(n) for n in np.maximum(np.floor(everything.min(axis=0) - reach), 0))
    right, bottom = (int(n) for n in np.ceil(everything.max(axis=0) + reach))
    scale = _SUPERSAMPLING_FACTOR
    large = np.zeros(((bottom - top) * scale, (right - left) * scale), np.uint8)
    for path in paths:
        widths = pen * (1.0 + writer.pressure_variation * _pressure_curve(len(path), rng))
        _draw_tapered_line(large, (path - (left, top)) * scale, widths * scale)
    return np.asarray(cv2.resize(large, (right - left, bottom - top), interpolation=cv2.INTER_AREA), np.uint8), (
        left,
        top,
    )


def _draw_tapered_line(canvas: Image, path: Points, widths: NDArray[np.float64]) -> None:
    """Draw a line of varying width into ``canvas``."""
    rounded = np.rint(path).astype(int)
    thickness = np.maximum(np.rint(widths).astype(int), 1)
    for (x0, y0), (x1, y1), w in zip(rounded.tolist(), rounded[1:].tolist(), thickness.tolist(), strict=False):
        cv2.line(canvas, (x0, y0), (x1, y1), 255, w)


def _pressure_curve(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Slow random change of pressure along a stroke: ``count`` values from -1 to 1, lower at the end."""
    phase, waves = rng.uniform(0.0, 2 * np.pi), rng.uniform(0.5, 1.5)
    t = np.linspace(0.0, 1.0, count)
    lift = np.clip((t - 0.85) / 0.15, 0.0, 1.0)
    return np.asarray(np.clip(0.7 * np.sin(phase + 2 * np.pi * waves * t) - 0.8 * lift, -1.0, 1.0))
