"""What people write where a number belongs: amounts, measurements, numbers of any kind, nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

MAX_TEXT_LENGTH = 24
"""Characters of a text at most."""

_ROUND_AMOUNT_SHARE = 0.45
"""Share of amounts that end in zeros."""


def random_number_text(rng: np.random.Generator, real_texts: Sequence[str]) -> str:
    """A number as it might stand in a field; empty now and then.

    Args:
        rng: the same generator state gives the same text.
        real_texts: texts from real fields, some of which are drawn as they are; may be empty.

    Returns:
        At most LONGEST of the characters ``0-9 , . -``.
    """
    kind = rng.random()
    if kind < 0.30:
        return random_amount(rng)
    if kind < 0.50:
        return random_measurement(rng)
    if kind < 0.65 and real_texts:
        return real_texts[int(rng.integers(len(real_texts)))][:MAX_TEXT_LENGTH]
    if kind < 0.70:
        return _random_digits(rng, 1)
    if kind < 0.96:
        return _random_digits(rng, int(rng.integers(2, 9)) if rng.random() < 0.85 else int(rng.integers(9, 21)))
    return ""


def random_amount(rng: np.random.Generator) -> str:
    """Money: two to seven digits, often round, with or without thousands' points, cents now and then."""
    length = int(rng.choice([2, 3, 4, 5, 6, 7], p=[0.05, 0.13, 0.3, 0.34, 0.13, 0.05]))
    digits = str(rng.integers(1, 10)) + _random_digits(rng, length - 1)
    if rng.random() < _ROUND_AMOUNT_SHARE:
        zeros = int(rng.integers(1, length))
        digits = digits[: length - zeros] + "0" * zeros
    if rng.random() < 0.5:
        point = "." if rng.random() < 0.7 else ","
        digits = f"{int(digits):,}".replace(",", point)
    if rng.random() < 0.12:
        digits += ("," if "." in digits or rng.random() < 0.6 else ".") + _random_digits(rng, 2)
    return digits


def random_measurement(rng: np.random.Generator) -> str:
    """A value as in a logbook: one to three digits, a decimal or two or a group of hundreds, rarely a minus."""
    whole = str(rng.integers(0, int(rng.choice([10, 20, 100, 250]))))
    kind = rng.random()
    separator = "," if rng.random() < 0.55 else "."
    if kind < 0.35:
        text = whole
    elif kind < 0.7:
        text = whole + separator + _random_digits(rng, 1 + int(rng.random() < 0.35))
    else:
        text = whole + separator + str(rng.integers(0, 10)) + ("00" if rng.random() < 0.8 else _random_digits(rng, 2))
    return "-" + text if rng.random() < 0.04 else text


def _random_digits(rng: np.random.Generator, count: int) -> str:
    return "".join(map(str, rng.integers(0, 10, count)))
