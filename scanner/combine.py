"""What two readers say of one place -> one answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.options import Layout
from scanner.types import Opinion

if TYPE_CHECKING:
    from scanner.types import Digit

DISAGREE = "readers disagree"
_BEYOND_DOUBT = 0.98
"""Who is surer than this is believed against the other without review: of such numbers as many are right as of those
on which both agree."""


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
    * One sees no digits: the surer one is believed, on nothing as on something.
    * They see different digits, in a number cut out already: the number reader is believed.  Nobody has found the
      digits for the contours there, and they read borders and prints along.
    * They see different digits, on a page: the surer one is believed.

    Disagreement is a reason for review, unless the one who is believed is sure beyond doubt.
    """
    said = (contours.opinion, number.opinion)
    if _digits(contours) == _digits(number):
        confidence = max(opinion.confidence for opinion in said)
        return Answer(number.opinion.text, confidence, "", contours.digits, said)
    surer = max(number, contours, key=lambda claim: claim.opinion.confidence)
    both_see = bool(contours.digits and number.digits)
    believed = number if both_see and layout is Layout.NUMBER else surer
    review = "" if believed.opinion.confidence >= _BEYOND_DOUBT else DISAGREE
    return Answer(believed.opinion.text, believed.opinion.confidence, review, believed.digits, said)


def _digits(claim: Claim) -> str:
    return "".join(digit.text for digit in claim.digits)
