"""Which number is written in a field: the form says what may be, so that less is left open than on any page."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from scanner.forms.form import FieldKind
from scanner.number_values import decimal_count, is_ambiguous, number_value

if TYPE_CHECKING:
    from scanner.forms.form import FieldContent

TICKED, NOT_TICKED = "1", "0"
"""Texts of a tick."""
_DIGITS = re.compile(r"-?[0-9]+")


def field_value(text: str, content: FieldContent) -> Decimal | None:
    """Return the number that a text is in a field; None if it is none there.

    * Zeros in front do not matter: ``007`` is 7.
    * In a comb or a number a separator is one of thousands, since there are no decimals: ``1.234`` is 1234.
    * In a decimal it may be either.  If one of the two numbers is within the limits and the other is not, it is that.

    Args:
        text: what is written, or 1 or 0 for a tick.
        content: what may be written in the field.
    """
    if content.kind is FieldKind.TICK:
        return Decimal(text) if text in {TICKED, NOT_TICKED} else None
    if not content.kind.is_numeric:
        return None
    if _DIGITS.fullmatch(text):
        return Decimal(text)
    if is_ambiguous(text):
        return _of_ambiguous(text, content)
    value = number_value(text)
    return None if value is None or (content.kind.is_whole and decimal_count(value)) else value


def is_within_limits(value: Decimal, content: FieldContent) -> bool:
    """Whether a number is neither below the smallest nor above the largest that a field may have."""
    return (content.minimum is None or value >= content.minimum) and (
        content.maximum is None or value <= content.maximum
    )


def _of_ambiguous(text: str, content: FieldContent) -> Decimal | None:
    whole = Decimal(re.sub("[.,]", "", text))
    if content.kind.is_whole:
        return whole
    inside = [value for value in (whole, Decimal(text.replace(",", "."))) if is_within_limits(value, content)]
    return inside[0] if len(inside) == 1 else None
