"""How many errors are left if only the surest readings are taken: error against coverage, as text and as a picture.

The curve of selective classification (El-Yaniv & Wiener, "On the foundations of
noise-free selective classification", JMLR 2010): what a reader is worth to
somebody who has the rest looked at by a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scanner.evaluation.calibration_error import calibration_table, expected_calibration_error, max_calibration_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.types import Image

_LISTED_ERROR_RATES = (0.005, 0.01, 0.02, 0.05)
"""Shares of errors for which the coverage is told."""
_LISTED_COVERAGES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Coverages for which the share of errors is told."""


class JudgedReading(NamedTuple):
    """A reading held against the truth."""

    confidence: float
    """0-1."""
    correct: bool


@dataclass(frozen=True, slots=True)
class RiskCoveragePoint:
    """The readings at least as sure as ``confidence``."""

    coverage: float
    """Their share of all readings, above 0, at most 1."""
    error_rate: float
    """Share of them that is wrong, 0-1."""
    confidence: float


def risk_coverage_curve(readings: Sequence[JudgedReading]) -> tuple[RiskCoveragePoint, ...]:
    """One point per confidence that occurs, the surest first; empty if nothing was read."""
    if not readings:
        return ()
    sure = np.array([reading.confidence for reading in readings])
    wrong = np.array([not reading.correct for reading in readings])
    order = np.argsort(-sure, kind="stable")
    sure, wrongs = sure[order], np.cumsum(wrong[order])
    # Readings of one confidence are taken together or not at all.
    last = np.flatnonzero(np.append(sure[1:] != sure[:-1], True))
    return tuple(
        RiskCoveragePoint((i + 1) / len(sure), float(wrongs[i] / (i + 1)), float(sure[i])) for i in last.tolist()
    )


def expected_risk_coverage_curve(readings: Sequence[JudgedReading]) -> tuple[RiskCoveragePoint, ...]:
    """The curve if the confidences told the truth: each reading wrong by as much as it is unsure."""
    sure = np.sort([reading.confidence for reading in readings])[::-1]
    errors = np.cumsum(1 - sure) / np.arange(1, len(sure) + 1)
    return tuple(
        RiskCoveragePoint((i + 1) / len(sure), float(error), float(sure[i])) for i, error in enumerate(errors.tolist())
    )


def coverage_at_error(curve: Sequence[RiskCoveragePoint], error: float) -> float:
    """The widest coverage with no more than this share of errors; 0 if there is none."""
    return max((point.coverage for point in curve if point.error_rate <= error), default=0.0)


def error_at_coverage(curve: Sequence[RiskCoveragePoint], coverage: float) -> float:
    """Share of errors where at least this part of the readings is taken; 0 if nothing was read."""
    return next((point.error_rate for point in curve if point.coverage >= coverage - _COVERAGE_TOLERANCE), 0.0)


_COVERAGE_TOLERANCE = 1e-9


def risk_coverage_section(readings: Sequence[JudgedReading]) -> list[str]:
    """The curve as lines of text; none if nothing was read."""
    curve = risk_coverage_curve(readings)
    if not curve:
        return []
    return [
        f"If only the surest of {len(readings)} readings are taken",
        "  errors allowed    " + "".join(f"{100 * error:6g} %" for error in _LISTED_ERROR_RATES),
        "  share taken       "
        + "".join(f"{100 * coverage_at_error(curve, error):6.1f} %" for error in _LISTED_ERROR_RATES),
        "  share taken       " + "".join(f"{100 * coverage:6g} %" for coverage in _LISTED_COVERAGES),
        "  errors among them "
        + "".join(f"{100 * error_at_coverage(curve, coverage):6.2f} %" for coverage in _LISTED_COVERAGES),
    ]


def calibration_section(readings: Sequence[JudgedReading]) -> list[str]:
    """Expected against true errors as lines of text; none if nothing was read."""
    table = calibration_table([r.confidence for r in readings], [r.correct for r in readings])
    if not table:
        return []
    return [
        "Confidence by tenths          errors",
        "    from      to  readings  expected     true  points",
        *(
            f"  {tenth.lowest_confidence:.4f}  {tenth.highest_confidence:.4f}{tenth.count:10}"
            f"{100 * tenth.expected_error:8.2f} %{100 * tenth.observed_error:7.2f} %{tenth.gap:+8.2f}"
            for tenth in table
        ),
        f"  worst {max_calibration_error(table):.2f} points, on average {expected_calibration_error(table):.2f}",
    ]


