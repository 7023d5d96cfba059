"""How many errors are left if only the surest readings are taken: error against coverage, as text and as a picture.

The curve of selective classification (El-Yaniv & Wiener, "On the foundations of
noise-free selective classification", JMLR 2010): what a reader is worth to
somebody who has the rest looked at by a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scanner.confidence import calibration_table, expected_calibration_error, worst_gap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.types import Image

_ERRORS = (0.005, 0.01, 0.02, 0.05)
"""Shares of errors for which the coverage is told."""
_COVERAGES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Coverages for which the share of errors is told."""


class Judged(NamedTuple):
    """A reading held against the truth."""

    confidence: float
    """0-1."""
    right: bool


@dataclass(frozen=True, slots=True)
class Point:
    """The readings at least as sure as ``confidence``."""

    coverage: float
    """Their share of all readings, above 0, at most 1."""
    error: float
    """Share of them that is wrong, 0-1."""
    confidence: float


def error_curve(judged: Sequence[Judged]) -> tuple[Point, ...]:
    """One point per confidence that occurs, the surest first; empty if nothing was read."""
    if not judged:
        return ()
    sure = np.array([reading.confidence for reading in judged])
    wrong = np.array([not reading.right for reading in judged])
    order = np.argsort(-sure, kind="stable")
    sure, wrongs = sure[order], np.cumsum(wrong[order])
    # Readings of one confidence are taken together or not at all.
    last = np.flatnonzero(np.append(sure[1:] != sure[:-1], True))
    return tuple(Point((i + 1) / len(sure), float(wrongs[i] / (i + 1)), float(sure[i])) for i in last.tolist())


def expected_curve(judged: Sequence[Judged]) -> tuple[Point, ...]:
    """The curve if the confidences told the truth: each reading wrong by as much as it is unsure."""
    sure = np.sort([reading.confidence for reading in judged])[::-1]
    errors = np.cumsum(1 - sure) / np.arange(1, len(sure) + 1)
    return tuple(Point((i + 1) / len(sure), float(error), float(sure[i])) for i, error in enumerate(errors.tolist()))


def coverage_at(curve: Sequence[Point], error: float) -> float:
    """The widest coverage with no more than this share of errors; 0 if there is none."""
    return max((point.coverage for point in curve if point.error <= error), default=0.0)


def error_at(curve: Sequence[Point], coverage: float) -> float:
    """Share of errors where at least this part of the readings is taken; 0 if nothing was read."""
    return next((point.error for point in curve if point.coverage >= coverage - _ROUNDING), 0.0)


_ROUNDING = 1e-9


def coverage_section(judged: Sequence[Judged]) -> list[str]:
    """The curve as lines of text; none if nothing was read."""
    curve = error_curve(judged)
    if not curve:
        return []
    return [
        f"If only the surest of {len(judged)} readings are taken",
        "  errors allowed    " + "".join(f"{100 * error:6g} %" for error in _ERRORS),
        "  share taken       " + "".join(f"{100 * coverage_at(curve, error):6.1f} %" for error in _ERRORS),
        "  share taken       " + "".join(f"{100 * coverage:6g} %" for coverage in _COVERAGES),
        "  errors among them " + "".join(f"{100 * error_at(curve, coverage):6.2f} %" for coverage in _COVERAGES),
    ]


def calibration_section(judged: Sequence[Judged]) -> list[str]:
    """Expected against true errors as lines of text; none if nothing was read."""
    table = calibration_table([r.confidence for r in judged], [r.right for r in judged])
    if not table:
        return []
    return [
        "Confidence by tenths          errors",
        "    from      to  readings  expected     true  points",
        *(
            f"  {tenth.lowest:.4f}  {tenth.highest:.4f}{tenth.count:10}"
            f"{100 * tenth.expected:8.2f} %{100 * tenth.true:7.2f} %{tenth.gap:+8.2f}"
            for tenth in table
        ),
        f"  worst {worst_gap(table):.2f} points, on average {expected_calibration_error(table):.2f}",
    ]


_SIDE = (960, 600)
"""Width and height of the picture, pixels."""
_FRAME = (90, 50, 920, 520)
"""Left, top, right and bottom of the axes."""
_SETTLED = 0.1
"""Coverage from which on the error axis holds all of the curve: of the surest few one error is a large share."""
_INK, _QUIET, _CURVE, _EXPECTED = "#202020", "#d8d8d8", "#0b5394", "#b45f06"
_TEXT = 15
"""Height of the type, pixels."""
_FINER = 3
"""Drawn so many times larger and shrunk: Pillow's lines have no soft edges of their own."""


def draw_curve(judged: Sequence[Judged]) -> Image:
    """A picture of the curve, and of what the confidences let expect.

    Returns:
        Shape (600, 960, 3), uint8, BGR.
    """
    from PIL import Image as Picture
    from PIL import ImageDraw, ImageFont

    curve = error_curve(judged)
    expected = expected_curve(judged)
    settled = [point.error for point in (*curve, *expected) if point.coverage >= _SETTLED]
    top = _round_up(max(settled, default=0.0))
    picture = Picture.new("RGB", (_SIDE[0] * _FINER, _SIDE[1] * _FINER), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=_TEXT * _FINER)
    left, upper, right, lower = _FRAME

    def at(coverage: float, error: float) -> tuple[float, float]:
        height = min(error / top, 1.0)
        return (left + (right - left) * coverage) * _FINER, (lower - (lower - upper) * height) * _FINER

    def write(x: float, y: float, text: str, anchor: str, colour: str = _INK) -> None:
        draw.text((x, y), text, fill=colour, font=font, anchor=anchor)

    gap = 8 * _FINER
    for step in range(6):
        error, coverage = top * step / 5, step / 5
        draw.line([at(0, error), at(1, error)], fill=_QUIET, width=_FINER)
        draw.line([at(coverage, 0), at(coverage, top)], fill=_QUIET, width=_FINER)
        write(at(0, error)[0] - gap, at(0, error)[1], f"{100 * error:.3g} %", "rm")
        write(at(coverage, 0)[0], at(coverage, 0)[1] + gap, f"{100 * coverage:.0f} %", "ma")
    draw.line([at(0, top), at(0, 0), at(1, 0)], fill=_INK, width=2 * _FINER)
    for points, colour in ((expected, _EXPECTED), (curve, _CURVE)):
        if points:
            path = [at(0, points[0].error), *(at(point.coverage, point.error) for point in points)]
            draw.line(path, fill=colour, width=3 * _FINER, joint="curve")
    x, y = left * _FINER, upper * _FINER
    write(x, y - 2 * gap, "errors among the readings taken", "ld", _CURVE)
    write(x + 300 * _FINER, y - 2 * gap, "as the confidences let expect", "ld", _EXPECTED)
    write(right * _FINER, (lower + 40) * _FINER, f"surest readings taken, of {len(judged)}", "ra")
    small = picture.resize(_SIDE, Picture.Resampling.LANCZOS)
    return np.asarray(small, np.uint8)[:, :, ::-1].copy()


def _round_up(error: float) -> float:
    """The next value at which five steps of an axis are round numbers."""
    steps = (0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
    return next((step for step in steps if error <= step), 1.0)
