"""A pen in many hands: handwritten characters without fonts and without data sets.

A character is the path of a pen (``letterforms``), bent by the hand that holds
it.  What a hand always does (its allographs, slant, proportions, the way it
distorts a shape) is a ``Writer``; what differs from one character to the next
is drawn from the random generator that each function is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis import curves
from scanner.synthesis.letterforms import ALL_FORMS, UNIT_FORMS, Allograph
from scanner.types import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

    Points = NDArray[np.float64]

# Points of a stroke lie this far apart, in digit heights: a chord of a curve as
# tight as the loop of a 2 then strays less than a fiftieth of a pen's width.
_POINT_SPACING_HEIGHTS = 0.02
# Characters are drawn this much larger and shrunk by averaging: 1/36 grey levels
# are as fine as a scanner's own.
_SUPERSAMPLING_FACTOR = 6
# Fainter pixels than this do not count as a character's ink when it is boxed,
# unless it is so small that it has none darker.
_MIN_VISIBLE_INK = 32
# Paper left around the ink by ``render_character`` and ``draw_text``, as a share of the height.
_MARGIN_HEIGHTS = 0.1
# Width of a blank, in digit heights.
_BLANK_WIDTH_HEIGHTS = 0.5
# How far the two strokes of a 5 or a 7 slip against each other, relative to a writer's jitter.
_STROKE_SLIP_PER_JITTER = 1.2
# How much of a stroke a hurried pen may leave off at either end, in stroke lengths per unit of jitter.
_END_TRIM_PER_JITTER = 1.5


@dataclass(frozen=True, slots=True)
class Writer:
    """A person's hand.  Lengths are in digit heights."""

    preferred_allographs: tuple[tuple[str, str], ...]
    """The form preferred for each character: (character, name of the allograph)."""
    allograph_switch_probability: float
    """Probability that a character takes another form than the preferred one, 0-1."""
    habit_seed: int
    """Seed of what this hand does to the shape of each character, always the same way."""
    habit_size: float
    """Size of those habits."""
    slant: float
    """Shift to the right per unit of height; negative leans back."""
    aspect: float
    """Width of characters relative to the letterform."""
    pen_width: float
    """Width of the pen's line."""
    pressure_variation: float
    """Variation of that width along a stroke, relative to it."""
    corner_rounding: float
    """Length over which corners are rounded off."""
    shape_jitter: float
    """Variation of shape from one instance of a character to the next."""
    size_jitter: float
    """Variation of size, relative."""
    spacing: float
    """Mean gap between the ink of neighbouring characters."""
    spacing_jitter: float
    """Standard deviation of that gap."""
    baseline_drift: float
    """Step by which the baseline drifts from one character to the next, standard deviation."""


def random_writer(rng: np.random.Generator) -> Writer:
    """A writer as one might meet: mostly legible, now and then slanted, wide or shaky."""
    preferred = []
    for character, forms in ALL_FORMS.items():
        if character in UNIT_FORMS:
            # Nobody's hand is told by them; what is drawn after stays the same.
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
    """The path of the pen as ``writer`` writes ``character`` once more.

    Args:
        character: one of ``letterforms.ALPHABET``.
        writer: the hand.
        rng: source of what differs between instances.

    Returns:
        One array of shape (N, 2) per stroke, points (x, y) at even distances, in
        digit heights: x to the right from the leftmost point, y down, 0 the top
        of a digit and 1 the baseline.  Parentheses and descenders reach beyond.

    Raises:
        ValueError: if there is no letterform for ``character``.
    """
    form = _choose_allograph(character, writer, rng)
    give = _form_flexibility(form)
    habit = _random_bend(writer.habit_size * give, np.random.default_rng((writer.habit_seed, ord(character))))
    moment = _random_bend(writer.shape_jitter * give, rng)
    center = np.mean(_form_extent(form), axis=0)
    paths: list[Points] = []
    for points, corners in _control_points(form):
        slip = rng.normal(0.0, writer.shape_jitter * _STROKE_SLIP_PER_JITTER, 2) if paths else np.zeros(2)
        bent = _bend_points(points, center, habit + moment) + slip
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
    """One character as ink.

    Args:
        character: one of ``letterforms.ALPHABET``.
        writer: the hand.
        rng: source of what differs between instances.
        height: pixels from the top to the bottom of a digit's ink, before its variation in size.

    Returns:
        uint8 array (H, W), 0 = paper, 255 = ink, anti-aliased, with a margin of a
        tenth of ``height`` around the ink.

    Raises:
        ValueError: if there is no letterform for ``character`` or ``height`` is less than 1.
    """
    ink, _ = draw_text(character, writer, rng, height)
    return ink