_IMAGE_SIZE_PIXELS = (960, 600)
"""Width and height of the picture, pixels."""
_PLOT_AREA_PIXELS = (90, 50, 920, 520)
"""Left, top, right and bottom of the axes."""
_MIN_COVERAGE_OF_AXIS_RANGE = 0.1
"""Coverage from which on the error axis holds all of the curve: of the surest few one error is a large share."""
_TEXT_COLOUR, _GRID_COLOUR, _CURVE_COLOUR, _EXPECTED_CURVE_COLOUR = "#202020", "#d8d8d8", "#0b5394", "#b45f06"
_TEXT_HEIGHT_PIXELS = 15
"""Height of the type, pixels."""
_SUPERSAMPLING_FACTOR = 3
"""Drawn so many times larger and shrunk: Pillow's lines have no soft edges of their own."""


def draw_risk_coverage_curve(readings: Sequence[JudgedReading]) -> Image:
    """A picture of the curve, and of what the confidences let expect.

    Returns:
        Shape (600, 960, 3), uint8, BGR.
    """
    from PIL import Image as Picture
    from PIL import ImageDraw, ImageFont

    curve = risk_coverage_curve(readings)
    expected = expected_risk_coverage_curve(readings)
    settled = [point.error_rate for point in (*curve, *expected) if point.coverage >= _MIN_COVERAGE_OF_AXIS_RANGE]
    top = _axis_maximum(max(settled, default=0.0))
    picture = Picture.new(
        "RGB", (_IMAGE_SIZE_PIXELS[0] * _SUPERSAMPLING_FACTOR, _IMAGE_SIZE_PIXELS[1] * _SUPERSAMPLING_FACTOR), "white"
    )
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=_TEXT_HEIGHT_PIXELS * _SUPERSAMPLING_FACTOR)
    left, upper, right, lower = _PLOT_AREA_PIXELS

    def at(coverage: float, error: float) -> tuple[float, float]:
        height = min(error / top, 1.0)
        return (left + (right - left) * coverage) * _SUPERSAMPLING_FACTOR, (
            lower - (lower - upper) * height
        ) * _SUPERSAMPLING_FACTOR

    def write(x: float, y: float, text: str, anchor: str, colour: str = _TEXT_COLOUR) -> None:
        draw.text((x, y), text, fill=colour, font=font, anchor=anchor)

    gap = 8 * _SUPERSAMPLING_FACTOR
    for step in range(6):
        error, coverage = top * step / 5, step / 5
        draw.line([at(0, error), at(1, error)], fill=_GRID_COLOUR, width=_SUPERSAMPLING_FACTOR)
        draw.line([at(coverage, 0), at(coverage, top)], fill=_GRID_COLOUR, width=_SUPERSAMPLING_FACTOR)
        write(at(0, error)[0] - gap, at(0, error)[1], f"{100 * error:.3g} %", "rm")
        write(at(coverage, 0)[0], at(coverage, 0)[1] + gap, f"{100 * coverage:.0f} %", "ma")
    draw.line([at(0, top), at(0, 0), at(1, 0)], fill=_TEXT_COLOUR, width=2 * _SUPERSAMPLING_FACTOR)
    for points, colour in ((expected, _EXPECTED_CURVE_COLOUR), (curve, _CURVE_COLOUR)):
        if points:
            path = [at(0, points[0].error_rate), *(at(point.coverage, point.error_rate) for point in points)]
            draw.line(path, fill=colour, width=3 * _SUPERSAMPLING_FACTOR, joint="curve")
    x, y = left * _SUPERSAMPLING_FACTOR, upper * _SUPERSAMPLING_FACTOR
    write(x, y - 2 * gap, "errors among the readings taken", "ld", _CURVE_COLOUR)
    write(x + 300 * _SUPERSAMPLING_FACTOR, y - 2 * gap, "as the confidences let expect", "ld", _EXPECTED_CURVE_COLOUR)
    write(
        right * _SUPERSAMPLING_FACTOR,
        (lower + 40) * _SUPERSAMPLING_FACTOR,
        f"surest readings taken, of {len(readings)}",
        "ra",
    )
    small = picture.resize(_IMAGE_SIZE_PIXELS, Picture.Resampling.LANCZOS)
    return np.asarray(small, np.uint8)[:, :, ::-1].copy()


def _axis_maximum(error: float) -> float:
    """The next value at which five steps of an axis are round numbers."""
    steps = (0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
    return next((step for step in steps if error <= step), 1.0)
