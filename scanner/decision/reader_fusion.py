"""What two readers say of one place -> one answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.options import PageOrCrop
from scanner.recognition.claims import Claim
from scanner.types import Opinion

if TYPE_CHECKING:
    from scanner.recognition.calibration import AgreementCalibration, Calibration
    from scanner.types import Digit


_DIGIT_COUNT_MISMATCH_WEIGHT = 0.75
"""Contours that make fewer digits of a number took two for one or left one out, those that make more took a sign for
one, of which they know nothing: they are believed so much less."""

_MAX_SLIVER_WIDTH_HEIGHTS = 0.03
"""A box narrower than this part of its height holds no digit but the edge of the next: not even a 1 is so thin."""


@dataclass(frozen=True, slots=True)
class FusedReading:
    """What is made of the claims."""

    text: str
    confidence: float
    """Probability that the text is right, 0-1."""
    digits: tuple[Digit, ...]
    opinions: tuple[Opinion, ...]


def accept_claim(claim: Claim) -> FusedReading:
    """The answer where one reader was asked."""
    return FusedReading(claim.opinion.text, claim.opinion.confidence, claim.digits, (claim.opinion,))


def fuse_claims(
    contour_claim: Claim, line_claim: Claim, page_or_crop: PageOrCrop, agreement: AgreementCalibration
) -> FusedReading:
    """The answer to two claims.

    * They agree on the digits: that is the text, with the separators of the number reader.
    * They disagree on a number cut out already: the number reader is believed, on nothing as on something.  Nobody
      has taken borders and print away there, and contours make digits of them.
    * They disagree on a page: the surer one is believed, on nothing as on something.

    How sure the answer is depends on both: what the number reader says is believed more where the contours confirm
    it, and less where they dispute it, by as much as ``agreement`` measured.
    """
    said = (contour_claim.opinion, line_claim.opinion)
    if _digit_text(contour_claim) == _digit_text(line_claim):
        confidence = _calibrated_confidence(agreement.confirmed, line_claim)
        return FusedReading(line_claim.opinion.text, confidence, contour_claim.digits, said)
    weight = _DIGIT_COUNT_MISMATCH_WEIGHT if _digit_counts_differ(contour_claim, line_claim) else 1.0
    surer = max((line_claim, 1.0), (contour_claim, weight), key=lambda pair: pair[0].opinion.confidence * pair[1])[0]
    believed = line_claim if page_or_crop is PageOrCrop.CROP else surer
    return FusedReading(
        believed.opinion.text, _calibrated_confidence(agreement.disputed, believed), believed.digits, said
    )


def fuse_comb_claims(
    contour_claim: Claim, line_claim: Claim, page_or_crop: PageOrCrop, agreement: AgreementCalibration
) -> FusedReading:
    """The answer where each digit has its own cell.

    A claim with more digits than there are cells with ink, or with fewer, is wrong.
    """
    if len(line_claim.digits) == len(contour_claim.digits):
        return fuse_claims(contour_claim, line_claim, page_or_crop, agreement)
    said = (contour_claim.opinion, line_claim.opinion)
    return FusedReading(
        contour_claim.opinion.text,
        _calibrated_confidence(agreement.disputed, contour_claim),
        contour_claim.digits,
        said,
    )


def _digit_counts_differ(contours: Claim, number: Claim) -> bool:
    """Whether contours see another number of digits where the number reader saw ink for each of its own."""
    if not contours.digits or not number.digits:
        return False
    inked = all(digit.box.width > _MAX_SLIVER_WIDTH_HEIGHTS * digit.box.height for digit in number.digits)
    return len(contours.digits) != len(number.digits) and inked


def _calibrated_confidence(curve: Calibration, claim: Claim) -> float:
    return float(curve.apply(claim.opinion.confidence))


def _digit_text(claim: Claim) -> str:
    return "".join(digit.text for digit in claim.digits)
