"""What one reader says stands in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.types import Opinion

if TYPE_CHECKING:
    from scanner.types import Digit


@dataclass(frozen=True, slots=True)
class Claim:
    """What one reader says stands in one place."""

    opinion: Opinion
    digits: tuple[Digit, ...]
    """The digits of the text, left to right; boxes in pixels of the straightened page."""
