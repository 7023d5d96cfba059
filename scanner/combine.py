"""What two readers say of one place -> one answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.options import Layout
from scanner.types import Opinion

if TYPE_CHECKING:
    from scanner.confidence import Agreement, Calibration
    from scanner.types import Digit


_OTHER_COUNT = 0.75
"""Contours that make fewer digits of a number took two for one or left one out, those that make more took a sign for
one, of which they know nothing: they are believed so much less."""
_SLIVER = 0.03
"""A box narrower than this part of its height holds no digit but the edge of the next: not even a 1 is so thin."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one reader says stands in one place."""

    opinion: Opinion
    digits: tuple[Digit, ...]
    """The digits of the text, left to right; boxes in pixels of the straightened page."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is made of the claims."""

    text: str
    confidence: float
    """Probability that the text is right, 0-1."""
    digits: tuple[Digit, ...]
    said: tuple[Opinion, ...]


def alone(claim: Claim) -> Answer:
    """The answer where one reader was asked."""
    return Answer(claim.opinion.text, claim.opinion.confidence, claim.digits, (claim.opinion,))


def combine(contours: Claim, number: Claim, layout: Layout, agreement: Agreement) -> Answer:
    """The answer to two claims.

    * They agree on the digits: that is the text, with the separators of the number reader.
    * They disagree on a number cut out already: the number reader is believed, on nothing as on something.  Nobody
      has taken borders and print away there, and contours make digits of them.
    * They disagree on a page: the surer one is believed, on nothing as on something.

    How sure the answer is depends on both: what the number reader says is believed more where the contours confirm
    it, and less where they dispute it, by as much as ``agreement`` measured.
    """
    said = (contours.opinion, number.opinion)
    if _digits(contours) == _digits(number):
        confidence = _weighed(agreement.confirmed, number)
        return Answer(number.opinion.text, confidence, contours.digits, said)
    weight = _OTHER_COUNT if _count_otherwise(contours, number) else 1.0
    surer = max((number, 1.0), (contours, weight), key=lambda pair: pair[0].opinion.confidence * pair[1])[0]
    believed = number if layout is Layout.NUMBER else surer
    return Answer(believed.opinion.text, _weighed(agreement.disputed, believed), believed.digits, said)


def combine_in_cells(contours: Claim, number: Claim, layout: Layout, agreement: Agreement) -> Answer:
    """The answer where each digit has its own cell.

    A claim with more digits than there are cells with ink, or with fewer, is wrong.
    """
    if len(number.digits) == len(contours.digits):
        return combine(contours, number, layout, agreement)
    said = (contours.opinion, number.opinion)
    return Answer(contours.opinion.text, _weighed(agreement.disputed, contours), contours.digits, said)


def _count_otherwise(contours: Claim, number: Claim) -> bool:
    """Whether contours see another number of digits where the number reader saw ink for each of its own."""
    if not contours.digits or not number.digits:
        return False
    inked = all(digit.box.width > _SLIVER * digit.box.height for digit in number.digits)
    return len(contours.digits) != len(number.digits) and inked


def _weighed(curve: Calibration, claim: Claim) -> float:
    return float(curve.apply(claim.opinion.confidence))


def _digits(claim: Claim) -> str:
    return "".join(digit.text for digit in claim.digits)
