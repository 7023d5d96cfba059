"""How exactly the digits of a number are repeated elsewhere on the page: nobody writes a digit twice as type does.

To the page network, a printed number in a cell of its own looks like a neat hand, and a printed bubble like a 0.  But
type repeats itself, however it was photographed: on two photographs of forms, the digits of three in four printed
numbers and bubbles correlate by 0.8 or more with others of their page; on pages of eight kinds, those of nine in ten
handwritten ones by 0.9 or less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.decision.located_numbers import LocatedNumber
    from scanner.types import Digit, Image

UNREPEATED = 0.7
"""Stands for the repetition of a number none of whose digits is on the page a second time: as of most handwriting."""
_SAMPLE_COLUMNS, _SAMPLE_ROWS = 14, 20
"""Size at which glyphs are compared, pixels.  A choice: as high as the body of a digit frame."""
_BLUR_SIGMA_PIXELS = 0.8
"""Blur of the samples: where a stroke falls on the pixels of the scan is chance."""
_MAX_HEIGHT_LOG_RATIO = 0.15
"""Maximum difference in height, as a logarithm, of glyphs that are compared: type of another size is no repetition."""
_MAX_ASPECT_LOG_RATIO = 0.25
"""Maximum difference of their width relative to their height, as a logarithm."""
_MAX_COMPARED = 500
"""Maximum number of others of a digit that each is compared with, evenly chosen: pages of noise have thousands."""
_MOST_ALIKE = 3
"""Number of others, those most like a glyph, over which the correlation is averaged: one may be alike by chance."""


def measure_repetition(numbers: Sequence[LocatedNumber], strength: Image) -> list[float]:
    """Measure how exactly the digits of each number are repeated on the page.

    Args:
        numbers: all located numbers of the page.
        strength: ink of the rectified page without rules, shape (H, W), uint8, 0 = paper.

    Returns:
        For each number the mean correlation of its digits with the most similar others that were read as the same digit
        and are as large, -1 to 1; ``UNREPEATED`` if there are none.
    """
    digits = [(index, digit) for index, number in enumerate(numbers) for digit in _digits_of(number)]
    likeness = glyph_likeness([digit for _, digit in digits], strength)
    known = np.isfinite(likeness)
    owners = np.array([index for index, _ in digits], np.int64)[known]
    counts = np.bincount(owners, minlength=len(numbers))
    sums = np.bincount(owners, likeness[known], minlength=len(numbers))
    repetition: list[float] = np.where(counts > 0, sums / np.maximum(counts, 1), UNREPEATED).tolist()
    return repetition


def _digits_of(number: LocatedNumber) -> Sequence[Digit]:
    """The digits by their contours, whose boxes are exact; where those show none, what the line reader sees."""
    return number.contour_claim.digits or (number.line_claim.digits if number.line_claim is not None else ())


def glyph_likeness(digits: Sequence[Digit], strength: Image) -> NDArray[np.float64]:
    """Mean correlation of each glyph with the most similar ones of its digit and size, shape (N,); NaN without any.

    Args:
        digits: the digits, with their boxes in pixels of ``strength``.
        strength: ink, shape (H, W), uint8, 0 = paper.
    """
    if not digits:
        return np.zeros(0)
    samples = np.stack([_sample(digit, strength) for digit in digits])
    texts = np.array([digit.text for digit in digits])
    heights = np.log([max(digit.box.height, 1) for digit in digits])
    aspects = np.log([max(digit.box.width, 1) for digit in digits]) - heights
    likeness = np.full(len(digits), np.nan)
    for text in np.unique(texts):
        same = np.flatnonzero(texts == text)
        others = same[:: len(same) // _MAX_COMPARED + 1]
        comparable = np.abs(heights[same, None] - heights[others]) < _MAX_HEIGHT_LOG_RATIO
        comparable &= np.abs(aspects[same, None] - aspects[others]) < _MAX_ASPECT_LOG_RATIO
        comparable &= same[:, None] != others
        correlations = np.where(comparable, samples[same] @ samples[others].T, np.nan)
        ranked = -np.sort(-correlations, axis=1)[:, :_MOST_ALIKE]
        counts = np.isfinite(ranked).sum(axis=1)
        has_any = counts > 0
        likeness[same[has_any]] = np.nansum(ranked[has_any], axis=1) / counts[has_any]
    return likeness


def _sample(digit: Digit, strength: Image) -> NDArray[np.float64]:
    """The ink in the box of a digit at the size for comparison, with mean 0 and norm 1; zeros if it is all alike."""
    box = digit.box
    ink = strength[max(box.y, 0) : box.bottom, max(box.x, 0) : box.right]
    if not ink.size:
        return np.zeros(_SAMPLE_ROWS * _SAMPLE_COLUMNS)
    small = cv2.resize(ink, (_SAMPLE_COLUMNS, _SAMPLE_ROWS), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small.astype(np.float64), (0, 0), _BLUR_SIGMA_PIXELS).ravel()
    centred = blurred - blurred.mean()
    return np.asarray(centred / max(float(np.linalg.norm(centred)), 1e-9), np.float64)