def draw_text(text: str, writer: Writer, rng: np.random.Generator, height: int) -> tuple[Image, tuple[Box | None, ...]]:
    """A line of handwriting.

    Args:
        text: characters of ``letterforms.ALPHABET``, and blanks.
        writer: the hand.
        rng: source of what differs between instances.
        height: pixels from the top to the bottom of a digit's ink, before its variation in size.

    Returns:
        The ink, uint8 (H, W), 0 = paper, 255 = ink, and for each character the
        box of its ink in pixels of that image; None for a blank.

    Raises:
        ValueError: if there is no letterform for a character, nothing but blanks
            to write, or ``height`` is less than 1.
    """
    if height < 1:
        raise ValueError(f"handwriting is at least 1 pixel tall, not {height}")
    if not text.strip():
        raise ValueError("no characters to write")
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
    """Cut to the boxes and a margin."""
    hull = Box.around(box for box in boxes if box is not None)
    left, top = max(hull.x - margin, 0), max(hull.y - margin, 0)
    cut = np.ascontiguousarray(ink[top : hull.bottom + margin, left : hull.right + margin])
    return cut, tuple(box and Box(box.x - left, box.y - top, box.width, box.height) for box in boxes)


def _lay_out(text: str, writer: Writer, rng: np.random.Generator) -> list[list[Points]]:
    """The strokes of each character in its place on the line; none for a blank."""
    lines: list[list[Points]] = []
    pen_x, baseline = 0.0, 0.0
    for character in text:
        if character == " ":
            pen_x += _BLANK_WIDTH_HEIGHTS
            lines.append([])
            continue
        paths = write_strokes(character, writer, rng)
        # Gaps are measured along the slant, or slanted digits would stand far apart.
        upright = np.concatenate([path[:, 0] + writer.slant * path[:, 1] for path in paths])
        place = np.array([pen_x - upright.min(), baseline])
        lines.append([path + place for path in paths])
        gap = max(rng.normal(writer.spacing, writer.spacing_jitter), 0.0)
        pen_x += float(np.ptp(upright)) + writer.pen_width + gap
        # Drawn half-way back each time, or a long number would leave its line.
        baseline = baseline / 2 + rng.normal(0.0, writer.baseline_drift)
    return lines


def _choose_allograph(character: str, writer: Writer, rng: np.random.Generator) -> Allograph:
    forms = ALL_FORMS.get(character)
    if forms is None:
        raise ValueError(f"no letterform for {character!r}; there are {''.join(ALL_FORMS)}")
    if rng.random() < writer.allograph_switch_probability:
        return forms[rng.integers(len(forms))]
    preferred = dict(writer.preferred_allographs)[character]
    return next(form for form in forms if form.name == preferred)


@cache
def _control_points(form: Allograph) -> tuple[tuple[Points, tuple[int, ...]], ...]:
    """Per stroke the points, shape (N, 2) in digit heights, and the indices of its corners."""
    parsed = tuple(curves.parse_stroke(stroke) for stroke in form.strokes)
    for points, _ in parsed:
        # Shared by the cache.
        points.flags.writeable = False
    return parsed


def _random_bend(size: float, rng: np.random.Generator) -> Points:
    """Coefficients of a random ``_bend_points``, displacing by about ``size``."""
    return np.asarray(rng.normal(0.0, size, (8, 2)))


def _bend_points(points: Points, center: Points, coefficients: Points) -> Points:
    """Points moved by a smooth cubic field: what is close stays close, and strokes that meet still do."""
    # A digit, 0.6 wide and 1 tall, spans -1 to 1 either way.
    u, v = ((points - center) / (0.3, 0.5)).T
    basis = np.stack([u, v, u * v, v * v, u * u, u * v * v, v * v * v, u * u * v], axis=1)
    return np.asarray(points + basis @ coefficients)


