"""What was read in the fields of a page, and what may be written there instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.forms.check_digits import CheckDigit, has_valid_check_digits
from scanner.forms.field_values import NOT_TICKED, TICKED, field_value, is_within_limits
from scanner.forms.form import FieldKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from scanner.forms.form import FieldContent

WRITER_ERROR = 0.02
"""Probability that what is written breaks a rule of the form: writers add up wrongly, too.  A choice."""
WRITER_ERROR_ODDS = WRITER_ERROR / (1 - WRITER_ERROR)
"""How much less probable it is that a rule is broken on paper than that it is kept."""
SUBSTITUTED_SHARE = 2 / 3
"""Share of misread numbers in which a single digit is taken for another, of those that no reader names: 53 of 80 among
2,117 amounts of cheques and cells of logbooks.  Most others have lost a digit."""
_EMPTY_COUNT = 100
"""How many numbers a field may have that was taken for empty: those of two digits.  A choice."""
_VALID_SHARES = {CheckDigit.LUHN: 1 / 10, CheckDigit.MOD11: 1 / 11, CheckDigit.MOD97: 1 / 97}
"""Share of all numbers whose check digits are right."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading of a field."""

    text: str
    probability: float
    """Probability that this is what is written, 0-1."""


@dataclass(frozen=True, slots=True)
class FieldReading:
    """What was read in a field."""

    name: str
    text: str
    """As written, 1 or 0 for a tick; empty if the field is, or could not be read, or is not read at all."""
    confidence: float
    """Probability that the text is right, or that the field is empty, 0-1."""
    is_empty: bool = False
    alternatives: tuple[Alternative, ...] = ()
    """What the readers read else, the most probable first."""


@dataclass(frozen=True, slots=True)
class Possibilities:
    """What may be written in a field.  The weights are in proportion to probabilities."""

    right: float
    """Weight of the text as read."""
    others: tuple[tuple[Decimal, float], ...]
    """Other numbers and their weights."""
    elsewhere: float = 0.0
    """Weight of all other numbers together."""
    elsewhere_count: float = 1.0
    """How many of them are as probable as each other."""

    @property
    def confidence(self) -> float:
        """Probability that the text as read is right, 0-1."""
        total = self.right + sum(weight for _, weight in self.others) + self.elsewhere
        return self.right / total if total > 0 else 0.0


def possibilities(reading: FieldReading, content: FieldContent, schemes: Sequence[CheckDigit] = ()) -> Possibilities:
    """Spread the probability that a reading is wrong over what may be written instead.

    Readers' alternatives have the probabilities that they give.  Of what is left, ``SUBSTITUTED_SHARE`` goes to the
    numbers that differ in one digit, and the rest to all that have as many.  A number beyond the limits of the field,
    or with other check digits than follow from it, is as improbable as it is that a writer breaks the rule.

    Args:
        reading: what was read; it is empty, or its text is a number that may stand in the field.
        content: what may be written in the field.
        schemes: check digits that the field is to have.
    """
    wrong = max(0.0, 1 - reading.confidence)
    offered = dict(_offered(reading, content))
    excess = sum(offered.values())
    scale = min(1.0, wrong / excess) if excess > 0 else 0.0
    rest = wrong - scale * excess
    digit_count = sum(map(str.isdigit, reading.text))
    others = [(text, scale * probability) for text, probability in offered.items()]
    if digit_count and content.kind is not FieldKind.TICK:
        substituted = [text for text in _substitutions(reading.text) if text not in offered]
        others += [(text, SUBSTITUTED_SHARE * rest / len(substituted)) for text in substituted]
        rest *= 1 - SUBSTITUTED_SHARE
    valid_share = 1.0
    for scheme in schemes:
        valid_share *= _VALID_SHARES[scheme]
    weighted = (
        (value, weight * _odds(text, value, content, schemes))
        for text, weight in others
        if (value := field_value(text, content)) is not None
    )
    own_value = field_value(reading.text, content)
    return Possibilities(
        right=reading.confidence * (1.0 if own_value is None else _odds(reading.text, own_value, content, schemes)),
        others=tuple(weighted),
        elsewhere=rest * valid_share,
        elsewhere_count=9 * 10.0 ** (digit_count - 1) if digit_count else _EMPTY_COUNT,
    )


def _offered(reading: FieldReading, content: FieldContent) -> Iterator[tuple[str, float]]:
    if content.kind is FieldKind.TICK:
        yield (NOT_TICKED if reading.text == TICKED else TICKED), 1 - reading.confidence
        return
    for alternative in reading.alternatives:
        if alternative.text != reading.text and field_value(alternative.text, content) is not None:
            yield alternative.text, max(0.0, alternative.probability)


def _substitutions(text: str) -> Iterator[str]:
    """Every text that differs in one digit."""
    for place, character in enumerate(text):
        if character.isdigit():
            for digit in "0123456789":
                if digit != character:
                    yield text[:place] + digit + text[place + 1 :]


def _odds(text: str, value: Decimal, content: FieldContent, schemes: Sequence[CheckDigit]) -> float:
    """How probable a number is by the rules of its field alone, relative to one that keeps them."""
    odds = 1.0 if is_within_limits(value, content) else WRITER_ERROR_ODDS
    for scheme in schemes:
        if not has_valid_check_digits(text, scheme):
            # One wrong number in so many is written.
            odds *= WRITER_ERROR_ODDS * _VALID_SHARES[scheme]
    return odds
