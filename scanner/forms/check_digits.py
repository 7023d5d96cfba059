"""Check digits: whether a number has one digit misread, because its last digits no longer fit the others."""

from __future__ import annotations

from enum import Enum

MOD11_MAX_DIGITS = 10
"""Most digits of a number with :attr:`CheckDigit.MOD11`: an eleventh would have the weight 11, and so count nothing."""


class CheckDigit(Enum):
    """How the check digits of a number follow from its other digits.  They are its last ones."""

    LUHN = "luhn"
    """One digit; every second digit is doubled, as on payment cards (ISO/IEC 7812-1, annex B)."""
    MOD11 = "mod11"
    """One digit; weights 1, 2, 3, ... from the last digit on, as in ISBN-10 (ISO 2108:1992) and ISSN (ISO 3297).

    Where the standards print X, for ten, no number of digits alone is valid.
    """
    MOD97 = "mod97"
    """Two digits; the remainder by 97 is 1 (ISO/IEC 7064, MOD 97-10), as in an IBAN of digits alone."""

    @property
    def min_digits(self) -> int:
        """Fewest digits of a number: its check digits and one more."""
        return 3 if self is CheckDigit.MOD97 else 2

    @property
    def max_digits(self) -> int | None:
        """Most digits of a number; None if there is no limit."""
        return MOD11_MAX_DIGITS if self is CheckDigit.MOD11 else None


def has_valid_check_digits(number: str, scheme: CheckDigit) -> bool:
    """Whether the last digits of a number are the ones that follow from the others.

    Args:
        number: the digits 0-9, leading zeros included.
        scheme: how check digits are calculated.

    Returns:
        False as well for a text that has anything but digits, or too few or too many of them.
    """
    # isdigit alone also accepts superscripts and the digits of other scripts.
    if not (number.isascii() and number.isdigit()) or len(number) < scheme.min_digits:
        return False
    if scheme.max_digits is not None and len(number) > scheme.max_digits:
        return False
    digits = [int(digit) for digit in number]
    match scheme:
        case CheckDigit.LUHN:
            return _luhn_sum(digits) % 10 == 0
        case CheckDigit.MOD11:
            return sum(weight * digit for weight, digit in enumerate(reversed(digits), start=1)) % 11 == 0
        case CheckDigit.MOD97:
            return _remainder(digits, 97) == 1


def _luhn_sum(digits: list[int]) -> int:
    """Sum in which every second digit, from the one before the last, counts double, by the digits of its double."""
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return sum(digits[-1::-2]) + sum(doubled)


def _remainder(digits: list[int], divisor: int) -> int:
    # Digit by digit: Python refuses to convert very long texts to numbers.
    remainder = 0
    for digit in digits:
        remainder = (10 * remainder + digit) % divisor
    return remainder