def _finish_stroke(path: Points, writer: Writer, rng: np.random.Generator) -> Points:
    """Even steps, ends trimmed, a slight bow, corners rounded as the hand does."""
    steps = np.hypot(*np.diff(path, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    length = along[-1]
    start, end = np.abs(rng.normal(0.0, writer.shape_jitter * _END_TRIM_PER_JITTER, 2)) * min(length, 1.0) * 0.5
    count = max(int(length / _POINT_SPACING_HEIGHTS), 3)
    at = np.linspace(start, length - end, count)
    even = np.stack([np.interp(at, along, path[:, k]) for k in (0, 1)], axis=1)
    bow = np.sin(np.linspace(0.0, np.pi, count))[:, None] * rng.normal(0.0, writer.shape_jitter, 2) * min(length, 1.0)
    return curves.gaussian_smooth(even + bow, writer.corner_rounding / _POINT_SPACING_HEIGHTS)


def _form_extent(form: Allograph) -> tuple[Points, Points]:
    """Lowest and highest (x, y) of a letterform's points."""
    points = np.concatenate([points for points, _ in _control_points(form)])
    return points.min(axis=0), points.max(axis=0)


def _form_flexibility(form: Allograph) -> float:
    """How far a form can be bent and still be told from its likes, relative to a digit: slender ones least."""
    low, high = _form_extent(form)
    return float(np.clip((high - low).min() / 0.5, 0.3, 1.0))


def _fit_to_form(paths: list[Points], form: Allograph, size: float) -> list[Points]:
    """Bring the bent strokes back to the height and place of the letterform, and most of the way to its width."""
    low, high = _form_extent(form)
    found = np.concatenate(paths)
    spread = np.maximum(np.ptp(found, axis=0), 1e-6)
    # Bars and dots have next to no height, strokes next to no width, to bring back.
    wide, tall = (high - low) > 0.3
    factor_x = size * (((high - low)[0] / spread[0]) ** 0.75 if wide else 1.0)
    factor_y = size * ((high - low)[1] / spread[1] if tall else 1.0)
    shift = high[1] - found[:, 1].max() * factor_y if tall else 0.0
    return [path * (factor_x, factor_y) + (0.0, shift) for path in paths]


def _draw_strokes(
    paths: list[Points], writer: Writer, rng: np.random.Generator, height: int
) -> tuple[Image, tuple[int, int]]:
    """Ink of strokes given in pixels, and the (x, y) of its top left corner."""
    pen = writer.pen_width * height
    reach = pen * (1.0 + writer.pressure_variation) / 2 + 1
    everything = np.concatenate(paths)
    left, top = (int(n) for n in np.maximum(np.floor(everything.min(axis=0) - reach), 0))
    right, bottom = (int(n) for n in np.ceil(everything.max(axis=0) + reach))
    s = _SUPERSAMPLING_FACTOR
    large = np.zeros(((bottom - top) * s, (right - left) * s), np.uint8)
    for path in paths:
        widths = pen * (1.0 + writer.pressure_variation * _pressure_curve(len(path), rng))
        _draw_tapered_line(large, (path - (left, top)) * s, widths * s)
    return np.asarray(cv2.resize(large, (right - left, bottom - top), interpolation=cv2.INTER_AREA), np.uint8), (
        left,
        top,
    )


def _draw_tapered_line(canvas: Image, path: Points, widths: NDArray[np.float64]) -> None:
    """Draw a line of changing width into ``canvas``."""
    whole = np.rint(path).astype(int)
    thick = np.maximum(np.rint(widths).astype(int), 1)
    for (x0, y0), (x1, y1), w in zip(whole.tolist(), whole[1:].tolist(), thick.tolist(), strict=False):
        cv2.line(canvas, (x0, y0), (x1, y1), 255, w)


def _pressure_curve(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Slow change of pressure along a stroke, ``count`` values from -1 to 1; the pen lifts at the end."""
    phase, waves = rng.uniform(0.0, 2 * np.pi), rng.uniform(0.5, 1.5)
    t = np.linspace(0.0, 1.0, count)
    lift = np.clip((t - 0.85) / 0.15, 0.0, 1.0)
    return np.asarray(np.clip(0.7 * np.sin(phase + 2 * np.pi * waves * t) - 0.8 * lift, -1.0, 1.0))
