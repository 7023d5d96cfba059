"""What somebody may have meant by a name that there is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

if TYPE_CHECKING:
    from collections.abc import Iterable

_MIN_LIKENESS = 65
"""Smallest likeness of a name that is suggested, in percent: one letter of three may be missing or wrong."""
_MAX_LENGTH = 80
"""Most characters of a name for which others are looked through: longer ones are no slip of the pen."""


def closest(name: str, known: Iterable[str]) -> str | None:
    """Find the name that is most like a wrong one; None if none is like it."""
    if len(name) > _MAX_LENGTH:
        return None
    # A list, because of a mapping the values would be compared.
    found = process.extractOne(name, list(known), scorer=fuzz.ratio, score_cutoff=_MIN_LIKENESS)
    return str(found[0]) if found else None


def suggestion(name: str, known: Iterable[str]) -> str:
    """Suggest the name that is most like a wrong one, to end a sentence with: ``; did you mean "box"?``, or nothing."""
    found = closest(name, known)
    return f'; did you mean "{found}"?' if found else ""
