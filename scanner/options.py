"""Options that say how pages are read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Readers(Enum):
    """Which readers are used."""

    BOTH = "both"
    """Both readers; :mod:`scanner.decision.reader_fusion` decides between them."""
    LINE = "number"
    """The line reader, which reads a number as a whole."""
    CONTOURS = "contours"
    """The digit classifier, which reads the digits one by one, cut apart at their contours."""


class Finder(Enum):
    """What finds the handwritten numbers of a page."""

    NETWORK = "network"
    """The page network, which sees the page as a whole."""
    CONTOURS = "contours"
    """The contours of their digits, chained to text lines."""


class PageOrCrop(Enum):
    """What an image shows."""

    AUTO = "auto"
    """One of the others, as detected by :mod:`scanner.layout.page_or_crop` and :mod:`scanner.layout.digit_matrix`."""
    PAGE = "page"
    """A page whose numbers have to be found."""
    CROP = "number"
    """The crop of one number: everything written on it is the number."""
    DIGIT_SHEET = "digits"
    """A page on which every digit is a number of its own; detected only if the digits are a matrix."""


class Charset(Enum):
    """Which characters are read."""

    DIGITS = "digits"
    """Digits only; points, commas and dashes are ignored."""
    DECIMAL = "decimal"
    """Digits and the separators ``,`` ``.`` ``-``."""


class NumberKind(Enum):
    """Which numbers of a page are read."""

    HANDWRITTEN = "handwritten"
    PRINTED = "printed"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """How pages are read."""

    readers: Readers = Readers.BOTH
    finder: Finder = Finder.NETWORK
    """What finds the numbers of a page.  Digits of a sheet, and printed numbers, are found by their contours anyway."""
    page_or_crop: PageOrCrop = PageOrCrop.AUTO
    charset: Charset = Charset.DECIMAL
    """Without its separator, 36,5 would be 365.  To read them costs two of 167 numbers on pages without any."""
    number_kind: NumberKind = NumberKind.HANDWRITTEN
    """Which numbers of a page are read; a crop is read in any case."""
    deskew: bool = True
    """Whether the skew of a page is corrected.  Crops are never rectified."""
    correct_orientation: bool = True
    """Whether a page that lies on its side or upside down is turned upright."""
    correct_perspective: bool = True
    """Whether a sheet photographed on a darker background is straightened, and the background ignored."""


DEFAULT_OPTIONS = ScanOptions()

CLASSIFIER_NAMES = ("cnn", "svm")
"""Names of the digit classifiers: a convolutional network, and a support vector machine to compare it with."""
DEFAULT_CLASSIFIER = CLASSIFIER_NAMES[0]
"""Name of the digit classifier that is used by default."""
