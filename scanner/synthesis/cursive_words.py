"""Handwritten words, cursive or hand-printed, and signatures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis import curves
from scanner.synthesis.letterforms import LETTER_FORMS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

    Points = NDArray[np.float64]
    Generator = np.random.Generator

_EXTRA_STROKES: dict[str, tuple[str, ...]] = {
    "f": ("40 6, 28 0, 18 20, 14 70, 12 128, 4 132", "0 52, 34 48"),
    "j": ("14 48, 14 100, 8 130, -4 126", "14 24, 15 26"),
    "q": ("34 52, 18 46, 3 62, 4 86, 18 94, 34 80, 37 50!, 36 130, 46 124",),
    "x": ("2 50, 36 98", "36 48, 0 100"),
    "B": ("6 2, 5 100", "6 4, 36 6, 40 30, 8 48!, 44 60, 42 92, 4 99"),
    "C": ("50 16, 30 1, 6 26, 4 70, 24 99, 52 86",),
    "D": ("8 2, 6 99", "2 4, 34 8, 52 46, 38 88, 4 99"),
    "F": ("48 3, 8 4!, 6 100", "7 48, 38 46"),
    "G": ("50 16, 30 1, 6 26, 4 72, 26 99, 48 84, 50 58!, 30 58",),
    "I": ("6 0, 6 100",),
    "J": ("38 2, 37 70, 26 98, 6 92, 2 78", "18 3, 56 1"),
    "L": ("8 0, 5 98!, 46 97",),
    "O": ("32 2, 8 18, 2 54, 14 92, 34 99, 56 78, 58 36, 38 4, 26 6",),
    "P": ("8 2, 6 100", "4 6, 34 2, 46 24, 32 50, 8 54"),
    "Q": ("32 2, 8 18, 2 54, 14 92, 34 99, 56 78, 58 36, 38 4, 26 6", "36 74, 62 108"),
    "S": ("46 14, 28 1, 10 14, 18 40, 40 56, 46 82, 26 100, 2 90",),
    "U": ("4 0, 5 66, 22 99, 44 80, 50 0!, 50 96",),
    "V": ("2 0, 26 99!, 52 0",),
    "W": ("2 2, 16 98!, 32 30!, 46 98!, 66 0",),
    "X": ("4 2, 50 98", "50 0, 2 100"),
    "Y": ("2 2, 26 50", "52 0, 12 100"),
    "Z": ("4 6, 50 3!, 2 97!, 52 95",),
    ".": ("2 97, 4 98",),
    ",": ("6 93, 0 112",),
    "-": ("2 62, 30 60",),
    "&": ("50 96, 10 30, 24 4, 34 22, 2 74, 18 98, 50 60",),
    "%": ("14 6, 2 20, 14 32, 22 14, 14 6", "52 2, 6 100", "50 70, 40 84, 50 96, 58 80, 50 70"),
    "$": ("42 16, 22 4, 6 22, 40 60, 38 90, 2 88", "24 -8, 20 110"),
    ":": ("4 58, 5 60", "4 94, 5 96"),
    "?": ("4 18, 22 0, 40 18, 20 46, 20 70", "20 96, 21 98"),
    "/": ("34 0, 0 104",),
    "(": ("20 -6, 4 30, 4 72, 20 112",),
    ")": ("0 -6, 16 30, 16 72, 0 112",),
    "+": ("22 30, 22 84", "0 57, 46 56"),
    "=": ("0 44, 44 42", "1 68, 45 66"),
}
"""Strokes of characters that ``letterforms.LETTER_FORMS`` lacks, in the same notation."""
_CHARACTER_STROKES: dict[str, tuple[str, ...]] = {
    **{letter: forms[0].strokes for letter, forms in LETTER_FORMS.items()},
    **_EXTRA_STROKES,
}
"""Strokes of every character that a word may have."""
_SUPERSAMPLING_FACTOR = 3
"""Words are drawn this much larger, then averaged."""
_SPACED_HAND_SHARE = 0.4
"""Share of unjoined hands that set letters far apart, like digits; a choice."""


@dataclass(frozen=True, slots=True)
class WordStyle:
    """How somebody writes words.  Lengths are in digit heights."""

    slant: float
    """Horizontal shift per unit of height; positive leans right."""
    aspect: float
    """Width of letters relative to the letterform."""
    x_height_scale: float
    """Height of small letters relative to the letterform."""
    spacing: float
    """Mean gap between letters."""
    joined_share: float
    """Share of small letters that are joined to the next one, 0-1."""
    shape_jitter: float
    """Size of the random distortion of each instance of a letter."""
    pen_width: float
    """Width of the pen line."""
    all_capitals_share: float
    """Share of words written in capitals only, 0-1."""
    habit_size: float = 0.0
    """Size of the distortion that is the same each time this hand writes a letter."""
    habit_seed: int = 0
    """Seed of that distortion."""


def random_word_style(rng: Generator, pen_width: float) -> WordStyle:
    """Draw a style at random; ``pen_width`` is in digit heights."""
    cursive = rng.random() < 0.55
    far_apart = not cursive and rng.random() < _SPACED_HAND_SHARE
    max_spacing = 0.75 if far_apart else 0.3
    return WordStyle(
        slant=float(rng.normal(0.18, 0.18)),
        aspect=float(rng.uniform(0.75, 1.35)),
        x_height_scale=float(rng.uniform(0.85, 1.3)),
        spacing=float(rng.uniform(0.02, 0.14) if cursive else rng.uniform(0.1, max_spacing)),
        joined_share=float(rng.uniform(0.7, 1.0) if cursive else 0.0 if far_apart else rng.choice([0.0, 0.2])),
        shape_jitter=float(rng.uniform(0.01, 0.07)),
        pen_width=pen_width,
        all_capitals_share=float(rng.choice([0.0, 0.1, 1.0], p=[0.6, 0.25, 0.15])),
        habit_size=float(rng.uniform(0.0, 0.15)),
        habit_seed=int(rng.integers(1 << 30)),
    )


def render_words(text: str, word_style: WordStyle, height: int, rng: Generator) -> tuple[Image, int]:
    """Render a line of words.

    Args:
        text: the words; characters without a letterform become blanks.
        word_style: style of the hand.
        height: height of a digit or capital, pixels.
        rng: source of the differences between instances.

    Returns:
        Coverage, shape (H, W), uint8, 255 = ink, and the row of the baseline.

    Raises:
        ValueError: if no character has a letterform.
    """
    paths = _lay_out_strokes(text, word_style, rng)
    points = np.concatenate(paths) * height
    margin = round(word_style.pen_width * height) + 3
    low, high = np.floor(points.min(axis=0)) - margin, np.ceil(points.max(axis=0)) + margin
    columns, rows = (int(n) for n in high - low)
    scale = _SUPERSAMPLING_FACTOR
    large = np.zeros((rows * scale, columns * scale), np.uint8)
    for path in paths:
        thickness = max(round(word_style.pen_width * height * scale * float(rng.uniform(0.75, 1.05))), 2)
        fixed_point = np.rint((path * height - low) * (scale * 16)).astype(np.int32)
        cv2.polylines(large, [fixed_point], False, 255, thickness, cv2.LINE_8, 4)
    coverage = cv2.resize(large, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(coverage, np.uint8), int(height - low[1])


def render_signature(word_style: WordStyle, height: int, rng: Generator) -> tuple[Image, int]:
    """Render an illegible signature: loops, a wavy line and perhaps a flourish; returns as ``render_words`` does."""
    points, x = [np.array([0.0, rng.uniform(0.5, 1.0)])], 0.0
    for _ in range(int(rng.integers(1, 4))):
        size, start, direction = rng.uniform(0.3, 1.3), rng.uniform(0, 2 * np.pi), rng.choice([-1, 1])
        angles = start + direction * np.linspace(0, rng.uniform(1.2, 2.4) * np.pi, 5)
        oval = np.stack([np.cos(angles) * rng.uniform(0.15, 0.5), np.sin(angles) * 0.55], axis=1) * size
        points += list(oval + np.array([x + 0.3 * size, 1 - 0.45 * size]))
        x += rng.uniform(0.3, 0.9) * size
    size, stretch = rng.uniform(0.2, 0.7), rng.uniform(0.5, 2.0)
    for _ in range(int(rng.integers(1, 12))):
        points += [np.array([x + 0.12 * stretch, 1 - size * rng.uniform(0.2, 1.3)]),
                   np.array([x + 0.2 * stretch, 1 + rng.uniform(-0.15, 0.3)])]  # fmt: skip  # in columns
        x, size = x + stretch * rng.uniform(0.15, 0.5), size * rng.uniform(0.75, 1.05)
    points.append(np.array([x + rng.uniform(0.2, 2.0), 1 + rng.uniform(-0.6, 0.2)]))
    if rng.random() < 0.35:
        points += [np.array([rng.uniform(0, 0.5) * x, 1.3]), np.array([x + 0.8, 1.15])]
    rough = np.array(points) + rng.normal(0, 0.06, (len(points), 2))
    path = curves.smooth_curve_through(rough * (word_style.aspect, 1.0), ())
    path[:, 0] += word_style.slant * (1 - path[:, 1])
    points_px = path * height
    margin = round(word_style.pen_width * height) + 3
    low, high = np.floor(points_px.min(axis=0)) - margin, np.ceil(points_px.max(axis=0)) + margin
    coverage = np.zeros((int(high[1] - low[1]), int(high[0] - low[0])), np.uint8)
    fixed_point = np.rint((points_px - low) * 16).astype(np.int32)
    cv2.polylines(coverage, [fixed_point], False, 255, max(round(word_style.pen_width * height), 1), cv2.LINE_AA, 4)
    return coverage, int(height - low[1])


def _lay_out_strokes(text: str, word_style: WordStyle, rng: Generator) -> list[Points]:
    """Lay out the slanted strokes of a text, in digit heights."""
    paths: list[Points] = []
    x, drift = 0.0, 0.0
    open_end: int | None = None
    for character in text:
        forms = _character_curves(character)
        if not forms:
            x, open_end = x + 0.45 * word_style.aspect, None
            continue
        drift = drift / 2 + rng.normal(0, 0.03)
        size = float(np.exp(rng.normal(0, 0.06))) * (word_style.x_height_scale if character.islower() else 1.0)
        habit = np.random.default_rng((word_style.habit_seed, ord(character))).normal(0, word_style.habit_size, (4, 2))
        bend = habit + rng.normal(0, word_style.shape_jitter, (4, 2))
        placed = [
            _bend_path(curve, bend) * (word_style.aspect * size, size) + (0.0, 1 - size + drift) for curve in forms
        ]
        left = min(float(path[:, 0].min()) for path in placed)
        placed = [path + np.array([x - left, 0.0]) for path in placed]
        # A joined letter continues the last letter with its first stroke.
        if open_end is not None and character.islower() and rng.random() < word_style.joined_share:
            joint = curves.smooth_curve_through(np.array([paths[open_end][-1], placed[0][0]]), ())
            placed[0] = np.concatenate([paths[open_end], joint, placed[0]])
            paths.pop(open_end)
        open_end = len(paths) if character.islower() else None
        paths += placed
        # The bar of a t and the dot of an i may overhang the next letter.
        body = placed[:1] if character.islower() else placed
        x = max(float(path[:, 0].max()) for path in body) + word_style.spacing * float(rng.uniform(0.5, 1.5))
    if not paths:
        raise ValueError(f"no letterform for any character of {text!r}")
    return [np.stack([path[:, 0] + word_style.slant * (1 - path[:, 1]), path[:, 1]], axis=1) for path in paths]


def _bend_path(path: Points, bend: Points) -> Points:
    """Displace the points by a smooth random field."""
    u, v = (path - (0.25, 0.7)).T / 0.4
    basis = np.stack([u * v, v * v, u * u, np.sin(2 * u + 1.5 * v)], axis=1)
    return np.asarray(path + basis @ bend)


@cache
def _character_curves(character: str) -> tuple[Points, ...]:
    """Curves of a character in digit heights; empty if it has no letterform."""
    return tuple(
        curves.smooth_curve_through(*curves.parse_stroke(stroke)) for stroke in _CHARACTER_STROKES.get(character, ())
    )
