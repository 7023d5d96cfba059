"""What two readers say of one place -> one answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.options import Layout
from scanner.types import Opinion

if TYPE_CHECKING:
    from scanner.types import Digit

DISAGREE = "readers disagree"
BEYOND_DOUBT = 0.95
"""Who is as sure as this is believed against the other without review: of 256 such numbers cut out, of the cheques
and cells to choose with, 254 are right, as many as where both agree."""


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
    review: str
    """Why a person should look at it; empty if there is no reason."""
    digits: tuple[Digit, ...]
    said: tuple[Opinion, ...]


def alone(claim: Claim) -> Answer:
    """The answer where one reader was asked."""
    return Answer(claim.opinion.text, claim.opinion.confidence, "", claim.digits, (claim.opinion,))


def combine(contours: Claim, number: Claim, layout: Layout) -> Answer:
    """The answer to two claims.

    * They agree on the digits: that is the text, with the separators of the number reader, and the surer one's
      confidence.
    * They disagree on a number cut out already: the number reader is believed, on nothing as on something.  Nobody
      has taken borders and print away there, and contours make digits of them.
    * They disagree on a page: the surer one is believed, on nothing as on something.

    Disagreement is a reason for review, unless the one who is believed is sure beyond doubt.

    Measured on the cheques and clinic cells to choose with, where the two disagree: of numbers cut out the number
    reader is right in 355 of 399, the contours in 5, and the surer one in fewer than the number reader.  Of cheques
    read as pages the surer one is right in 14 of 20, the number reader in 13, the contours in 3.
    """
    said = (contours.opinion, number.opinion)
    if _digits(contours) == _digits(number):
        confidence = max(opinion.confidence for opinion in said)
        return Answer(number.opinion.text, confidence, "", contours.digits, said)
    surer = max(number, contours, key=lambda claim: claim.opinion.confidence)
    believed = number if layout is Layout.NUMBER else surer
    review = "" if believed.opinion.confidence >= BEYOND_DOUBT else DISAGREE
    return Answer(believed.opinion.text, believed.opinion.confidence, review, believed.digits, said)


def _digits(claim: Claim) -> str:
    return "".join(digit.text for digit in claim.digits)
