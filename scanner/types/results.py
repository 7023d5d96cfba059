"""Readings, numbers and results; none of them holds an image."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scanner.types.box import Box

SettingValue = str | int | float | bool
"""A value in the record of a stage."""

TICK_KIND, PICTURE_KIND = "tick", "picture"
"""Kinds of form fields that hold no number."""
NO_DIGIT_LABEL = 10
"""Label of the class "no digit"; the labels 0-9 are the digits."""
DIGIT_CLASS_COUNT = NO_DIGIT_LABEL + 1
"""Number of classes of a digit classifier: ten digits and "no digit"."""


@dataclass(frozen=True, slots=True)
class PageRef:
    """A file to read, before it is opened."""

    path: Path
    """File on disk."""
    file: str
    """Name in results: relative to the scanned folder, with ``/``."""
    refusal_reason: str = ""
    """Why it is not opened and what to do, a sentence whose subject is the file name; empty if it may be read."""


@dataclass(frozen=True, slots=True)
class DigitReading:
    """A digit classifier's reading of one glyph."""

    probabilities: tuple[float, ...]
    """Eleven probabilities that sum to 1: of the digits 0-9, then of "no digit"."""

    @property
    def digit(self) -> int:
        """The most probable digit, 0-9, even if "no digit" is more probable."""
        return max(range(NO_DIGIT_LABEL), key=self.probabilities.__getitem__)

    @property
    def confidence(self) -> float:
        """Probability of ``digit``, 0-1."""
        return self.probabilities[self.digit]

    @property
    def no_digit_probability(self) -> float:
        """Probability of "no digit", 0-1."""
        return self.probabilities[NO_DIGIT_LABEL]

    @property
    def is_digit(self) -> bool:
        """Whether "no digit" is less probable than the best digit."""
        return self.no_digit_probability < self.confidence


@dataclass(frozen=True, slots=True)
class Digit:
    """One digit of a number, on the original page."""

    text: str
    """``"0"`` to ``"9"``."""
    confidence: float
    """Probability that it is right, 0-1."""
    box: Box


@dataclass(frozen=True, slots=True)
class Opinion:
    """One reader's reading of a number."""

    reader: str
    """``"contours"``, ``"number"``, or in a crop of one number ``"text line"`` as well."""
    text: str
    """Empty if it found no number."""
    confidence: float
    """Probability that ``text`` is right, by the reader's own estimate, 0-1."""


@dataclass(frozen=True, slots=True)
class Number:
    """Digits that belong together, on the original page."""

    text: str
    """The number as written, with leading zeros; empty if it was found but could not be read."""
    confidence: float
    """Probability that the whole number is right, 0-1; 0 if it could not be read, because an empty text never is."""
    review_reason: str
    """Why a person should check it; empty if nobody needs to."""
    row: int
    """Row of its table, from 1; row of the page if it is in no table."""
    column: int
    """Column of its table, from 1; position in its row if it is in no table, or the table has only rows."""
    box: Box
    digits: tuple[Digit, ...]
    """From left to right; separators in ``text`` are not among them.  Empty if the number could not be read."""
    field: str = ""
    """Name of the form field; empty if there is none."""
    kind: str = ""
    """``handwritten`` or ``printed``; of a form field ``tick``, whose text is 1 or 0, or ``picture``, which is not
    read; empty if unknown, as in a crop of one number."""
    opinions: tuple[Opinion, ...] = ()
    """The reading of each reader that was asked; ``text`` is fused from them.  Of a number that could not be read, they
    are what the readers would have said."""
    table: int = 0
    """Number of its table on the page, from 1; 0 if it is in none.  In a table, ``row`` and ``column`` count its cells,
    empty ones included."""
    crossed_out: bool = False
    """Whether the writer crossed it out: it is on the page, but does not count."""
    is_empty: bool = False
    """Whether it is a form field with nothing in it, or with marks that mean nothing; its text is empty, and
    ``confidence`` is the probability of that."""
    suggested: str = ""
    """What would make all rules of its form hold, if no other change would; for a person to decide, and empty if
    nothing is known."""
    checked: str = ""
    """What a person says of it: ``confirmed``, ``corrected``, ``unreadable``, ``no number``, ``added`` or ``moved``;
    empty if nobody has looked."""
    read: str = ""
    """What was read before a person said what stands there; empty if nobody has looked, or nothing was read."""

    @property
    def is_unread(self) -> bool:
        """Whether it was found but could not be read: its text is empty, and a person has to look."""
        return not self.text and not self.is_empty and self.kind != PICTURE_KIND and not self.checked


@dataclass(frozen=True, slots=True)
class Step:
    """Record of one stage of the pipeline: what it measured, or was set to."""

    name: str
    settings: tuple[tuple[str, SettingValue], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect of a scan, for the person at the scanner."""

    name: str
    """``"small"``, ``"faint"``, ``"blurred"``, ``"cut_off"``, ``"skewed"``, ``"turned"`` or
    ``"orientation_unclear"``."""
    measured: str
    """What was measured, in words: ``"characters 9 pixels high, like print at about 90 dpi"``."""
    advice: str
    """What to do about it: ``"rescan at 200 dpi or more"``."""


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule of a form that does not hold on a page."""

    rule: str
    """The rule as in the form file: ``total == q1 + q2``, or ``account: luhn``."""
    fields: tuple[str, ...]
    """Names of the fields that it is about."""
    measured: str
    """What does not hold, in words: ``310 is not 302``."""


@dataclass(frozen=True, slots=True)
class PageResult:
    """Everything read on one page, or why it could not be read."""

    file: str
    page_number: int
    """Page number within the file, from 1; 0 when the file could not be opened at all."""
    width: int
    """Width of the original page, pixels; 0 if it could not be read."""
    height: int
    """Height of the original page, pixels; 0 if it could not be read."""
    numbers: tuple[Number, ...] = ()
    """In reading order."""
    steps: tuple[Step, ...] = ()
    """Stages in the order they ran."""
    error: str = ""
    """One line for the user; empty if the page was read."""
    scan_quality: tuple[Finding, ...] = ()
    """Defects of the scan; the page was read all the same."""
    form: str = ""
    """Name of the form that the page is; empty if it was read without one."""
    broken_rules: tuple[BrokenRule, ...] = ()
    """Rules of the form that do not hold."""
