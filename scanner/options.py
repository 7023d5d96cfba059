"""How pages are to be read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Readers(Enum):
    """Who reads."""

    BOTH = "both"
    """Both, and :mod:`scanner.decision.reader_fusion` decides."""
    LINE = "number"
    """The line reader, which reads each number as a whole."""
    CONTOURS = "contours"
    """The digit classifier, which reads digit by digit, cut apart at the contours."""


class PageOrCrop(Enum):
    """What a picture shows."""

    AUTO = "auto"
    """One of the other two: see :mod:`scanner.layout.page_or_crop`."""
    PAGE = "page"
    """Numbers to be found among other things."""
    CROP = "number"
    """One number, cut out already: nothing is searched for, whatever is written is the number."""


class Charset(Enum):
    """What is read."""

    DIGITS = "digits"
    """Digits alone: points, commas and dashes are passed over."""
    DECIMAL = "decimal"
    """Digits and the separators ``,`` ``.`` ``-``."""


class NumberKind(Enum):
    """Which numbers are wanted."""

    HANDWRITTEN = "handwritten"
    PRINTED = "printed"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """How pages are to be read."""

    readers: Readers = Readers.BOTH
    page_or_crop: PageOrCrop = PageOrCrop.AUTO
    charset: Charset = Charset.DIGITS
    number_kind: NumberKind = NumberKind.HANDWRITTEN
    """Which numbers on a page are given back; a cut-out number is whatever it is."""
    deskew: bool = True
    """Whether a page askew is levelled; a cut-out number never is, nor turned, nor looked at for perspective."""
    correct_orientation: bool = True
    """Whether a page on its side or upside down is turned upright."""
    correct_perspective: bool = True
    """Whether a sheet seen at an angle, on something darker, is pulled straight and its surroundings passed over."""


DEFAULT_OPTIONS = ScanOptions()

CLASSIFIER_NAMES = ("cnn", "svm")
"""Names of the digit classifiers: a neural network, and a support vector machine to compare it with."""
DEFAULT_CLASSIFIER = CLASSIFIER_NAMES[0]
"""Name of the digit classifier that is used unless another one is asked for."""
