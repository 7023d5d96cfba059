"""Texts of the cells of a column: what is alike in a column is drawn once, the rest cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.synthesis import wording

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    Generator = np.random.Generator
    TextOfRow = Callable[[Generator, int], str]
    """The text of a row, from 0."""


def small_numbers(rng: Generator) -> TextOfRow:
    """Marks, scores, counts: one or two digits."""
    low = int(rng.choice([0, 0, 0, 1, 10, 20]))
    high = low + int(rng.choice([3, 6, 10, 21, 60, 80]))
    half_share = float(rng.choice([0.0, 0.0, 0.15]))
    half = wording.choose(rng, (".5", ".5", ",5", "½", "·5"))
    return lambda rng, _: str(int(rng.integers(low, high))) + (half if rng.random() < half_share else "")


def rising_numbers(rng: Generator) -> TextOfRow:
    """Numbers that rise or fall from row to row, as meter readings, days and ranks."""
    digits = int(rng.integers(1, 6))
    start, step = int(rng.integers(10 ** (digits - 1), 10**digits)), int(rng.choice([1, 1, 1, 2, 5, 10]))
    spread = int(rng.choice([0, 0, 1, 3])) * step
    step = -step if start > 60 * step and rng.random() < 0.15 else step
    return lambda rng, row: str(abs(start + step * row + (int(rng.integers(0, spread + 1)) if spread else 0)))


def whole_numbers(rng: Generator) -> TextOfRow:
    """Numbers of three to six digits of one magnitude, in some columns round ones."""
    digits = int(rng.choice([3, 3, 4, 4, 5, 6]))
    unit = int(rng.choice([1, 1, 1, 5, 10, 50, 100]))
    fixed = rng.random() < 0.6
    low = 10 ** (digits - 1) if fixed else 1

    def text(rng: Generator, _: int) -> str:
        number = int(rng.integers(low, 10**digits)) if fixed else int(10 ** rng.uniform(0.5, digits))
        return str(max(number // unit * unit, unit))

    return text


def decimal_numbers(rng: Generator) -> TextOfRow:
    """Measurements and amounts: with a point, a comma or a raised point; some without a zero before the point."""
    middle, decimals = float(rng.choice([0.5, 0.6, 4, 8, 30, 40, 100, 250])), int(rng.choice([1, 1, 2, 2, 3]))
    spread = middle * float(rng.choice([0.03, 0.3, 0.6]))
    separator = wording.choose(rng, (".", ".", ",", ",", "·", "·"))
    bare_share = float(rng.choice([0.0, 1.0]))

    def text(rng: Generator, _: int) -> str:
        written = f"{abs(rng.normal(middle, spread)):.{decimals}f}"
        if written.startswith("0.") and separator != "," and rng.random() < bare_share:
            written = written[1:]
        return written.replace(".", separator)

    return text


def signed_numbers(rng: Generator) -> TextOfRow:
    """Small numbers with minus signs, and plus signs in some columns."""
    reach, decimals = int(rng.choice([4, 10, 30])), int(rng.choice([0, 0, 1]))
    plus = "+" if rng.random() < 0.4 else ""
    separator = wording.choose(rng, (".", ",", "·"))

    def text(rng: Generator, _: int) -> str:
        value = float(rng.uniform(-reach, reach))
        written = f"{abs(value):.{decimals}f}".replace(".", separator)
        return ("-" if value < 0 else plus) + written

    return text


def money_amounts(rng: Generator) -> TextOfRow:
    """Amounts of money: with cents, with thousands separated, or with a dash for no cents."""
    magnitude = float(rng.uniform(0.8, 3.6))
    form = int(rng.integers(4))
    separator = wording.choose(rng, (".", ","))

    def text(rng: Generator, _: int) -> str:
        value = 10 ** float(rng.uniform(0.3, magnitude))
        if form == 0:
            return f"{value:.2f}".replace(".", separator)
        if form == 1:
            return f"{int(value * 10):,}".replace(",", separator)
        if form == 2:
            return f"{int(value)}{separator}" + (wording.choose(rng, ("50", "00", "25", "75")))
        return f"{int(value)}.-" if rng.random() < 0.8 else f"{int(value)}.50"

    return text


def identity_numbers(rng: Generator) -> TextOfRow:
    """Numbers of things: a fixed count of digits, sometimes with the same beginning."""
    digits = int(rng.integers(4, 10))
    start = wording.random_digits(rng, int(rng.integers(0, 4)))
    return lambda rng, _: start + wording.random_digits(rng, max(digits - len(start), 1))


def written_dates(rng: Generator) -> TextOfRow:
    """Dates, rising by the row: day and month, with or without the year."""
    separator = wording.choose(rng, ("/", ".", "-", "/"))
    month, day, step = int(rng.integers(1, 13)), int(rng.integers(1, 20)), int(rng.choice([0, 1, 1, 2, 7]))
    year = int(rng.choice([1887, 1923, 1968, 1994, 2009, 2016, 2023]))
    form = int(rng.integers(4))
    padded = rng.random() < 0.4

    def text(_: Generator, row: int) -> str:
        days = day - 1 + step * row
        parts = [days % 28 + 1, (month - 1 + days // 28) % 12 + 1]
        shown = [f"{part:02d}" if padded else str(part) for part in parts]
        shown = shown[::-1] if form == 3 else shown
        tail = {0: [], 1: [f"{year % 100:02d}"], 2: [str(year)], 3: []}[form]
        return separator.join([*shown, *tail])

    return text


def written_times(rng: Generator) -> TextOfRow:
    """Times of day: with a colon, a point, or as four digits."""
    separator = wording.choose(rng, (":", ":", ".", "·", ""))
    start, step = int(rng.integers(0, 20)), int(rng.choice([0, 15, 20, 30, 60, 60]))
    rounding = int(rng.choice([1, 5, 15]))

    def text(rng: Generator, row: int) -> str:
        minutes = start * 60 + step * row + int(rng.integers(0, 60)) // rounding * rounding
        hour = minutes // 60 % 24
        return f"{hour:02d}{minutes % 60:02d}" if not separator else f"{hour}{separator}{minutes % 60:02d}"

    return text


def constant_numbers(rng: Generator) -> TextOfRow:
    """Nearly always the same number, as a year or a price."""
    usual = wording.random_written_number(rng)[:5].rstrip(".,")
    return lambda rng, _: usual if rng.random() < 0.85 else wording.random_written_number(rng)[:5].rstrip(".,")


NUMBER_COLUMNS: tuple[tuple[Callable[[Generator], TextOfRow], float, float], ...] = (
    (small_numbers, 4.0, 2.0),
    (rising_numbers, 1.0, 3.2),
    (whole_numbers, 2.5, 4.2),
    (decimal_numbers, 3.0, 4.2),
    (signed_numbers, 0.8, 3.2),
    (money_amounts, 1.0, 5.0),
    (identity_numbers, 0.6, 6.5),
    (written_dates, 1.0, 5.2),
    (written_times, 0.8, 4.2),
    (constant_numbers, 0.4, 3.5),
)
"""Kinds of number columns: what makes the texts, how common it is, and the usual count of characters."""


def letter_grades(rng: Generator) -> TextOfRow:
    """Grades and other single letters: A, B+, C-, P and A for attendance, M and F, Y and N."""
    options = (
        ("A", "B", "C", "D", "A+", "B+", "A-", "B-", "C+", "D-", "E", "F"),
        ("P", "P", "P", "A", "L"),
        ("M", "F"),
        ("Y", "N", "Y"),
        ("N", "S", "E", "W", "NE", "SW", "NW"),
        ("I", "II", "III", "IV", "V"),
    )
    chosen = options[int(rng.choice(len(options), p=[0.4, 0.15, 0.15, 0.1, 0.1, 0.1]))]
    return lambda rng, _: wording.choose(rng, chosen)


def initials(rng: Generator) -> TextOfRow:
    """Initials, of few people."""
    people = [wording.random_letters(rng, int(rng.integers(2, 4))).upper() for _ in range(int(rng.integers(1, 5)))]
    return lambda rng, _: wording.choose(rng, people)


def names(rng: Generator) -> TextOfRow:
    """Names of one or two words; in some columns in capitals, in some of few people, as who took a reading."""
    capitals, two = rng.random() < 0.3, rng.random() < 0.6
    people = [wording.random_name(rng) for _ in range(int(rng.integers(1, 4)))] if rng.random() < 0.3 else []

    def text(rng: Generator, _: int) -> str:
        written = wording.random_name(rng) + (f" {wording.random_name(rng)}" if two else "")
        written = wording.choose(rng, people) if people else written
        return written.upper() if capitals else written

    return text


def remarks(rng: Generator) -> TextOfRow:
    """A few words."""
    most = int(rng.integers(2, 6))
    return lambda rng, _: " ".join(wording.random_word(rng) for _ in range(int(rng.integers(1, most))))
