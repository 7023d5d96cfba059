"""Which number a text is, whichever of the two signs the writer put before the decimals.

Half of the world writes 1,234.5 and the other half 1.234,5.  A text is a number only if it is the same in both halves.
"""

from __future__ import annotations

import re
from decimal import Decimal

MAX_EXACT_DIGITS = 15
"""Most digits of a number that spreadsheets, and floating point numbers of 64 bits, keep exactly."""
_GROUP_DIGITS = 3
"""Digits between two separators of thousands, and behind the last."""
_SIGNED_DIGITS = re.compile(r"(-?)([0-9]+(?:[.,][0-9]+)*)")
_SEPARATORS = re.compile("[.,]")


def number_value(text: str) -> Decimal | None:
    """Return the number that a text is, with its decimals; None if it is none, or is not to be taken for one.

    * One separator is that of decimals: ``36,5`` and ``36.5``, ``0,125``, ``1234,567``.
    * Several alike, with three digits behind each, part thousands: ``1.234.567``.
    * After those of thousands, another one is that of decimals: ``1.234,50`` and ``1,234.50``.
    * ``1.234`` may be either, and is no number: :func:`is_ambiguous`.
    * Nor are codes, which begin with a zero (``007``), numbers of more than 15 digits, which would lose the last, and
      anything else: dates (``7.5.2026``), ``1-2``, ``12.-``, ``,5``.
    """
    found = _SIGNED_DIGITS.fullmatch(text)
    if found is None or is_ambiguous(text):
        return None
    sign, body = found.groups()
    parts, signs = _SEPARATORS.split(body), _SEPARATORS.findall(body)
    is_split = len(signs) == 1 or len(set(signs)) > 1
    whole, decimals = (parts[:-1], parts[-1]) if is_split else (parts, "")
    if len(whole) > 1 and not _is_grouped(whole, signs):
        return None
    digits = "".join(whole)
    if digits.startswith("0") and (len(digits) > 1 or (sign and not decimals)):
        return None
    if len(digits + decimals) > MAX_EXACT_DIGITS:
        return None
    return Decimal(f"{sign}{digits}.{decimals}" if decimals else f"{sign}{digits}")


def is_ambiguous(text: str) -> bool:
    """Whether the separator of a text may be that of thousands or that of decimals: ``1.234``, ``12,345``."""
    return re.fullmatch(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}", text) is not None


def decimal_count(value: Decimal) -> int:
    """Count the decimals that a number was written with."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _is_grouped(whole: list[str], signs: list[str]) -> bool:
    """Whether the parts of a whole number are thousands, parted by one sign."""
    return (
        len(set(signs[: len(whole) - 1])) == 1
        and 1 <= len(whole[0]) <= _GROUP_DIGITS
        and all(len(part) == _GROUP_DIGITS for part in whole[1:])
    )
