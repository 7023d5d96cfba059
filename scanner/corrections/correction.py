"""One word of a person about one place on a page, as it stands on a line of a corrections file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import uuid4

import msgspec

from scanner.types import Box

MAX_TEXT_LENGTH = 200
"""Most characters of a text that somebody types: no number is as long."""
MAX_NAME_LENGTH = 100
"""Most characters of the name of a person."""
_MIN_OVERLAP = 0.5
"""Least intersection over union of two boxes that are of one place: two readings of one number differ by less, two
numbers share next to nothing."""


class Verdict(StrEnum):
    """What a person says of a place."""

    CONFIRMED = "confirmed"
    """What was read is what stands there."""
    CORRECTED = "corrected"
    """Something else stands there."""
    UNREADABLE = "unreadable"
    """A number stands there that nobody can read."""
    NO_NUMBER = "no number"
    """No number stands there, or none that counts; a field of a form is empty."""
    ADDED = "added"
    """A number stands there that was not found."""
    MOVED = "moved"
    """The number is elsewhere: the box in which it was read is wrong."""
    SKIPPED = "skipped"
    """Somebody has looked, and not decided."""
    UNDONE = "undone"
    """An earlier word is taken back: the one that ``undoes`` names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person says of one place."""

    id: str
    """Told from all others by this."""
    at: str
    """When: ISO 8601 in UTC, such as ``2026-05-07T09:30:00Z``."""
    by: str
    """Name of the person."""
    file: str
    """Name of the file in results."""
    sha256: str
    """Of the file, in hexadecimal: another file of that name is not meant.  Empty if it is not known."""
    page: int
    """Page number within the file, from 1."""
    box: Box
    """Where the number was read, or is to be added, in pixels of the original page."""
    field: str = ""
    """Name of the form field; empty if there is none."""
    read: str
    """What was read there; empty if nothing was."""
    verdict: Verdict
    text: str = ""
    """What stands there; empty where nothing can be read, or nothing stands.  Of ``moved``, empty if that is what was
    read."""
    moved_to: Box | None = None
    """Where the number is, if the box in which it was read is wrong."""
    undoes: str = ""
    """Of ``undone``: the ``id`` of what is taken back."""
    blind: bool = False
    """Whether the person did not see what was read."""

    @property
    def place(self) -> Box:
        """Where the number is."""
        return self.moved_to or self.box

    def is_about(self, other: Correction) -> bool:
        """Whether another correction is about the same place."""
        if (self.file, self.page, self.field) != (other.file, other.page, other.field):
            return False
        if self.sha256 and other.sha256 and self.sha256 != other.sha256:
            return False
        return bool(self.field) or is_same_place(self.box, other.box)


def is_same_place(first: Box, second: Box) -> bool:
    """Whether two boxes are of one place."""
    return overlap(first, second) >= _MIN_OVERLAP


def overlap(first: Box, second: Box) -> float:
    """Intersection over union of two boxes, 0-1."""
    width = min(first.right, second.right) - max(first.x, second.x)
    height = min(first.bottom, second.bottom) - max(first.y, second.y)
    shared = max(width, 0) * max(height, 0)
    union = first.width * first.height + second.width * second.height - shared
    return shared / union if union else 0.0


def new_id() -> str:
    """Make an ``id`` that no other correction has."""
    return uuid4().hex


def timestamp() -> str:
    """Now, as ``at`` has it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_line(correction: Correction) -> str:
    """Write a correction as one line of JSON, in ASCII, with its line end; what is at its default is left out."""
    given = {
        key: value
        for key, value in msgspec.to_builtins(correction).items()
        if key not in {"field", "text", "moved_to", "undoes", "blind"} or value
    }
    return json.dumps(given) + "\n"


def from_line(line: str) -> Correction:
    """Read a line that ``to_line`` wrote.

    Raises:
        ValueError: if it is none.
    """
    try:
        found = msgspec.convert(json.loads(line), Correction)
    except (RecursionError, msgspec.ValidationError) as error:
        raise ValueError(str(error)) from error
    if found.page < 1 or min(found.place.width, found.place.height, found.box.width, found.box.height) < 1:
        raise ValueError("the page is below 1, or the box is empty")
    return found
