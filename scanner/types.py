"""The values that flow through the pipeline.

All are frozen.  A box is ``(x, y, width, height)`` in pixels with the origin at
the top left; unless a name says otherwise its pixels are those of the original
page.  Images are NumPy arrays: ``uint8``, rows first, colour in BGR order.

Page -> Ink -> Glyph -> Reading -> Number -> PageResult
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

SettingValue = str | int | float | bool

NO_DIGIT_LABEL = 10
"""The label of what is no digit; the labels 0-9 are the digits."""
DIGIT_CLASS_COUNT = NO_DIGIT_LABEL + 1
"""Number of classes of a digit classifier: ten digits and "no digit"."""


class _BoxFields(NamedTuple):
    x: int
    y: int
    width: int
    height: int


class Box(_BoxFields):
    """A rectangle of whole pixels: the left and top edge lie inside it, ``right`` and ``bottom`` do not.

    Raises:
        ValueError: if width or height is less than 1.
    """

    __slots__ = ()

    def __new__(cls, x: int, y: int, width: int, height: int) -> Box:
        """Check the size."""
        if width < 1 or height < 1:
            raise ValueError(f"a box is at least 1 x 1 pixels, not {width} x {height}")
        return super().__new__(cls, x, y, width, height)

    @property
    def right(self) -> int:
        """First column to the right of the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row below the box."""
        return self.y + self.height

    @property
    def center(self) -> tuple[float, float]:
        """Centre as (x, y)."""
        return self.x + self.width / 2, self.y + self.height / 2

    @classmethod
    def around(cls, boxes: Iterable[Box]) -> Box:
        """Smallest box that holds all of ``boxes``.

        Raises:
            ValueError: if there are none.
        """
        boxes = list(boxes)
        if not boxes:
            raise ValueError("no boxes to put a box around")
        x = min(b.x for b in boxes)
        y = min(b.y for b in boxes)
        return cls(x, y, max(b.right for b in boxes) - x, max(b.bottom for b in boxes) - y)


@dataclass(frozen=True, slots=True)
class PageRef:
    """Where a page is, before it is read."""

    path: Path
    """File on disk."""
    file: str
    """Name in results: relative to the scanned folder, with ``/``."""
    refusal_reason: str = ""
    """Why it is not to be opened and what to do, as a sentence that the name begins; empty if it may be read."""


@dataclass(frozen=True, slots=True, eq=False)
class PageImage:
    """A decoded page."""

    file: str
    """Name in results: relative to the scanned folder, with ``/``."""
    page_number: int
    """Page number within the file, from 1."""
    image: Image
    """Shape (height, width, 3), BGR, upright as a viewer shows it (EXIF applied)."""


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """What the pen and the printer left, with the paper taken away."""

    strength: Image
    """Shape (height, width): 0 = paper, 255 = full ink, grey at the edges of strokes."""
    mask: Image
    """Shape (height, width): 255 where there is ink, else 0."""
    stroke_width: float
    """Typical width of a stroke, pixels; 0 when there is no ink."""


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """One connected piece of ink that may be a digit."""

    box: Box
    """In pixels of the straightened page."""
    strength: Image
    """Shape (box.height, box.width): the ink of this glyph alone, neighbours removed; 0 = paper."""


@dataclass(frozen=True, slots=True)
class DigitReading:
    """What a classifier says of one glyph."""

    probabilities: tuple[float, ...]
    """Eleven probabilities that sum to 1: of the digits 0-9, then of "no digit"."""

    @property
    def digit(self) -> int:
        """The most probable digit, 0-9, whatever the probability that it is none."""
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
    """What one reader says a number is."""

    reader: str
    """``"contours"`` or ``"number"``."""
    text: str
    """Empty if it sees no number."""
    confidence: float
    """Probability that it says of its own text, 0-1."""


@dataclass(frozen=True, slots=True)
class Number:
    """Digits that belong together, on the original page."""

    text: str
    """As written: leading zeros survive."""
    confidence: float
    """Probability that the whole number is right, 0-1."""
    review_reason: str
    """Why a person should look at it; empty if there is no reason."""
    row: int
    """Row of its table, from 1; row on the page where it stands in none."""
    column: int
    """Column of its table, from 1; place in its row where it stands in none, or where the table has only rows."""
    box: Box
    digits: tuple[Digit, ...]
    """Left to right; the separators in ``text`` have none."""
    field: str = ""
    """Name of the form field; empty where there is no form."""
    kind: str = ""
    """``handwritten`` or ``printed``; empty where nothing told them apart, as in a picture of one number."""
    opinions: tuple[Opinion, ...] = ()
    """What each reader said that was asked; ``text`` is what was made of it."""
    table: int = 0
    """Table on the page, from 1; 0 where it stands in none.  ``row`` and ``column`` are the table's then, those a
    person would name: an empty cell, or a stray mark beside the table, shifts no number."""
    comb_cells: tuple[int, ...] = ()
    """In a comb field, the cell of each digit, from 1: one left out is empty.  Else empty."""
    crossed_out: bool = False
    """Whether who wrote it struck it through: it is written there, but does not count."""


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the pipeline and what it measured or was told, for the record."""

    name: str
    settings: tuple[tuple[str, SettingValue], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a scan, for the person at the scanner."""

    name: str
    """``"small"``, ``"faint"``, ``"blurred"``, ``"cut_off"``, ``"skewed"``, ``"sideways"`` or ``"upside_down"``."""
    measured: str
    """What was measured, in a person's words: ``"characters 9 pixels high, as print has at about 90 dpi"``."""
    advice: str
    """What to do about it: ``"rescan at 200 dpi or more"``."""


@dataclass(frozen=True, slots=True)
class PageResult:
    """All that was read on one page, or why it could not be."""

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
    """In the order they ran."""
    error: str = ""
    """One line for the user; empty if the page was read."""
    scan_quality: tuple[Finding, ...] = ()
    """What is wrong with the scan, the page read all the same; empty for a good one."""
