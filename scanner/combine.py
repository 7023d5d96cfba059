"""What two readers say of one place -> one answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.types import Opinion

if TYPE_CHECKING:
    from scanner.types import Digit

DISAGREE = "readers disagree"


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


def combine(contours: Claim, number: Claim) -> Answer:
    """The answer to two claims.

    """
    said = (contours.opinion, number.opinion)
    if not number.digits:
        return Answer(contours.opinion.text, contours.opinion.confidence, DISAGREE, contours.digits, said)
    agree = [d.text for d in contours.digits] == [d.text for d in number.digits]
    if agree:
        confidence = max(opinion.confidence for opinion in said)
        return Answer(number.opinion.text, confidence, "", contours.digits, said)
    return Answer(number.opinion.text, number.opinion.confidence, DISAGREE, number.digits, said)
