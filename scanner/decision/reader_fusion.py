"""Fuse what the digit classifier and the line reader say of one number into one reading."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.options import PageOrCrop
from scanner.recognition.reader_claims import Claim
from scanner.types import Opinion

if TYPE_CHECKING:
    from scanner.recognition.confidence_calibration import AgreementCalibration, Calibration
    from scanner.types import Digit


_DIGIT_COUNT_MISMATCH_WEIGHT = 0.75
"""Weight of the digit classifier's confidence if it found more or fewer digits than the line reader.  With fewer, it
took two digits for one or missed one; with more, it took a sign for a digit; its confidence reflects none of these
mistakes."""

_MAX_SLIVER_WIDTH_HEIGHTS = 0.03
"""Maximum width, in its own heights, of a box that holds only the edge of the next digit: not even a 1 is so thin."""


@dataclass(frozen=True, slots=True)
class FusedReading:
    """The reading of a number that the claims of all readers lead to."""

    text: str
    """As written; empty if there is no number."""
    confidence: float
    """Probability that the text is right, 0-1."""
    digits: tuple[Digit, ...]
    """The digits of the text, left to right; boxes in pixels of the rectified page."""
    opinions: tuple[Opinion, ...]
    """What each reader said."""


def accept_claim(claim: Claim) -> FusedReading:
    """Accept the claim of the only reader that was asked."""
    return FusedReading(claim.opinion.text, claim.opinion.confidence, claim.digits, (claim.opinion,))


def fuse_claims(
    contour_claim: Claim, line_claim: Claim, page_or_crop: PageOrCrop, agreement: AgreementCalibration
) -> FusedReading:
    """Fuse two claims.

    * They agree on the digits: the text is the line reader's, which has separators.
    * They disagree on a crop: the line reader is right, even if it reads nothing.  A crop may still show borders and
      print, which the digit classifier takes for digits.
    * They disagree on a page: the more confident one is right, even if it reads nothing.

    The confidence depends on both claims: that of the chosen one is raised if the other confirms it and lowered if the
    other disputes it, as ``agreement`` says.

    Args:
        contour_claim: claim of the digit classifier.
        line_claim: claim of the line reader.
        page_or_crop: what the picture shows.
        agreement: calibration of the line reader's probabilities beside the digit classifier's.
    """
    opinions = (contour_claim.opinion, line_claim.opinion)
    if contour_claim.digit_text == line_claim.digit_text:
        confidence = _calibrated_confidence(agreement.confirmed, line_claim)
        return FusedReading(line_claim.opinion.text, confidence, contour_claim.digits, opinions)
    weight = _DIGIT_COUNT_MISMATCH_WEIGHT if _digit_counts_differ(contour_claim, line_claim) else 1.0
    surer = max((line_claim, 1.0), (contour_claim, weight), key=lambda pair: pair[0].opinion.confidence * pair[1])[0]
    chosen = line_claim if page_or_crop is PageOrCrop.CROP else surer
    return FusedReading(
        chosen.opinion.text, _calibrated_confidence(agreement.disputed, chosen), chosen.digits, opinions
    )


def weigh_second_opinion(reading: FusedReading, claim: Claim, probability: float) -> FusedReading:
    """Add what another line reader says of a crop; it changes how sure the reading is, and not the text.

    Args:
        reading: the reading of the other readers.
        claim: claim of the line reader for text lines.
        probability: probability that the text of the reading is right, by all that is known, 0-1.

    Returns:
        The reading with that confidence; with its own if it has no digits, as then nothing is known that counts.
    """
    second = Opinion("text line", claim.opinion.text, claim.opinion.confidence)
    confidence = probability if reading.digits else reading.confidence
    return replace(reading, confidence=confidence, opinions=(*reading.opinions, second))


def _digit_counts_differ(contour_claim: Claim, line_claim: Claim) -> bool:
    """Whether the contours show more or fewer digits, and there is ink for each digit of the line reader."""
    if not contour_claim.digits or not line_claim.digits:
        return False
    all_inked = all(digit.box.width > _MAX_SLIVER_WIDTH_HEIGHTS * digit.box.height for digit in line_claim.digits)
    return len(contour_claim.digits) != len(line_claim.digits) and all_inked


def _calibrated_confidence(curve: Calibration, claim: Claim) -> float:
    return float(curve.apply(claim.opinion.confidence))
