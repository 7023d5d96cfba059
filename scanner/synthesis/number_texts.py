"""Random texts of number crops: amounts, measurements, dates, codes, and digits at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.synthesis.wording import choose, random_digits

if TYPE_CHECKING:
    import numpy as np

    Generator = np.random.Generator

MAX_TEXT_LENGTH = 24
"""Maximum number of characters of a number text."""
_NO_NUMBER_SHARE = 0.1
"""Share of crops without a number; a choice: a reader that never sees one reads a number into every scribble."""
_ROUND_AMOUNT_SHARE = 0.4
"""Share of amounts that end in zeros; a choice."""
_LONG_NUMBER_SHARE = 0.17
"""Share of digit strings with nine digits or more; a choice."""


def random_number_text(rng: Generator) -> str:
    """The text of a number crop; empty for one in ten.

    Most are strings of digits drawn uniformly, because a reader that knows which digits usually follow each other
    reads what is usual.

    Args:
        rng: the same state gives the same text.

    Returns:
        At most ``MAX_TEXT_LENGTH`` of the characters ``0-9 , . -``.
    """
    if rng.random() < _NO_NUMBER_SHARE:
        return ""
    kind = rng.random()
    if kind < 0.19:
        return random_amount(rng)
    if kind < 0.34:
        return random_measurement(rng)
    if kind < 0.46:
        return random_digits(rng, 1)
    if kind < 0.54:
        return random_numeric_date(rng)
    if kind < 0.63:
        return random_code(rng)
    return random_digits(rng, int(rng.integers(9, 14) if rng.random() < _LONG_NUMBER_SHARE else rng.integers(2, 9)))


def random_amount(rng: Generator) -> str:
    """An amount of money: two to seven digits, often round, some with thousands separators or cents."""
    length = int(rng.choice([2, 3, 4, 5, 6, 7], p=[0.05, 0.13, 0.3, 0.34, 0.13, 0.05]))
    digits = str(rng.integers(1, 10)) + random_digits(rng, length - 1)
    if rng.random() < _ROUND_AMOUNT_SHARE:
        zeros = int(rng.integers(1, length))
        digits = digits[: length - zeros] + "0" * zeros
    if rng.random() < 0.5:
        separator = "." if rng.random() < 0.7 else ","
        digits = f"{int(digits):,}".replace(",", separator)
    if rng.random() < 0.2:
        digits += ("," if "." in digits or rng.random() < 0.6 else ".") + random_digits(rng, 2)
    return digits


def random_measurement(rng: Generator) -> str:
    """A reading as in a logbook: one to three digits, some with decimals or thousands, some negative."""
    whole = str(rng.integers(0, int(rng.choice([10, 20, 100, 250, 1000]))))
    kind = rng.random()
    separator = "," if rng.random() < 0.5 else "."
    if kind < 0.25:
        text = whole
    elif kind < 0.7:
        text = whole + separator + random_digits(rng, 1 + int(rng.random() < 0.45))
    elif kind < 0.78:
        return separator + random_digits(rng, int(rng.integers(1, 4)))
    else:
        text = whole + separator + (random_digits(rng, 1) + "00" if rng.random() < 0.5 else random_digits(rng, 3))
    return "-" + text if rng.random() < 0.1 else text


def random_numeric_date(rng: Generator) -> str:
    """A year, or a date or time of day with points or hyphens."""
    day, month = int(rng.integers(1, 32)), int(rng.integers(1, 13))
    year, separator = int(rng.integers(1800, 2050)), choose(rng, (".", ".", "-"))
    forms = (
        f"{year}",
        f"{year}",
        f"{day:02d}{separator}{month:02d}",
        f"{day}{separator}{month}{separator}{year}",
        f"{day:02d}{separator}{month:02d}{separator}{year % 100:02d}",
        f"{day:02d}{month:02d}{year}",
        f"{rng.integers(24):02d}.{rng.integers(60):02d}",
        f"{rng.integers(24):02d}{rng.integers(60):02d}",
    )
    return choose(rng, forms)


def random_code(rng: Generator) -> str:
    """A number with leading zeros, one digit repeated, a run, or groups of digits parted by points or hyphens."""
    kind = rng.random()
    if kind < 0.35:
        return "0" * int(rng.integers(1, 5)) + random_digits(rng, int(rng.integers(1, 5)))
    if kind < 0.65:
        repeated = str(rng.integers(10)) * int(rng.integers(2, 6))
        return repeated + random_digits(rng, int(rng.integers(3))) if rng.random() < 0.5 else repeated
    if kind < 0.75:
        start = int(rng.integers(10))
        return "".join(str((start + step) % 10) for step in range(int(rng.integers(3, 10))))
    separator = choose(rng, (".", "-"))
    return separator.join(random_digits(rng, int(rng.integers(2, 5))) for _ in range(int(rng.integers(2, 5))))
