"""What of two texts counts when they are compared: their digits, and their separators where those are read."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Separators(Enum):
    """How the separators ``,`` ``.`` and ``-`` of two texts are compared."""

    IGNORED = "ignored"
    """Only digits are compared."""
    ALIKE = "alike"
    """A comma and a point are the same: which of them was written can often not be told."""
    EXACT = "exact"
    """Each counts as written."""


_SEPARATORS = ",.-"
_OTHER_PATTERN = re.compile(rf"[^0-9{re.escape(_SEPARATORS)}]")
_RAISED_POINT = "·"
"""A decimal point at half the height of the digits, which some write; readers call it ``.``."""


def comparable_text(text: str, separators: Separators) -> str:
    """The part of a text that counts.

    Args:
        text: as written or read.
        separators: how separators are compared.

    Returns:
        Digits, and ``,`` ``.`` ``-`` if they count.
    """
    kept = _OTHER_PATTERN.sub("", text.replace(_RAISED_POINT, "."))
    if separators is Separators.IGNORED:
        return "".join(character for character in kept if character not in _SEPARATORS)
    return kept.replace(",", ".") if separators is Separators.ALIKE else kept


def separators_of_readings(texts: Iterable[str]) -> Separators:
    """How to compare readings if nobody says: exactly if any of them has a separator, else by digits alone.

    A scan with ``--charset digits`` never reads one.
    """
    has_separator = any(character in text for text in texts for character in _SEPARATORS)
    return Separators.EXACT if has_separator else Separators.IGNORED
