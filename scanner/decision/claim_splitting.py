"""Split what the line reader takes for one number at a sign that it reads over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.recognition.reader_claims import Claim

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.recognition.lattice_decoding import ReadDigit
    from scanner.recognition.number_reading import ReadSpan

_MIN_SIGN_CONFIDENCE = 0.8
"""Minimum confidence of the digit classifier that ink is no digit, for it to be a sign between two numbers.  A
choice."""
_MIN_SIGN_WIDTH_HEIGHTS = 0.3
"""Minimum width of a sign between two numbers, in heights of the digits.  A choice: wider than any divider."""


def split_claim(span: ReadSpan, in_span: Sequence[ReadDigit]) -> Iterator[tuple[Claim, float]]:
    """Split the claim of a span at each sign.

    Args:
        span: what the line reader read.
        in_span: what the digit classifier read there, from left to right.

    Yields:
        Each part of the claim, and the column where it ends.
    """
    contour_digits = [read for read in in_span if read.digit is not None]
    claim, text = span.claim, span.claim.opinion.text
    if [digit.text for digit in claim.digits] == [str(read.digit) for read in contour_digits]:
        # Contours know better than the line reader where a digit ends and a sign begins.
        placed = zip(claim.digits, contour_digits, strict=True)
        claim = replace(claim, digits=tuple(replace(digit, box=read.box) for digit, read in placed))
    ends = sorted({read.box.center[0] for read in in_span if _is_sign(read, claim)})
    digit_positions = [position for position, character in enumerate(text) if character.isdigit()]
    begin = 0
    for right in (*ends, float(span.page_right)):
        end = sum(digit.box.center[0] < right for digit in claim.digits)
        last = len(text) if end == len(digit_positions) else digit_positions[end]
        first = len(text) if begin == len(digit_positions) else 0 if begin == 0 else digit_positions[begin]
        yield Claim(replace(claim.opinion, text=text[first:last]), claim.digits[begin:end]), right
        begin = end


def _is_sign(read: ReadDigit, claim: Claim) -> bool:
    """Whether both readers see no digit in ink as wide and high as a sign: the line reader reads on beyond it.

    A divider of a comb field is narrower, and joins what it parts.
    """
    if read.digit is not None or read.is_punctuation or read.confidence < _MIN_SIGN_CONFIDENCE:
        return False
    heights = [digit.box.height for digit in claim.digits]
    if read.box.width < _MIN_SIGN_WIDTH_HEIGHTS * float(np.median(heights)):
        return False
    return not any(read.box.x <= digit.box.center[0] < read.box.right for digit in claim.digits)
